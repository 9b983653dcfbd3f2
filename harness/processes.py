"""Starting a process that lives on: the kernel ends it when the process that started it is gone.

Tests end their servers themselves. But a run that is killed hard comes to no fixture and no exit
handler any more, and a server that is left over holds its port, its folder and its part of the
machine. Linux alone can be asked for this; elsewhere such a server is left over.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.waiting import eventually

PR_SET_PDEATHSIG = 1

# prctl(PR_SET_PDEATHSIG, …), then the command itself: what was asked for outlasts the exec. Not as
# `preexec_fn`, which may stand still for ever where other threads run.
ENDING_WITH_PARENT = (
    "import ctypes, os, sys; parent, number, *words = sys.argv[1:]; "
    "assert ctypes.CDLL(None).prctl(1, int(number), 0, 0, 0) == 0; "
    "assert os.getppid() == int(parent); "  # it may have been gone before the kernel was asked
    "os.execvp(words[0], words)"
)


def bound(words: Sequence[str | Path], number: signal.Signals = signal.SIGKILL) -> list[str | Path]:
    """The words that start `words` as a process that gets the signal when ours is gone."""
    if sys.platform != "linux":
        return list(words)
    # The kernel means the thread that starts a process, and others end long before we do.
    assert threading.current_thread() is threading.main_thread()
    launcher = [sys.executable, "-ISc", ENDING_WITH_PARENT]
    return [*launcher, str(os.getpid()), str(int(number)), *words]


def ask_for_end(number: signal.Signals) -> None:
    """The same as a `preexec_fn`, for a program without threads that starts another user's."""
    if sys.platform == "linux":
        assert ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) == 0


def start(
    words: Sequence[str | Path],
    *,
    output: Path,
    number: signal.Signals = signal.SIGKILL,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own; what it prints is added to the file `output`.

    To a file, since a pipe that nobody reads fills up and then stops whoever writes to it, and
    since whoever reads our own output would wait for a server that inherited it.
    """
    with output.open("ab") as file:
        return subprocess.Popen(
            bound(words, number),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )


def kill_group(process: subprocess.Popen[Any]) -> None:
    """End a process that was started in a group of its own, and all of the group, at once."""
    if is_group(process.pid):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    wait_for_group(process.pid)


def wait_for_group(group: int) -> None:
    """Wait for the workers as well: until the last is gone, the data folder is still held."""
    eventually(lambda: not is_group(group), 2)


def is_group(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
