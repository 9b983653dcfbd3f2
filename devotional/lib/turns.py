"""Never so many writers in this process that nobody can read, and on SQLite one at a time.

SQLite lets one connection write at a time. Those that wait ask again at growing intervals, so the
more wait, the longer the last one does; and each holds a thread meanwhile. Taking turns here is
fair and quick. PostgreSQL needs no turns, but a lock that somebody holds there would hold all
threads too. So either way one always stays free for those who only read.
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

    def __init__(self, threads: int, *, one_at_a_time: bool = True) -> None:
        places = max(1, threads - 1)
        self._places = threading.BoundedSemaphore(places)
        self._turn = threading.BoundedSemaphore(1 if one_at_a_time else places)

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
