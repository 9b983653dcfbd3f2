"""Never so many writers in this process that nobody can read, and on SQLite one at a time.

SQLite lets one connection write at a time. Those that wait ask again at growing intervals, so the
more wait, the longer the last one does; and each holds a thread meanwhile. Taking turns here is
fair and quick, and so it is between processes, by a file. PostgreSQL needs no turns, but a lock
that somebody holds there would hold all threads too. So either way one always stays free for those
who only read.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.db import OperationalError

SHORT_WAIT = 0.25  # seconds that the last free thread may be spent on waiting for a place
PATIENCE = 5.0  # seconds to wait for a turn; then it is better to say so
ASK_EVERY = 0.0002  # seconds between two looks at what another process holds; a save takes 0.003


class NoTurn(OperationalError):
    """Too many are writing just now; nothing is wrong with the database."""


class Turns:
    """For a process of `threads` threads; one at a time also with others that know of `door`."""

    def __init__(
        self, threads: int, *, one_at_a_time: bool = True, door: "Door | None" = None
    ) -> None:
        places = max(1, threads - 1)
        self._places = threading.BoundedSemaphore(places)
        self._turn = threading.BoundedSemaphore(1 if one_at_a_time else places)
        self._door = door if one_at_a_time else None

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold the turn. Raises NoTurn where it can't be had soon enough."""
        if not self._places.acquire(timeout=SHORT_WAIT):
            raise NoTurn
        try:
            until = time.monotonic() + PATIENCE
            if not self._turn.acquire(timeout=PATIENCE):
                raise NoTurn
            try:
                with self._door.inside(until) if self._door else nullcontext():
                    yield
            finally:
                self._turn.release()
        finally:
            self._places.release()


class Door:
    """A file by which processes go in one after the other, each with one thread at a time.

    Whoever is inside holds one byte of it, and whoever comes next another: so a process with many
    in its line can't go in again past one that waits. The system lets go of what a killed process
    held. Where there is no such file to be had, there is no door, and SQLite keeps the order.
    """

    INSIDE, NEXT = 0, 1  # bytes

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    @contextmanager
    def inside(self, until: float) -> Iterator[None]:
        """Be the only one inside. Raises NoTurn where that can't be by `until`, monotonic."""
        try:
            descriptor = self._opened()
            hold(descriptor, self.NEXT, until)
        except OSError:
            yield
            return
        try:
            hold(descriptor, self.INSIDE, until)
        finally:
            let_go(descriptor, self.NEXT)
        try:
            yield
        finally:
            let_go(descriptor, self.INSIDE)

    def _opened(self) -> int:
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._file, flags, mode=0o600)
        return self._descriptor


def hold(descriptor: int, byte: int, until: float) -> None:
    """Raises NoTurn where another process holds that byte for too long."""
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):
            if time.monotonic() > until:
                raise NoTurn from None
            time.sleep(ASK_EVERY)
        else:
            return


def let_go(descriptor: int, byte: int) -> None:
    fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, byte)
