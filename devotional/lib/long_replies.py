"""Replies that are sent for as long as the other side takes, and never by every thread.

A reply holds its thread until the last part of it is taken. A phone that stalls in a tunnel would
hold it for minutes, and a few of them would be a site that answers nobody. So few are sent at once
and one to each reader. Where nothing is taken for a minute the connection is ended
(`web_server.STALLED_SECONDS`), and where next to nothing is, the reply is ended here.
"""

import threading
import time
from collections.abc import Callable, Iterator

from devotional.lib.write_limiter import TooBusyError

PACE = 1024  # bytes a second: a tenth of what the slowest phone network carries
LOOK_EVERY = 60.0  # seconds over which the pace is measured


class TooSlowError(ConnectionError):
    """The other side takes so little that it only holds a thread. What was sent is cut off."""


class Places:
    """For a process of `threads` threads: half of them may send long replies, at least one."""

    def __init__(self, threads: int) -> None:
        self._most = max(1, threads // 2)
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def take[T: bytes | str](self, parts: Iterator[T], *, who: str) -> "Held[T]":
        """`parts`, with a place that is held until they are closed.

        Raises TooBusyError where no place is free, or `who` has one already.
        """
        with self._lock:
            if who in self._taken or len(self._taken) >= self._most:
                raise TooBusyError
            self._taken.add(who)
        return Held(parts, lambda: self._taken.discard(who))


class Held[T: bytes | str]:
    """The parts of one reply. Whoever sends them closes them, also where nobody took them all."""

    def __init__(self, parts: Iterator[T], give_back: Callable[[], None]) -> None:
        self._parts = parts
        self._give_back: Callable[[], None] | None = give_back
        self._looked_at = time.monotonic()
        self._since = 0  # bytes, or letters, since then

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        """The next part. Raises TooSlowError where those before were hardly taken."""
        if (passed := time.monotonic() - self._looked_at) > LOOK_EVERY:
            if self._since < passed * PACE:
                raise TooSlowError
            self._looked_at, self._since = time.monotonic(), 0
        part = next(self._parts)
        self._since += len(part)
        return part

    def close(self) -> None:
        """Give the place back, once."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()
