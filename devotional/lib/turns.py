"""One writer at a time in this process, and never so many waiting that nobody can read.

SQLite lets one connection write at a time. Those that wait ask again at growing intervals, so the
more wait, the longer the last one does; and each holds a thread meanwhile. Taking turns here is
fair and quick, and one thread always stays free for those who only read.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

SHORT_WAIT = 0.25  # seconds that the last free thread may be spent on waiting for a place
PATIENCE = 5.0  # seconds to wait for a turn; then it is better to say so


class NoTurn(OperationalError):
    """Too many are writing just now; nothing is wrong with the database."""


class Turns:
    """For a process of `threads` threads."""

    def __init__(self, threads: int) -> None:
        self._places = threading.BoundedSemaphore(max(1, threads - 1))
        self._turn = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold the turn. Raises NoTurn where it can't be had soon enough."""
        if not self._places.acquire(timeout=SHORT_WAIT):
            raise NoTurn
        try:
            if not self._turn.acquire(timeout=PATIENCE):
                raise NoTurn
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()
