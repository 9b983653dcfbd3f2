"""A ZIP made while it is sent: no file on the disk, and no more of it in memory than one part.

What goes into it is the caller's business. The list of what is inside comes last in a ZIP, so one
that broke off midway has none, and no program takes it for whole.
"""

import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

PART = 64 * 1024  # bytes that are gathered before they are sent
FIRST_YEAR, LAST_YEAR = 1980, 2107  # all that the format can say


@dataclass(frozen=True, slots=True)
class File:
    """One file of a ZIP: its path inside, when it was last changed, and what it holds."""

    name: str
    changed_at: datetime  # in the zone that its reader lives in: the format knows none
    parts: Iterable[str]  # written as UTF-8
    may_be_huge: bool = False  # 2 GB or more, which the file's head must say beforehand


class Sink:
    """Where `zipfile` writes to: can't be sought in, and is emptied again and again."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def take(self) -> bytes:
        taken = b"".join(self._held)
        self._held, self.size = [], 0
        return taken


def zip_stream(files: Iterable[File]) -> Iterator[bytes]:
    """The bytes of a ZIP of `files`, part by part; each file is asked for when its turn comes."""
    sink = Sink()
    archive = zipfile.ZipFile(sink, "w")
    whole = False
    try:
        for file in files:
            with archive.open(head_of(file), "w", force_zip64=file.may_be_huge) as entry:
                for part in file.parts:
                    entry.write(part.encode())
                    if sink.size >= PART:
                        yield sink.take()
        archive.close()
        whole = True
    finally:
        if not whole:
            archive.fp = None  # or its end would be written after all, when it is thrown away
    yield sink.take()


def head_of(file: File) -> zipfile.ZipInfo:
    at = file.changed_at
    year = min(max(at.year, FIRST_YEAR), LAST_YEAR)
    head = zipfile.ZipInfo(file.name, (year, at.month, at.day, at.hour, at.minute, at.second))
    head.compress_type = zipfile.ZIP_DEFLATED
    head.external_attr = (stat.S_IFREG | 0o644) << 16  # else nobody may open what was unpacked
    return head
