"""B3, the half about addresses: whatever is sent to any of them, the answer is none of 5xx."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.reliability.report import Options, Row
from harness.experiments.endpoints import METHODS, Tally, ask_all
from harness.full_reader import site_to_furnish
from harness.routes import ROUTES

THREADS = 3


def run(options: Options) -> Iterator[Row]:
    with site_to_furnish(Path(options.folder) / "endpoints") as (site, mailbox):
        tasks = [(name, method) for name in sorted(ROUTES) for method in METHODS]
        random.Random(options.seed).shuffle(tasks)  # noqa: S311  # not for secrets
        tallies = [Tally() for _ in range(THREADS)]
        lock = threading.Lock()
        threads = [
            threading.Thread(
                target=ask_all,
                args=(site, mailbox, lock, tasks[number::THREADS], tally),
                kwargs={"inputs": options.inputs, "seed": options.seed},
            )
            for number, tally in enumerate(tallies)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    answers = sum((tally.answers for tally in tallies), Counter())
    wrong = [line for tally in tallies for line in tally.wrong]
    limited = sum(tally.limited for tally in tallies)
    for line in wrong[:20]:
        print("B3:", line)
    yield Row(
        "B3",
        f"{options.inputs} odd inputs on each of {len(ROUTES)} addresses × {len(METHODS)} methods",
        f"{sum(answers.values()):,} answers, {len(wrong)} of 5xx or none; beside them {limited} "
        f"downloads asked to wait; {dict(sorted(answers.items()))}",
        not wrong and sum(answers.values()) + limited == options.inputs * len(tasks),
    )
