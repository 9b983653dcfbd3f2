"""A folder of files made into a `Library`, such that a broken file never takes a text down.

A `Shelf` remembers what it read, so that one changed file in sixty means reading one. Beside the
folder it keeps the last good copy of every file: what is shown while a file is broken, across
restarts too, and what tells that an id with readers' answers has vanished. When to look again is
for `loader`.
"""

import hashlib
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .ids import ids_of
from .library import Devotional, Library, Problem
from .problems import ContentError, Kind
from .reading import Reading, parse, read_bytes

logger = logging.getLogger("devotional.content")

# Size, times and inode. The change time shows a copy that kept its old date and size.
type Signature = tuple[int, int, int, int]
type Snapshot = dict[str, Signature]
NOT_THERE: Signature = (0, 0, 0, 0)


def is_content(name: str) -> bool:
    """`README.md` and names that begin with `_` or `.` are notes to the authors."""
    return name.endswith(".md") and name[0] not in "_." and name.lower() != "readme.md"


def look(folder: Path) -> Snapshot | None:
    """The files as they are now, or None where the folder can't be read."""
    try:
        names = [path.name for path in folder.iterdir() if is_content(path.name)]
    except (OSError, ValueError):
        return None
    snapshot: Snapshot = {}
    for name in sorted(names):
        try:
            status = (folder / name).stat()
        except OSError:
            snapshot[name] = NOT_THERE  # a broken link: it is read, and said to be unreadable
        else:
            snapshot[name] = (
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
                status.st_ino,
            )
    return snapshot


@dataclass(frozen=True)
class _Entry:
    """What came of one file: what to show (if anything), and what is wrong with it now."""

    signature: Signature
    devotional: Devotional | None
    problems: tuple[Problem, ...] = ()


class Shelf:
    """Reads one folder, again and again. `last_good` None keeps no copies."""

    def __init__(self, folder: Path, last_good: Path | None, *, read_only: bool = False) -> None:
        self.folder = folder
        self._last_good = last_good
        self._read_only = read_only
        self._entries: dict[str, _Entry] = {}

    def load(self, previous: Library | None = None) -> Library:
        """The library as the files are now; `previous` stands in where one is broken."""
        before = previous or Library()
        snapshot = look(self.folder)
        if snapshot is None:
            return self._without_folder(before)
        self._entries = {
            name: self._entry(name, signature, before) for name, signature in snapshot.items()
        }
        self._forget_copies()
        entries = self._entries.values()
        return self._library(
            [entry.devotional for entry in entries if entry.devotional is not None],
            [problem for entry in entries for problem in entry.problems],
            before,
        )

    def _library(
        self, devotionals: list[Devotional], problems: list[Problem], before: Library
    ) -> Library:
        in_order = tuple(sorted(devotionals, key=_place))
        version = hashlib.sha256()
        for devotional in in_order:
            version.update(f"{devotional.id} {devotional.digest}\n".encode())
        library = Library(in_order, tuple(problems), version.hexdigest())
        if not self._read_only:
            for problem in library.problems:
                if problem not in before.problems:
                    logger.error("%s", problem)
        return library

    def _without_folder(self, before: Library) -> Library:
        """A folder that isn't mounted is no reason to empty the shelf."""
        problem = Problem(
            self.folder,
            1,
            "the folder of devotionals can't be read: make it, or look at its permissions",
            code=Kind.UNREADABLE.value,
        )
        known = {devotional.id: devotional for devotional in before.devotionals}
        for name in self._copies():
            if name.removesuffix(".md") not in known and (copy := self._read_copy(name)):
                known[copy.id] = copy
        return self._library(list(known.values()), [problem], before)

    def _entry(self, name: str, signature: Signature, before: Library) -> _Entry:
        known = self._entries.get(name)
        if known is not None and known.signature == signature != NOT_THERE:
            return known
        shown = before.devotional(name.removesuffix(".md"))
        path = self.folder / name
        try:
            raw = read_bytes(path)
            reading = parse(path, raw)
            self._refuse_vanished(path, raw, reading, shown)
        except ContentError as error:
            return _Entry(signature, shown or self._read_copy(name), error.problems)
        self._keep_copy(name, raw)
        return _Entry(signature, reading.devotional)

    def _refuse_vanished(
        self, path: Path, raw: bytes, reading: Reading, shown: Devotional | None
    ) -> None:
        """Readers' answers belong to ids: one may only go where its author says so."""
        old = shown
        if (copy := self._copy_bytes(path.name)) is not None:
            old = None if copy == raw else self._read_copy(path.name) or shown
        if old is None:
            return
        new = reading.devotional
        still_known = ids_of(new.sections) | new.retired
        problems = [
            Problem(
                path,
                reading.lines.get(gone.partition("/")[0], reading.lines["retired"]),
                f"{gone!r} is gone, and readers' answers belong to it; put it back or list it "
                f"under retired: (if only its words are new, give it its old id: "
                f"{{: #{gone.rpartition('/')[2]} }})",
                code=Kind.VANISHED_ID.value,
            )
            for gone in sorted(ids_of(old.sections) - still_known)
            # A section takes its questions with it.
            if "/" not in gone or new.section(gone.partition("/")[0])
        ]
        if problems:
            raise ContentError(problems)

    def _copy_bytes(self, name: str) -> bytes | None:
        if self._last_good is None:
            return None
        try:
            return read_bytes(self._last_good / name)
        except ContentError:
            return None

    def _read_copy(self, name: str) -> Devotional | None:
        """The last good text of a file, unless there is none or it can't be read any more."""
        raw = self._copy_bytes(name)
        if raw is None or self._last_good is None:
            return None
        try:
            return parse(self._last_good / name, raw).devotional
        except ContentError:
            return None

    def _copies(self) -> list[str]:
        if self._last_good is None or not self._last_good.is_dir():
            return []
        return sorted(path.name for path in self._last_good.iterdir() if is_content(path.name))

    def _keep_copy(self, name: str, raw: bytes) -> None:
        """Whole or not at all: written beside and then put in place. Failing isn't fatal."""
        if self._last_good is None or self._read_only or self._copy_bytes(name) == raw:
            return
        beside: str | None = None
        try:
            self._last_good.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(prefix=".", dir=self._last_good)
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(self._last_good / name)
        except OSError as error:
            logger.warning("the last good copy of %s can't be kept: %s", name, error.strerror)
            if beside is not None:
                Path(beside).unlink(missing_ok=True)

    def _forget_copies(self) -> None:
        """A file that its author removed takes its copy with it."""
        if self._read_only or self._last_good is None:
            return
        try:
            for name in self._copies():
                if name not in self._entries:
                    (self._last_good / name).unlink(missing_ok=True)
        except OSError as error:
            logger.warning("a last good copy can't be removed: %s", error.strerror)


def _place(devotional: Devotional) -> tuple[bool, int, str, str]:
    """Numbered ones first, by number; the others by title."""
    unnumbered = devotional.order is None
    return unnumbered, devotional.order or 0, devotional.title.casefold(), devotional.id
