"""Whatever is sent to any address, by any method: an answer in words, and none of 5xx (B3).

A few inputs for each, the same each time; `make bench-reliability ARGS="--only B3"` sends 300.
"""

import threading
from pathlib import Path

from harness.experiments.endpoints import METHODS, Tally, ask_all
from harness.full_reader import site_to_furnish
from harness.routes import ROUTES
from tests.reliability.conftest import SEED


def test_odd_requests_are_answered(tmp_path: Path) -> None:
    tally = Tally()
    # What erases comes last: each of them costs a reader with all that they have.
    methods = sorted(METHODS, key=lambda method: method == "POST")
    tasks = [(name, method) for method in methods for name in sorted(ROUTES)]
    with site_to_furnish(tmp_path / "site") as (site, mailbox):
        ask_all(site, mailbox, threading.Lock(), tasks, tally, inputs=1, seed=SEED)
    assert tally.wrong == []
    assert sum(tally.answers.values()) + tally.limited == len(tasks)
    assert {200, 302, 404, 405} <= set(tally.answers)
