"""Whatever is sent to any address, by any method: an answer in words, and none of 5xx (B3).

A few inputs for each, the same each time; `make bench-reliability ARGS="--only B3"` sends 300.
"""

import threading
from collections.abc import Iterator

import pytest

from harness.experiments.endpoints import METHODS, Tally, ask_all
from harness.full_reader import site_to_furnish
from harness.mailbox import Mailbox
from harness.routes import ROUTES
from harness.site import Site
from tests.reliability.conftest import SEED

# Those that may change something stand by themselves, since they cost a reader now and then.
PARTS = {"GET HEAD": {200, 302, 404}, "DELETE OPTIONS PATCH PUT TRACE": {405}, "POST": {302, 404}}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Mailbox]]:
    with site_to_furnish(tmp_path_factory.mktemp("odd")) as both:
        yield both


def test_each_method_is_tried() -> None:
    assert sorted(" ".join(PARTS).split()) == sorted(METHODS)


@pytest.mark.parametrize("methods", PARTS)
def test_odd_requests_are_answered(methods: str, place: tuple[Site, Mailbox]) -> None:
    site, mailbox = place
    tally = Tally()
    tasks = [(name, method) for method in methods.split() for name in sorted(ROUTES)]
    ask_all(site, mailbox, threading.Lock(), tasks, tally, inputs=1, seed=SEED)
    assert tally.wrong == []
    assert sum(tally.answers.values()) + tally.limited == len(tasks)
    assert PARTS[methods] <= set(tally.answers)
