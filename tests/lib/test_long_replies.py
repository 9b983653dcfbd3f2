"""Replies that take long: few at once, one to each reader, and none that only holds a thread."""

import time
from collections.abc import Iterator

import pytest

from devotional.lib.long_replies import Places, TooSlowError
from devotional.lib.write_limiter import TooBusyError


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test sets by hand, in seconds."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def parts(size: int = 64 * 1024) -> Iterator[bytes]:
    while True:
        yield b"x" * size


def test_half_of_the_threads_at_most() -> None:
    places = Places(4)
    held = [places.take(parts(), who=who) for who in ("one", "two")]
    with pytest.raises(TooBusyError):
        places.take(parts(), who="three")
    held[0].close()
    held[0].close()  # once only
    places.take(parts(), who="three")
    with pytest.raises(TooBusyError):
        places.take(parts(), who="four")


def test_one_to_each_reader() -> None:
    places = Places(16)
    held = places.take(parts(), who="one")
    with pytest.raises(TooBusyError):
        places.take(parts(), who="one")
    held.close()
    places.take(parts(), who="one").close()


def test_one_place_where_there_is_one_thread() -> None:
    places = Places(1)
    places.take(parts(), who="one")
    with pytest.raises(TooBusyError):
        places.take(parts(), who="two")


def test_a_reply_that_is_hardly_taken_ends(clock: list[float]) -> None:
    held = Places(4).take(parts(), who="one")
    for _part in range(5):
        next(held)
        clock[0] += 15  # 4 KB a second
    next(held)
    clock[0] += 100  # less than 1
    with pytest.raises(TooSlowError):
        next(held)


def test_a_slow_network_is_fast_enough_for_as_long_as_it_takes(clock: list[float]) -> None:
    held = Places(4).take(parts(), who="one")
    for _part in range(1000):
        next(held)
        clock[0] += 50
