"""What pages are made from besides their text: our templates and the list of static files.

A worker renders a page once and keeps it, and Django keeps each template that it has read. So each
worker looks now and then whether one of those files is another, and then reads them anew. What is
written in `content/` has a watch of its own.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template import engines
from django.template.backends.django import DjangoTemplates

from .static import read_static_files_anew

logger = logging.getLogger("devotional.sources")

LOOK_EVERY = 1.5  # seconds between two looks
SETTLED = 1.0  # seconds without a change: static files are collected one by one, compressed last

type Look = tuple[tuple[str, int, int], ...]


class _Watch:
    """The files as they were last seen, and a number for each time that they had changed."""

    def __init__(self) -> None:
        self.version = 0
        self._seen = self._last = look()
        self._next_look = time.monotonic() + LOOK_EVERY
        self._looking = threading.Lock()

    def current(self) -> int:
        if time.monotonic() >= self._next_look and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self.version

    def _look(self) -> None:
        now = look()  # before reading: a change during it is seen the next time
        if now != self._seen and (now == self._last or is_settled(now)):
            logger.info("templates or static files have changed, and are read anew")
            try:
                read_templates_anew()
                read_static_files_anew()
            except Exception as error:  # a list that is half written; the next look finds it whole
                logger.error("they can't be read: %s", type(error).__name__)
            else:
                self._seen = now
                self.version += 1
        self._last = now
        self._next_look = time.monotonic() + LOOK_EVERY


_watch: _Watch | None = None
_making = threading.Lock()


def sources_version() -> int:
    """Another number after each change of a template or of the list of static files."""
    watch = _watch
    return watch.current() if watch else _begin().version


def forget_sources() -> None:
    """Begin anew at the next call. For tests."""
    global _watch
    _watch = None


def _begin() -> _Watch:
    global _watch
    with _making:
        if _watch is None:
            _watch = _Watch()
        return _watch


def look() -> Look:
    """Place, time and size of everything; what is gone between two steps is left out."""
    found = []
    for path in places():
        with contextlib.suppress(OSError):
            stat = path.stat()
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(found))


def is_settled(now: Look) -> bool:
    """Whether the newest of all has been there for a moment. A file may bear any time, so ask twice
    where this says no.
    """
    return all(changed / 1e9 + SETTLED <= time.time() for _path, changed, _size in now)


def places() -> Iterator[Path]:
    """Every template; of the static files the list, and their folders, which change with each."""
    folders: list[Path] = settings.TEMPLATES[0]["DIRS"]
    for folder in folders:
        for place, _folders, names in folder.walk():
            yield from (place / name for name in names)
    static = Path(settings.STATIC_ROOT)
    yield static / "staticfiles.json"
    for place, _folders, _names in static.walk():
        yield place


def read_templates_anew() -> None:
    for backend in engines.all():
        if isinstance(backend, DjangoTemplates):
            for loader in backend.engine.template_loaders:
                loader.reset()
