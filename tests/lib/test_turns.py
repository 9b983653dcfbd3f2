"""Writers take turns, and leave a thread for those who read."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devotional.lib import turns
from devotional.lib.turns import Door, NoTurn, Turns
from harness.processes import bound
from harness.site import ROOT
from harness.waiting import PATIENCE, eventually

# Another process, whose threads go in again and again, and note it each time.
OTHER = """
import sys, threading, time
from pathlib import Path
from devotional.lib.turns import Door, Turns

folder, stay = Path(sys.argv[1]), float(sys.argv[2])
line = Turns(9, door=Door(folder / "door"))

def write():
    while True:
        with line.take(), (folder / "log").open("a") as log:
            log.write("in\\n"), log.flush()
            time.sleep(stay)  # what is written meanwhile takes this long
            log.write("out\\n"), log.flush()

for _ in range(4):
    threading.Thread(target=write).start()
"""


@contextmanager
def another_process(folder: Path, *, stay: float) -> Iterator[subprocess.Popen[bytes]]:
    """One that writes without a pause, `stay` seconds each time; inside when this is entered."""
    command = [sys.executable, "-c", OTHER, str(folder), str(stay)]
    process = subprocess.Popen(bound(command), cwd=ROOT)
    try:
        assert eventually((folder / "log").exists)
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


def test_one_at_a_time() -> None:
    line, inside, most = Turns(9), [], 0

    def write() -> None:
        nonlocal most
        with line.take():
            inside.append(1)
            most = max(most, len(inside))
            time.sleep(0.01)  # as long as a save takes, so that others would come in meanwhile
            inside.pop()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE)
    assert most == 1


def test_the_last_thread_is_never_made_to_wait() -> None:
    line = Turns(3)
    waiting = threading.Thread(target=lambda: line.take().__enter__(), daemon=True)
    with line.take():
        waiting.start()
        assert eventually(lambda: line._places._value == 0)
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


def test_one_at_a_time_among_processes_and_nobody_is_passed_over(tmp_path: Path) -> None:
    """The other has four threads in its line, and each time only one of them goes first."""
    line = Turns(2, door=Door(tmp_path / "door"))
    log = tmp_path / "log"
    before_us = []
    with another_process(tmp_path, stay=0.005):
        for _ in range(21):
            came = log.read_text().count("in")
            with line.take():
                notes = log.read_text().split()
                time.sleep(0.005)  # as long as the other stays when it is inside
                assert log.read_text().split() == notes
                assert notes[-1] == "out"
            before_us.append(notes.count("in") - came)
    # The one who is inside as we come, perhaps, and one who came before; rarely more, where the
    # machine let us wait before we had come.
    assert sum(before_us) > 0
    assert sorted(before_us)[10] <= 2


def test_what_a_killed_process_held_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Turns(2, door=Door(tmp_path / "door"))
    with another_process(tmp_path, stay=60) as other:
        monkeypatch.setattr(turns, "PATIENCE", 0.05)
        for _ in range(2):  # what was held on the way is let go
            with pytest.raises(NoTurn), line.take():
                pass
        monkeypatch.undo()
        other.kill()
        with line.take():
            pass


def test_without_a_door_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "door").mkdir()
    for file in (tmp_path / "door", tmp_path / "gone" / "door"):
        with Turns(2, door=Door(file)).take():
            pass


def test_what_fails_inside_leaves_the_door_open(tmp_path: Path) -> None:
    line = Turns(2, door=Door(tmp_path / "door"))
    for _ in range(2):
        with pytest.raises(OSError, match="full"), line.take():
            raise OSError("The disk is full.")
    with another_process(tmp_path, stay=0.001):
        pass
    assert (tmp_path / "log").exists()
