"""Kills a command of `manage.py` at chosen steps: as a power cut would, with nothing put in order.

A step is a call that the modules of backups and their commands make, into themselves, into Django
or into the system; it is known by its place in the code, since how many come before may vary. One
process knows Django already and forks for each run, so that a hundred cuts take no longer than a
few starts.
"""

import functools
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

from harness.databases import ROOT
from harness.processes import bound
from harness.waiting import PATIENCE

WATCHED = ("/lib/backups/", "/commands/backup.py", "/commands/restore.py", "/commands/migrate.py")
TOOL, EVENTS = sys.monitoring.PROFILER_ID, sys.monitoring.events


class Cutter:
    """Runs commands for one site, each to its end or to a step of it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            bound([sys.executable, "-m", "tests.running.cutting"]),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def steps(self, *words: str | Path) -> list[str]:
        """Run a command to its end; the places of its steps, in order."""
        status, *steps = self._run("", *words)
        assert status == "0"
        return steps

    def cut(self, step: str, *words: str | Path) -> bool:
        """Run a command up to `step`; whether it was killed there, or else came to its end."""
        (status,) = self._run(step, *words)
        assert status in ("0", str(-signal.SIGKILL))
        return status != "0"

    def _run(self, step: str, *words: str | Path) -> list[str]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\t".join([step, *map(str, words)]) + "\n")
        self.process.stdin.flush()
        # A reply is one line, so that nothing of it can be waiting in our own buffer.
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], "no reply"
        return self.process.stdout.readline().split()


@contextmanager
def cutting(environment: dict[str, str]) -> Iterator[Cutter]:
    cutter = Cutter(environment)
    try:
        yield cutter
    finally:
        cutter.process.communicate(timeout=60)  # its input ends, and so does it


class Steps:
    """Notes the steps of this process, and ends it at one of them, before it is taken."""

    def __init__(self, last: str) -> None:
        self.last = last
        self.places: dict[str, None] = {}  # in order

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Look at each function as it begins or goes on, and at the calls that the watched make."""
        begins = EVENTS.PY_START | EVENTS.PY_RESUME
        sys.monitoring.use_tool_id(TOOL, "steps")
        for event in (EVENTS.PY_START, EVENTS.PY_RESUME):
            sys.monitoring.register_callback(TOOL, event, self.begins)
        sys.monitoring.register_callback(TOOL, EVENTS.CALL, self.calls)
        sys.monitoring.set_events(TOOL, begins)
        try:
            yield
        finally:
            sys.monitoring.set_events(TOOL, 0)
            sys.monitoring.free_tool_id(TOOL)

    def begins(self, code: CodeType, _offset: int) -> None:
        if is_watched(code.co_filename):
            sys.monitoring.set_local_events(TOOL, code, EVENTS.CALL)
        caller = sys._getframe(1).f_back  # whose `with` and `for` call too
        if caller is not None and is_watched(caller.f_code.co_filename):
            self.note(caller)

    def calls(self, _code: CodeType, _offset: int, _called: object, _first: object) -> None:
        self.note(sys._getframe(1))

    def note(self, frame: FrameType) -> None:
        place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}:{frame.f_lasti}"
        self.places[place] = None
        if place == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


@functools.cache
def is_watched(file: str) -> bool:
    return any(part in file for part in WATCHED)


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"
    django.setup()
    for line in sys.stdin:
        step, *words = line.rstrip("\n").split("\t")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            run(step, words, writing)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            steps = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, steps, flush=True)


def run(last: str, words: list[str], told: int) -> None:
    """In the child: carry out the command, and end."""
    from django.core.management import call_command

    steps = Steps(last)
    with Path(os.devnull).open("w") as nowhere:
        try:
            with steps.noted():
                call_command(*words, stdout=nowhere)
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
    if not last:
        os.write(told, " ".join(steps.places).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
