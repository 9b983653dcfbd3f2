"""B7: random pairs of a guest and a reader are merged, with a crash after each write on the way."""

import random
from collections.abc import Iterator

from bench.reliability.report import Options, Row
from harness.experiments.merges import Tally, forget_everyone, merge_a_pair


def run(options: Options) -> Iterator[Row]:
    chance = random.Random(options.seed)  # noqa: S311  # a schedule, not a secret
    tally = Tally()
    forget_everyone()  # another bar may have left its readers
    for _ in range(options.pairs):
        merge_a_pair(chance, tally)
    for line in tally.problems[:20]:
        print("B7:", line)
    yield Row(
        "B7",
        f"{tally.pairs} pairs, {tally.texts:,} texts, {tally.met:,} met another, "
        f"{tally.crashes:,} crashes: one after each write",
        f"{len(tally.problems)} rows changed, lost or left",
        not tally.problems and tally.pairs == options.pairs and tally.crashes > tally.pairs,
    )
