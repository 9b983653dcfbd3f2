"""Two wordings of a text in one: what was taken out and what was put in.

First whole sentences and lines are matched, then the words of those that differ. The work has a
limit, because matching may cost the cube of the length and a text may be made to do so; beyond it
whole passages are marked, and where nothing can be matched, both texts stand one after the other.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import accumulate

SENTENCES = re.compile(r"[^\n.!?…。！？؟۔।]*[\n.!?…。！？؟۔।]+\s*|[^\n.!?…。！？؟۔।]+")
WORDS = re.compile(r"\S+|\s+")  # by spaces only: letters and their marks stay together
LIMIT = 5_000_000  # steps of matching a comparison: about half a second

type Block = tuple[str, str]  # older, newer; the same text twice where they agree


class Kind(StrEnum):
    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The pieces in order. Without what was put in they are the older text, without what was
    taken out the newer.
    """

    pieces: tuple[Piece, ...]
    coarse: bool  # whole passages were marked somewhere, as words would have cost too much

    @property
    def changes(self) -> bool:
        return any(piece.kind is not Kind.SAME for piece in self.pieces)

    @property
    def only_spaces(self) -> bool:
        """Whether the words are the same, and only spaces or lines between them differ."""
        older = [p.text for p in self.pieces if p.kind is not Kind.IN]
        newer = [p.text for p in self.pieces if p.kind is not Kind.OUT]
        return self.changes and "".join(older).split() == "".join(newer).split()


class TooMuch(Exception):
    """Matching would take more steps than are left."""


class Effort:
    """How many steps of matching may still be taken."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.refused = False

    def take(self, steps: int) -> None:
        if steps > self.left:
            self.refused = True
            raise TooMuch
        self.left -= steps


class Matcher(SequenceMatcher[str]):
    """Says what each look for a longest match will cost before it is taken.

    A look goes over every part of the older text and, for each, over its equals in the newer; the
    parts left and right of what it found are looked through again.
    """

    def __init__(self, older: list[str], newer: list[str], effort: Effort) -> None:
        # Spaces alone are no reason to match; every other part counts, however frequent.
        super().__init__(str.isspace, older, newer, autojunk=False)
        equals = Counter(part for part in newer if not part.isspace())
        self._steps = [0, *accumulate(4 + equals[part] for part in older)]
        self._effort = effort

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        end = -1 if ahi is None else ahi
        self._effort.take(self._steps[end] - self._steps[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def compare(older: str, newer: str, *, limit: int = LIMIT) -> Comparison:
    """What became of `older` in `newer`."""
    effort = Effort(limit)
    blocks: list[Block] = []
    for out, new in matched(SENTENCES, older, newer, effort):
        if out == new or not out or not new:
            blocks.append((out, new))
        else:
            blocks.extend(matched(WORDS, out, new, effort))
    return Comparison(tuple(pieces(blocks)), coarse=effort.refused)


def matched(parts: re.Pattern[str], older: str, newer: str, effort: Effort) -> list[Block]:
    """The two texts as blocks of parts that agree or differ; as one block if that is too much."""
    a, b = parts.findall(older), parts.findall(newer)
    matcher = Matcher(a, b, effort)
    try:
        spans = matcher.get_opcodes()
    except TooMuch:
        return [(older, newer)]
    return [("".join(a[start:end]), "".join(b[begin:stop])) for _, start, end, begin, stop in spans]


def pieces(blocks: list[Block]) -> Iterator[Piece]:
    """The blocks for reading: changes that only a space parts are one change."""
    gone, put = "", ""
    for place, (out, new) in enumerate(blocks):
        if out == new and not (
            (gone or put)
            and out.isspace()
            and "\n" not in out
            and place + 1 < len(blocks)
            and blocks[place + 1][0] != blocks[place + 1][1]
        ):
            yield from change(gone, put)
            gone, put = "", ""
            yield Piece(Kind.SAME, out)
        else:
            gone, put = gone + out, put + new
    yield from change(gone, put)


def change(gone: str, put: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Kind.OUT, gone)
    if put:
        yield Piece(Kind.IN, put)
