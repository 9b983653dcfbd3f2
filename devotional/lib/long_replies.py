"""Replies that are sent for as long as the other side takes, and never by every thread.

A reply holds its thread until the last part of it is taken. A phone that stalls in a tunnel holds
it for minutes, and a few of them would be a site that answers nobody.
"""

import threading
from collections.abc import Iterator

from devotional.lib.turns import NoTurn


class Places:
    """For a process of `threads` threads: half of them may send long replies, at least one."""

    def __init__(self, threads: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, threads // 2))

    def take[T](self, parts: Iterator[T]) -> "Held[T]":
        """`parts`, with a place that is held until they are closed. Raises NoTurn where none is."""
        if not self._free.acquire(blocking=False):
            raise NoTurn
        return Held(parts, self._free)


class Held[T]:
    """The parts of one reply. Whoever sends them closes them, also where nobody took them all."""

    def __init__(self, parts: Iterator[T], place: threading.BoundedSemaphore) -> None:
        self._parts = parts
        self._place: threading.BoundedSemaphore | None = place

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return next(self._parts)

    def close(self) -> None:
        """Give the place back, once."""
        place, self._place = self._place, None
        if place is not None:
            place.release()
