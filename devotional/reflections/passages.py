"""A passage of a text, known by its words and by what stood around them.

Places would move with an edit, words don't. Here a text is cut into what can be chosen, a passage
is lifted out, and it is found again, or truthfully not. Plain values: no database, no request.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Self

from devotional.reflections.answers import digest

AROUND = 200  # characters kept of what stood before and after
LONGEST = 1000  # characters in one passage: a line or a few, to fit on a sheet with others
NEAR = 24  # characters beside a passage that make a neighbourhood
TELLING = 16  # characters from which words that stand once, then and now, are the same words
MOST_PLACES = 1000  # beyond this a passage is too common to be told from its like
LONGEST_PIECE = 300  # characters; longer sentences are cut between words
MOST_PIECES = 1200  # that a page offers one by one

# A sentence with its closing quotes and the space after it, or a line.
ENDS = re.compile(r"[.!?…؟۔।]+[\"”’»)\]]*[ \t]+|[。！？]+[」』”）]*|\n+\s*")
JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or line of a text: what can be chosen with one tap."""

    start: int
    end: int
    words: str  # without the space around it
    space_before: str
    space_after: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that were lifted out of a text, as it stood then."""

    quote: str
    before: str  # up to AROUND characters; empty at the beginning
    after: str
    at: int  # where the words began in that text
    seen: str  # digest of that text
    only: bool  # whether the words stood there once

    @classmethod
    def lifted(cls, text: str, start: int, end: int) -> Self | None:
        """The words from `start` to `end` without the space around them; None where none are."""
        quote = text[start:end]
        start += len(quote) - len(quote.lstrip())
        quote = quote.strip()
        if not quote:
            return None
        end = start + len(quote)
        return cls(
            quote=quote,
            before=text[max(start - AROUND, 0) : start],
            after=text[end : end + AROUND],
            at=start,
            seen=digest(text),
            only=len(list(places(quote, text, most=2))) == 1,
        )

    @classmethod
    def read(cls, sealed_words: str) -> Self:
        return cls(**json.loads(sealed_words))

    def written(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def place_in(self, text: str) -> int | None:
        """Where these very words stand in `text`; None where they are gone, or can't be told
        from the same words elsewhere: never a guess."""
        if digest(text) == self.seen:
            return self.at
        found = list(places(self.quote, text, most=MOST_PLACES + 1))
        if not found or len(found) > MOST_PLACES:
            return None
        if len(found) == 1 and self.only and len(self.quote) >= TELLING:
            return found[0]
        # As it stood; else what stands beside both ends, else beside one of them.
        for agrees in (self._stands_as_then, self._both_sides_agree, self._one_side_agrees):
            agreeing = [start for start in found if agrees(text, start)]
            if agreeing:
                return agreeing[0] if len(agreeing) == 1 else None
        return None

    def _sides_agree(self, text: str, start: int, near: int) -> tuple[bool, bool]:
        end = start + len(self.quote)
        return (
            text[max(start - near, 0) : start] == self.before[-near:],
            text[end : end + near] == self.after[:near],
        )

    def _stands_as_then(self, text: str, start: int) -> bool:
        return all(self._sides_agree(text, start, AROUND))

    def _both_sides_agree(self, text: str, start: int) -> bool:
        return all(self._sides_agree(text, start, NEAR))

    def _one_side_agrees(self, text: str, start: int) -> bool:
        # That both begin or end a text says too little by itself.
        before, after = self._sides_agree(text, start, NEAR)
        return (before and len(self.before) >= NEAR) or (after and len(self.after) >= NEAR)


def places(quote: str, text: str, *, most: int) -> Iterator[int]:
    """Where `quote` begins in `text`, overlapping itself or not; at most `most` of them."""
    start = text.find(quote)
    while start >= 0 and most > 0:
        yield start
        most -= 1
        start = text.find(quote, start + 1)


def pieces_of(text: str) -> list[Piece]:
    """`text` cut into sentences and lines, none of it left out.

    A text of more pieces than a page can offer is cut into fewer, longer ones.
    """
    cuts = [0, *(found.end() for found in ENDS.finditer(text)), len(text)]
    spans = [span for start, end in pairwise(cuts) for span in short_spans(text, start, end)]
    spans = [span for span in spans if span[0] < span[1]]
    together = -(-len(spans) // MOST_PIECES) or 1
    made = []
    for first in range(0, len(spans), together):
        last = spans[min(first + together, len(spans)) - 1]
        made.append(piece_of(text, spans[first][0], last[1]))
    return made


def piece_of(text: str, start: int, end: int) -> Piece:
    whole = text[start:end]
    words = whole.strip()
    lead = len(whole) - len(whole.lstrip()) if words else 0
    return Piece(start, end, words, whole[:lead], whole[lead + len(words) :])


def short_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A long stretch as shorter ones, cut between words where there are any."""
    while end - start > LONGEST_PIECE:
        cut = max(text.rfind(" ", start, start + LONGEST_PIECE) + 1, 0)
        if cut <= start:
            cut = start + LONGEST_PIECE
            while cut < end and joins(text, cut):
                cut += 1
        yield start, cut
        start = cut
    yield start, end


def joins(text: str, at: int) -> bool:
    """Whether a cut at `at` would tear a letter from its accent, or an emoji apart."""
    return (
        text[at - 1] == JOINER
        or text[at] == JOINER
        or unicodedata.category(text[at]) in ("Mn", "Me", "Mc")
        or 0x1F3FB <= ord(text[at]) <= 0x1F3FF  # skin tones
    )


def leading_up(before: str) -> str:
    """The sentence that ends where a passage begins, from what stood before it."""
    return shown([piece.words for piece in pieces_of(before) if piece.words][-1:])


def going_on(after: str) -> str:
    """The sentence that follows a passage, from what stood after it.

    Where the passage ends within a sentence, what is left of that sentence.
    """
    return shown([piece.words for piece in pieces_of(after) if piece.words][:1])


def shown(words: list[str]) -> str:
    return " ".join(words[0].split()) if words else ""


def first_line(text: str, *, most: int = 110) -> str:
    """The beginning of a text, in one line."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if len(line) <= most:
        return line
    cut = line.rfind(" ", most // 2, most)
    return f"{line[: cut if cut > 0 else most].rstrip(' ,;:–—-')}…"
