"""The finder of `django.contrib.staticfiles` that offers the bundles as if they were files."""

import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, FileSystemFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage

from devotional.lib.bundles.joining import join
from devotional.lib.bundles.source import Source, Stamp, stamp_of

# By these names, since within BundleFinder `list` is its method.
type Stamps = list[Stamp]
type Messages = list[CheckMessage]


class BundleFinder(BaseFinder):
    """Offers each name in `STATIC_BUNDLES` as if a file of that name existed.

    `collectstatic` is handed the joined files from memory, freshly made: it skips a file that looks
    older than the one it collected last time, so nothing from an earlier run may be offered. Only
    where a path on disk is asked for, in development and under tests, are they written, to a
    temporary folder of this process. There a file is joined anew as soon as a source of it, or
    the setting, has changed; a reload of the page is enough.

    Two bundles that import the same module each hold a copy of it, with a state of its own. Put
    behaviours that share state in one bundle.
    """

    def __init__(self, app_names: Sequence[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self._sources = FileSystemFinder()
        self._folder: Path | None = None
        self._made_from: dict[str, tuple[list[str], list[Stamp]]] = {}
        self._lock = threading.Lock()

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The joined file's place on disk, or an empty list: what `finders.find()` expects."""
        if path not in _bundles():
            return []
        found = str(self._on_disk(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        storage = InMemoryStorage()
        for name, names in _bundles().items():
            if not matches_patterns(name, ignore_patterns or []):
                joined = join(name, names, self._read)
                storage.save(name, ContentFile(joined.text.encode()))
                yield name, storage

    def check(self, **kwargs: Any) -> Messages:
        """`manage.py check` joins every bundle once, so a mistake is seen before a visitor is."""
        errors: Messages = []
        for name, names in _bundles().items():
            try:
                if self._read(name) is not None:
                    raise ImproperlyConfigured(f"{name}: a bundle and a file have the same name")
                join(name, names, self._read)
            except ImproperlyConfigured as mistake:
                errors.append(Error(str(mistake), id="bundles.E001"))
        return errors

    def _on_disk(self, name: str) -> Path:
        names = list(_bundles()[name])
        with self._lock:
            target = self._folder_of_this_process() / name
            if self._made_from.get(name) != (names, self._stamps_now(name)):
                joined = join(name, names, self._read)
                target.parent.mkdir(parents=True, exist_ok=True)
                # A reader must never see half a file, so it is written aside and moved.
                aside = target.with_name(target.name + ".new")
                aside.write_text(joined.text, encoding="utf-8", newline="\n")
                aside.replace(target)
                self._made_from[name] = (names, [source.stamp for source in joined.sources])
        return target

    def _folder_of_this_process(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="bundles-"))
            atexit.register(_remove, self._folder, maker=os.getpid())
        return self._folder

    def _stamps_now(self, name: str) -> Stamps:
        """The stamps of the files last joined; a file that is gone leaves a gap, so differs."""
        _, stamps = self._made_from.get(name, ([], []))
        return [stamp_of(path) for path, _, _ in stamps if path.is_file()]

    def _read(self, name: str) -> Source | None:
        try:
            found = self._sources.find(name)
        except SuspiciousFileOperation:  # a name that climbs out of the static folders
            return None
        if not found or not Path(found).is_file():
            return None
        path = Path(found)
        stamp = stamp_of(path)  # before the text: a change in between is then seen next time
        return Source(name, path.read_text(encoding="utf-8"), stamp)


def _remove(folder: Path, *, maker: int) -> None:
    # A forked worker inherits the finder; the folder is its parent's to remove.
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def _bundles() -> Mapping[str, Sequence[str]]:
    bundles: Mapping[str, Sequence[str]] = getattr(settings, "STATIC_BUNDLES", {})
    return bundles
