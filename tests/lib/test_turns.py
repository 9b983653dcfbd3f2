"""Writers take turns, and leave a thread for those who read."""

import threading
import time

import pytest

from devotional.lib import turns
from devotional.lib.turns import NoTurn, Turns


def test_one_at_a_time() -> None:
    line, inside, most = Turns(9), [], 0

    def write() -> None:
        nonlocal most
        with line.take():
            inside.append(1)
            most = max(most, len(inside))
            time.sleep(0.01)
            inside.pop()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert most == 1


def test_the_last_thread_is_never_made_to_wait() -> None:
    line = Turns(3)
    waiting = threading.Thread(target=lambda: line.take().__enter__(), daemon=True)
    with line.take():
        waiting.start()
        time.sleep(0.05)
        began = time.monotonic()
        with pytest.raises(NoTurn), line.take():
            pass
        assert time.monotonic() - began < 1


def test_a_turn_that_does_not_come_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    line = Turns(4)
    with line.take(), pytest.raises(NoTurn), line.take():
        pass
    with line.take():  # and nothing is left held
        pass


def test_one_thread_still_writes() -> None:
    with Turns(1).take():
        pass
