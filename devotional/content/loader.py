"""The door of this package: `current_library()` for pages, and what it is made of.

It notices changed files within a second of being asked and reads only those. It never raises for
bad content and never makes a page wait for another's reading. How a file is read is in `reading`,
and what is shown in place of a broken one in `shelf`.
"""

import logging
import threading
import time
from pathlib import Path

from django.conf import settings

from .library import Library
from .problems import ContentError
from .reading import read_devotional
from .shelf import Shelf, Snapshot, look

__all__ = [
    "ContentError",
    "current_library",
    "forget_library",
    "load_library",
    "read_devotional",
]

logger = logging.getLogger("devotional.content")

LOOK_EVERY = 1.0  # seconds between two looks at the folder
SETTLE = 0.05  # seconds that a folder must stay the same: saving isn't always one step
SETTLE_TRIES = 6

type Key = tuple[Path | str, Path | str | None]


def load_library(
    folder: Path, *, last_good: Path | None, previous: Library | None = None
) -> Library:
    """Every devotional in `folder`; where a file is broken, its text from `previous` or its copy.

    The problems are in `Library.problems`, and those that `previous` didn't have in the log.
    """
    return Shelf(folder, last_good).load(previous)


def current_library() -> Library:
    """The library as the files are now, or were a second ago."""
    return _watch_of(settings.CONTENT_DIR, getattr(settings, "CONTENT_LAST_GOOD", None)).current()


def forget_library() -> None:
    """Read everything afresh at the next call. For tests."""
    global _watch
    with _making:
        _watch = None


class _Watch:
    """One folder, read by one thread at a time while the others go on with what there is."""

    def __init__(self, key: Key) -> None:
        self.key = key
        folder, last_good = key
        self._shelf = Shelf(Path(folder), Path(last_good) if last_good else None)
        self._library: Library | None = None
        self._snapshot: Snapshot | None = None
        self._next_look = 0.0
        self._reading = threading.Lock()

    def current(self) -> Library:
        library = self._library
        if library is None:
            with self._reading:  # nothing to show yet, so the first callers wait together
                if self._library is None:
                    self._read()
                return self._library or Library()
        if time.monotonic() >= self._next_look and self._reading.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._reading.release()
        return self._library or library

    def _look(self) -> None:
        if time.monotonic() < self._next_look:
            return  # another thread has just looked
        if look(self._shelf.folder) == self._snapshot:
            self._next_look = time.monotonic() + LOOK_EVERY
            return
        self._wait_until_settled()
        self._read()

    def _read(self) -> None:
        # Taken before reading: a change during it is seen at the next look.
        self._snapshot = look(self._shelf.folder)
        try:
            self._library = self._shelf.load(self._library)
        except Exception:
            logger.exception("the devotionals can't be read again; the last ones stay up")
            self._library = self._library or Library()
        self._next_look = time.monotonic() + LOOK_EVERY

    def _wait_until_settled(self) -> None:
        """Some editors write a file in two steps, or remove it and make it anew."""
        before = look(self._shelf.folder)
        for _ in range(SETTLE_TRIES):
            time.sleep(SETTLE)
            now = look(self._shelf.folder)
            if now == before:
                return
            before = now


_watch: _Watch | None = None
_making = threading.Lock()


def _watch_of(folder: Path | str, last_good: Path | str | None) -> _Watch:
    """The process's one watch; another where the settings name another folder (in tests).

    The two are compared as the settings hold them: this runs for each request, and a path made anew
    for it would be most of what a page from memory costs.
    """
    global _watch
    key = (folder, last_good)
    watch = _watch
    if watch is None or watch.key != key:
        with _making:
            if _watch is None or _watch.key != key:
                _watch = _Watch(key)
            watch = _watch
    return watch
