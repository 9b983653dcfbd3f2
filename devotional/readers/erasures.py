"""What was erased, by ids, in a file beside the database: so that a restored backup can be told.

A line an erasure: when, what kind, and ids. No word, and no way to one: who has neither the rows
nor a backup of them learns nothing. The line is on the disk before an erasure is acknowledged, and
`replay()` carries out at each start what the file names. Ids are never used again, so doing that
twice is as doing it once.

    2026-03-04T05:06:07Z reader 0b5c…           a reader, and everything of theirs
    2026-03-04T05:06:07Z words 0b5c… 77ab…      all that a reader wrote; the reader goes on as 77ab…
    2026-03-04T05:06:07Z gone 0b5c…             a reflection, for good
    2026-03-04T05:06:07Z reflection 0b5c…       a reflection that its reader may bring back
    2026-03-04T05:06:07Z back reflection 0b5c…  … and did
    2026-03-04T05:06:07Z pruned 0b5c…           a reader, or what one had deleted, whose time was up

What was pruned is not erased again: nobody asked for it, and its time is in its own row, so that
the next pruning finds it in a restored database by itself. So a backup from before a pruning that
was a mistake comes back whole. A version that doesn't know the kind passes over its lines.
"""

import fcntl
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from devotional.lib import data_folder

REMEMBERED = timedelta(days=60)  # backups last 30 days, and one may be restored late
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LINE = re.compile(rf"(\S+Z) (back )?(reader|words|gone|reflection|pruned) ({UUID})(?: ({UUID}))?")


class NotNoted(OperationalError):
    """The file can't be written, so nothing was erased; it can be asked for again (503)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that was erased."""

    kind: str  # "reader", "words", "gone", "reflection" or "pruned"
    id: uuid.UUID
    now: uuid.UUID | None = None  # as whom a reader whose words were erased goes on

    def __str__(self) -> str:
        return f"{self.kind} {self.id}" + (f" {self.now}" if self.now else "")


@contextmanager
def erasing() -> Iterator[list[Mark]]:
    """A transaction that erases what is put on the list, and notes it as its last step.

    The note comes before the commit: what is cut off between the two is erased at the next start.
    Where the commit fails the note is taken back. Raises NotNoted, and django.db.DatabaseError.
    """
    marks: list[Mark] = []
    noted = False
    try:
        with transaction.atomic():
            yield marks
            append([str(mark) for mark in marks])
            noted = True
    except BaseException:
        if noted:
            append([f"back {mark}" for mark in marks])
        raise


def note(kind: str, id_: uuid.UUID) -> None:
    """Note what was deleted and may yet be brought back: after the commit, before it is said.

    Before the commit would be too early, as an undo that never was an undo can't be undone.
    """
    append([str(Mark(kind, id_))])


def take_back(kind: str, id_: uuid.UUID) -> None:
    """Note that something is there again: before the commit that brings it back."""
    append([f"back {Mark(kind, id_)}"])


def noted() -> list[Mark]:
    """Everything that the file names and that was not taken back, in order."""
    found: dict[tuple[str, uuid.UUID], Mark] = {}
    for _at, is_back, mark in read():
        found.pop((mark.kind, mark.id), None)
        if not is_back:
            found[mark.kind, mark.id] = mark
    return list(found.values())


# The file


def path() -> Path:
    return Path(settings.ERASURES or Path(settings.DATA) / "erasures")


def append(entries: list[str]) -> None:
    """Write all of `entries` and make them durable, or none. Raises NotNoted."""
    if not entries:
        return
    at = timezone.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = "".join(f"{at} {entry}\n" for entry in entries).encode()
    try:
        with opened() as file:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                lines = b"\n" + lines  # the end of a line was lost in a crash: leave it alone
            try:
                if os.write(file, lines) != len(lines):
                    raise OSError("there was room for a part only")
                os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise
            if not size:
                data_folder.sync(path().parent)
    except OSError as error:
        raise NotNoted("The erasure can't be noted.") from error


@contextmanager
def opened() -> Iterator[int]:
    """The file, for this process alone, made for its owner alone where it isn't there yet."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        file = os.open(path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_current(file):  # another process may have put a shorter one in its place
                yield file
                return
        finally:
            os.close(file)  # and the lock with it


def is_current(file: int) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path().stat())
    except FileNotFoundError:
        return False


def read() -> list[tuple[datetime, bool, Mark]]:
    """Its entries. A line that was cut off, or is none of ours, says nothing."""
    try:
        text = path().read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return []
    entries = []
    for line in text.split("\n")[:-1]:  # what follows the last newline was never finished
        if not (found := LINE.fullmatch(line)):
            continue
        at, back, kind, id_, now = found.groups()
        try:
            when = datetime.fromisoformat(at)
        except ValueError:
            continue
        entries.append(
            (when, bool(back), Mark(kind, uuid.UUID(id_), uuid.UUID(now) if now else None))
        )
    return entries


def forget_old() -> int:
    """Drop entries that no backup can be older than; how many there were.

    By the clock: whoever calls has made sure of it (`clock.py`).
    """
    oldest = timezone.now() - REMEMBERED
    if all(at >= oldest for at, _back, _mark in read()):
        return 0
    with opened():
        entries = read()
        kept = [entry for entry in entries if entry[0] >= oldest]
        lines = "".join(
            f"{at:%Y-%m-%dT%H:%M:%SZ} {'back ' if back else ''}{mark}\n" for at, back, mark in kept
        )
        data_folder.replace(path(), lines)
    return len(entries) - len(kept)
