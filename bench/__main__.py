"""Measures the site and prints tables: `make bench`.

    load        answers a second beside the plainest that the same server could give (4 minutes)
    weight      what a phone loads and how soon, and Lighthouse (4 minutes)
    interface   taps, controls, words and heights that a person meets (1 minute)
    population  panel, save and journal with 10, 1,000 and 100,000 readers (10 minutes)
    steady      100 saves a second for ten minutes (11 minutes)

Servers listen on 127.0.0.1, on folders that are thrown away. Without a name: load and weight.
"""

import argparse
import sys
import time

from bench import machine

PARTS = ("load", "weight", "interface", "population", "steady")


def main() -> int:
    arguments = parsed()
    print(machine.about(), flush=True)
    good = True
    for part in arguments.parts or ["load", "weight"]:
        began = time.monotonic()
        table, met = run(part, arguments)
        good = good and met
        print(f"\n{part} ({time.monotonic() - began:.0f} s)\n{table}", flush=True)
    return 0 if good else 1


def run(part: str, arguments: argparse.Namespace) -> tuple[str, bool]:
    """The table of one part, and whether all in it is as it should be."""
    match part:
        case "load":
            from bench.load.compare import compare

            return compare(rounds=arguments.rounds, seconds=arguments.seconds)
        case "weight":
            from bench.weight.report import weight

            return weight(with_lighthouse=not arguments.without_lighthouse)
        case "interface":
            from bench.interface import interface

            return interface()
        case "population":
            from bench.load.flat import flat

            readers = arguments.readers or [10, 1_000, 100_000]
            return flat(readers, rounds=arguments.rounds, seconds=arguments.seconds)
        case "steady":
            from bench.load.steady import steady

            return steady(rate=arguments.rate, minutes=arguments.minutes)
    raise ValueError(part)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--seconds", type=int, default=3, help="how long, each time")
    parser.add_argument("--without-lighthouse", action="store_true", help="weigh only")
    parser.add_argument("--readers", type=int, action="append", help="a population; repeatable")
    parser.add_argument("--rate", type=int, default=100, help="saves a second, for steady")
    parser.add_argument("--minutes", type=float, default=10, help="how long, for steady")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))} to measure")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
