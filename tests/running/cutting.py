"""Kills a command of `manage.py` at chosen steps: as a power cut would, with nothing put in order.

A step is a call that the modules of backups and their commands make, into themselves, into Django
or into the system. One process knows Django already and forks for each run, so that a hundred cuts
take no longer than a few starts.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tests.databases import ROOT

WATCHED = ("/lib/backups/", "/commands/backup.py", "/commands/restore.py", "/commands/migrate.py")


class Cutter:
    """Runs commands for one site, each to its end or to a step of it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.running.cutting"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def steps(self, *words: str | Path) -> list[int]:
        """Run a command to its end. Of its steps those that had not been taken before."""
        status, *steps = self._run(0, *words)
        assert status == 0
        return steps

    def cut(self, step: int, *words: str | Path) -> bool:
        """Run a command up to `step`; whether it was killed there, or else came to its end."""
        (status,) = self._run(step, *words)
        assert status in (0, -signal.SIGKILL)
        return status != 0

    def _run(self, step: int, *words: str | Path) -> list[int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\t".join([str(step), *map(str, words)]) + "\n")
        self.process.stdin.flush()
        return [int(number) for number in self.process.stdout.readline().split()]


@contextmanager
def cutting(environment: dict[str, str]) -> Iterator[Cutter]:
    cutter = Cutter(environment)
    try:
        yield cutter
    finally:
        cutter.process.communicate(timeout=60)  # its input ends, and so does it


class Steps:
    """Counts the steps of this process, and ends it at one of them."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0
        self.places: dict[tuple[str, int], int] = {}

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event not in ("call", "c_call"):
            return
        file = frame.f_code.co_filename
        if not any(part in file for part in WATCHED):
            return
        self.count += 1
        self.places.setdefault((file, frame.f_lineno), self.count)
        if self.count == self.last:
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
            run(int(step), words, writing)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            steps = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, steps, flush=True)


def run(last: int, words: list[str], told: int) -> None:
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
    if last == 0:
        os.write(told, " ".join(map(str, sorted(steps.places.values()))).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
