"""What the processes of one test run share: a folder, and what the first of them made in it.

The process that begins a run names the folder in the environment of those that it starts, and
removes it at the end. Whoever runs alone, as a bench does, has one of its own.
"""

import atexit
import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.waiting import eventually

VARIABLE = "DEVOTIONAL_TEST_RUN"
LONGEST = 160  # seconds to wait for what another process is making


def begin() -> Callable[[], None]:
    """Begin a run, unless this process is part of one; how to end it."""
    if os.environ.get(VARIABLE):
        return lambda: None
    made = tempfile.mkdtemp(prefix="devotional-run-")
    os.environ[VARIABLE] = made

    def end() -> None:
        del os.environ[VARIABLE]
        shutil.rmtree(made, ignore_errors=True)

    return end


@functools.cache
def own_folder() -> Path:
    made = tempfile.mkdtemp(prefix="devotional-run-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def folder() -> Path:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else own_folder()


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name, made by whoever comes first; the others wait for it."""
    place = folder() / name
    with locked(place.with_suffix(".lock")):
        if not place.exists():
            # Made aside: one that failed or was killed at it leaves nothing half made.
            aside = place.with_suffix(".new")
            shutil.rmtree(aside, ignore_errors=True)
            make(aside)
            aside.rename(place)
    return place


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Be the only process here. The lock of a process that is killed is free again."""
    with file.open("w") as held:

        def taken() -> bool:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        assert eventually(taken, LONGEST), f"{file} is held by another process"
        yield
