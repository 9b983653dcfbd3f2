"""Runs the bars of reliability and prints one table: `make bench-reliability`.

Each bar starts servers of its own on 127.0.0.1, in folders that are thrown away. A seed runs the
same schedule again: `make bench-reliability ARGS="--only B1 --kills 20 --seed 7"`. Where
TEST_DATABASE_URL names a PostgreSQL server, everything runs on that: `make bench-postgres`.
"""

import argparse
import logging
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "harness.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from bench.reliability import (  # noqa: E402
    backups,
    canaries,
    cuts,
    devices,
    endpoints,
    kills,
    merges,
    restarts,
    save_cost,
    texts,
    unwritable,
)
from bench.reliability.report import Options, Row, table  # noqa: E402
from devotional.lib.encryption import ensure_key_ring  # noqa: E402
from harness.databases import SERVER, make  # noqa: E402

BARS: dict[str, Callable[[Options], Iterator[Row]]] = {
    "B1": kills.run,
    "cuts": cuts.run,
    "B2": restarts.run,
    "B3": lambda options: chain(texts.run(options), endpoints.run(options)),
    "B5": canaries.run,
    "B6": devices.run,
    "B7": merges.run,
    "B8": backups.run,
    "B9": unwritable.run,
    "cost": save_cost.run,
}


ON_FILES = ("B5",)  # look into the bytes of SQLite's files and journals


def main() -> int:
    arguments = parsed()
    seed: int = arguments.seed if arguments.seed is not None else secrets.randbelow(2**32)
    print(f"seed {seed}", flush=True)
    prepare()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="devotional-bench-") as folder:
        for name in arguments.only or (bar for bar in BARS if not SERVER or bar not in ON_FILES):
            own = Path(folder) / name
            own.mkdir()
            amounts = {key: value for key, value in vars(arguments).items() if key in AMOUNTS}
            began = time.monotonic()
            try:
                rows += BARS[name](Options(folder=own, seed=seed, **amounts))
            except Exception as error:  # a bar that can't be run is a bar not met
                rows.append(Row(name, "stopped early", f"{type(error).__name__}: {error}", False))
            print(f"{name} took {time.monotonic() - began:.0f} s", flush=True)
    print(f"\n{table(rows)}\n\nseed {seed}")
    return 0 if rows and all(row.met for row in rows) else 1


def prepare() -> None:
    """Make what the bars that run in this very process need: a database file, keys, a content."""
    logging.disable(logging.CRITICAL)  # refusals are what is looked for here, not news
    setup_test_environment(debug=False)
    ensure_key_ring(settings.KEY_RING)
    if SERVER:
        make(settings.DATABASES["default"]["NAME"])
    call_command("migrate", interactive=False, verbosity=0)


AMOUNTS = (
    *("kills", "saves", "restarts", "texts", "inputs"),
    *("schedules", "pairs", "writers", "backups"),
)


def parsed() -> argparse.Namespace:
    usual = Options(folder=Path(), seed=0)
    parser = argparse.ArgumentParser(prog="make bench-reliability", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(BARS), help="one bar; repeatable")
    parser.add_argument("--seed", type=int, help="run what another run ran")
    for name in AMOUNTS:
        parser.add_argument(f"--{name}", type=int, default=getattr(usual, name))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
