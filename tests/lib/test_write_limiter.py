"""Writers queue, and leave a thread for those who read."""

import threading
import time

import pytest

from devotional.lib import write_limiter
from devotional.lib.write_limiter import TooBusyError, WriteLimiter
from harness.waiting import PATIENCE, eventually


def test_one_at_a_time() -> None:
    limiter, inside = WriteLimiter(4), []

    def write() -> None:
        with limiter.enter():
            inside.append(limiter._writers._value)

    writers = [threading.Thread(target=write) for _ in range(2)]
    with limiter.enter():
        for writer in writers:
            writer.start()
        assert eventually(lambda: limiter._places._value == 0)  # both have come, and wait
        assert inside == []
    for writer in writers:
        writer.join(PATIENCE)
    assert inside == [0, 0]


def test_several_at_a_time_where_the_database_takes_them() -> None:
    limiter = WriteLimiter(3, one_at_a_time=False)
    with limiter.enter(), limiter.enter(), pytest.raises(TooBusyError), limiter.enter():
        pass


def test_the_last_thread_is_never_made_to_wait() -> None:
    limiter = WriteLimiter(3)
    waiting = threading.Thread(target=lambda: limiter.enter().__enter__(), daemon=True)
    with limiter.enter():
        waiting.start()
        assert eventually(lambda: limiter._places._value == 0)
        began = time.monotonic()
        with pytest.raises(TooBusyError), limiter.enter():
            pass
        assert time.monotonic() - began < 1


def test_a_place_that_does_not_come_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_limiter, "PATIENCE", 0.05)
    limiter = WriteLimiter(4)
    with limiter.enter(), pytest.raises(TooBusyError), limiter.enter():
        pass
    with limiter.enter():  # and nothing is left held
        pass


def test_one_thread_still_writes() -> None:
    with WriteLimiter(1).enter():
        pass


def test_what_fails_inside_leaves_the_place_free() -> None:
    limiter = WriteLimiter(1)
    for _ in range(2):
        with pytest.raises(OSError, match="full"), limiter.enter():
            raise OSError("The disk is full.")
