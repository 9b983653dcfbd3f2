"""Limits how many threads of this process write at once, so that one is always free to read.

SQLite lets one connection write at a time. Those that wait ask again at growing intervals, so the
more wait, the longer the last one does, and each holds a thread meanwhile. A queue here is fair and
quick. PostgreSQL takes many writers, but a lock that somebody holds there would hold all threads.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

SHORT_WAIT = 0.25  # seconds that the last free thread may be spent on waiting for a place
PATIENCE = 5.0  # seconds to wait in the queue; then it is better to say so


class TooBusyError(OperationalError):
    """Too many are writing just now; nothing is wrong with the database."""


class WriteLimiter:
    """For a process of `threads` threads: `one_at_a_time`, or all but one of them."""

    def __init__(self, threads: int, *, one_at_a_time: bool = True) -> None:
        places = max(1, threads - 1)
        self._places = threading.BoundedSemaphore(places)
        self._writers = threading.BoundedSemaphore(1 if one_at_a_time else places)

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait for a place and hold it. Raises TooBusyError where none is free soon enough."""
        began = time.monotonic()
        if not self._places.acquire(timeout=SHORT_WAIT):
            raise TooBusyError
        try:
            left = max(0.0, began + PATIENCE - time.monotonic())
            if not self._writers.acquire(timeout=left):
                raise TooBusyError
            try:
                yield
            finally:
                self._writers.release()
        finally:
            self._places.release()
