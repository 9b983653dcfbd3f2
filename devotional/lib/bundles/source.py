"""What joining starts from and ends in: files as they were read, and one text made of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured

type Stamp = tuple[Path, int, int]  # a source's place, modification time (ns) and size (bytes)

# Of the brackets of both languages, by the one that closes.
PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Source:
    """A file as it was when read: its name below the static root, its text, and its stamp."""

    name: str
    text: str
    stamp: Stamp

    def refuse(self, at: int, why: str) -> NoReturn:
        line = self.text.count("\n", 0, at) + 1
        raise ImproperlyConfigured(f"{self.name}, line {line}: {why}")


type Read = Callable[[str], Source | None]


@dataclass(frozen=True)
class Joined:
    text: str
    sources: list[Source]


def stamp_of(path: Path) -> Stamp:
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size
