"""Kills a command of `manage.py` at chosen steps: as a power cut would, with nothing put in order.

A step is a call that the modules of backups and their commands make, into themselves, into Django
or into the system; it is known by its place in the code, since how many come before may vary. One
process knows Django already and forks for each run, so that a hundred cuts take no longer than a
few starts.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from harness.databases import ROOT
from harness.processes import bound
from harness.waiting import PATIENCE

WATCHED = ("/lib/backups/", "/commands/backup.py", "/commands/restore.py", "/commands/migrate.py")


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

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event not in ("call", "c_call"):
            return
        # The call of a function is told in the function's own frame, that of C in the caller's.
        caller = frame.f_back if event == "call" else frame
        if caller is None or not any(part in caller.f_code.co_filename for part in WATCHED):
            return
        place = f"{Path(caller.f_code.co_filename).name}:{caller.f_lineno}:{caller.f_lasti}"
        self.places[place] = None
        if place == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


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
        sys.setprofile(steps)
        try:
            call_command(*words, stdout=nowhere)
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        finally:
            sys.setprofile(None)
    if not last:
        os.write(told, " ".join(steps.places).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
