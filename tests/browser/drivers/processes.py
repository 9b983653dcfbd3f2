"""Browsers and what they need, as processes that end with the test that started them.

Each is the head of a group of processes of its own, so that none of its children outlives it; and
where the test process itself is killed, the kernel kills the head (`harness.processes`).
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from harness import processes
from tests.browser.drivers.driver import START, DriverError

ENDING = 5.0  # seconds between asking a process to end and killing it


def start(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    return processes.start(command, output=log, env=environment, pass_fds=pass_fds)


def wait_for_start[Sign](
    process: subprocess.Popen[bytes], log: Path, look: Callable[[], Sign | None]
) -> Sign:
    """Wait for the sign that a process is ready. Ends it and raises DriverError without one."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        sign = look()
        if sign is not None:
            return sign
        time.sleep(0.05)
    why = "ended" if process.poll() is not None else f"was not ready within {START:.0f} s"
    stop(process)
    said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise DriverError(f"{process.args!r} {why}:\n{said}")


def stop(process: subprocess.Popen[bytes], *, ask: bool = True) -> None:
    """End a process and its whole group: ask, and after `ENDING` seconds, or at once, kill."""
    if ask and process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING)
    kill(process)
    process.wait(ENDING)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started, whatever they are doing."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kill a process if what is done inside takes longer.

    Whoever waits there for an answer of it then hears that it is gone, also where the library that
    waits knows no deadline.
    """
    watch = threading.Timer(seconds, kill, [process])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
