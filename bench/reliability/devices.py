"""B6: two devices of one reader under schedules of drops, replays, expiry and offline edits."""

import random
from collections.abc import Iterator

from bench.reliability.report import Options, Row
from harness.experiments.devices import Fates, one_schedule
from harness.http_client import DEVOTIONAL


def run(options: Options) -> Iterator[Row]:
    fates = Fates()
    problems: list[str] = []
    for number in range(options.schedules):
        chance = random.Random(f"{options.seed}/{number}")  # noqa: S311  # a seed to run it again
        wrong = one_schedule(chance, fates, DEVOTIONAL, "opening", "becoming")
        problems += [f"schedule {number}: {line}" for line in wrong]
    for line in problems[:10]:
        print("B6:", line)
    yield Row(
        "B6",
        f"{options.schedules:,} schedules of two devices: {fates}",
        f"{len(problems)} texts lost or other problems",
        not problems,
    )
