"""Lines of text for a picture: which letters a typeface has, how a title wraps, and drawing it.

Knows typefaces and widths, and nothing of what is said. Where a letter is missing the answer is
"can't be set": an empty box in place of a letter helps nobody.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont

NO_CHARACTER = "\uffff"  # no typeface has it, so its picture is the one for what is missing
ELLIPSIS = "…"
RULER = 100


@dataclass(frozen=True)
class Typeface:
    """One family in one weight; its files are tried in turn, letter by letter."""

    files: tuple[Path, ...]
    weight: int

    def at(self, size: int) -> "Type":
        """Raises OSError where a file can't be read by the FreeType that Pillow was built with."""
        return Type(tuple(self._load(file, size) for file in self.files))

    def _load(self, file: Path, size: int) -> ImageFont.FreeTypeFont:
        font = ImageFont.truetype(str(file), size)
        font.set_variation_by_axes([self.weight])
        return font


@dataclass(frozen=True)
class Type:
    """A typeface at one size."""

    fonts: tuple[ImageFont.FreeTypeFont, ...]
    _found: dict[str, int | None] = field(default_factory=dict)  # which font has a letter

    @cached_property
    def _missing(self) -> tuple[bytes, ...]:
        return tuple(bytes(font.getmask(NO_CHARACTER)) for font in self.fonts)

    def can_set(self, text: str) -> bool:
        return all(self._font_for(letter) is not None for letter in text)

    def width(self, line: str) -> float:
        return sum(font.getlength(run) for font, run in self._runs(line))

    def draw(
        self, on: ImageDraw.ImageDraw, line: str, *, x: float, baseline: float, fill: str
    ) -> None:
        for font, run in self._runs(line):
            on.text((x, baseline), run, fill=fill, font=font, anchor="ls")
            x += font.getlength(run)

    def _font_for(self, letter: str) -> int | None:
        if letter not in self._found:
            having = (
                number
                for number, font in enumerate(self.fonts)
                if bytes(font.getmask(letter)) != self._missing[number]
            )
            self._found[letter] = next(having, None)
        return self._found[letter]

    def _runs(self, line: str) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        """The line in pieces, each with the font that has its letters."""
        return [
            (self.fonts[number or 0], "".join(letters))
            for number, letters in groupby(line, key=self._font_for)
        ]


def settable(text: str) -> str:
    """`text` on one line, its letters composed, without marks that only steer."""
    composed = unicodedata.normalize("NFC", text)
    seen = (letter for letter in composed if unicodedata.category(letter) != "Cf")
    return " ".join("".join(seen).split())


def fitted(
    text: str, face: Typeface, *, sizes: Sequence[int], width: int, most_lines: int
) -> tuple[Type, list[str]]:
    """The largest of `sizes` at which the text fits, and its lines; cut short at the smallest."""
    # Widths grow with the size, so one size measures for all: opening a typeface takes time.
    ruler = face.at(RULER)
    for size in sizes:
        room = width * RULER / size * 0.99  # hinting moves a letter a little
        lines = wrapped(text, ruler, room)
        if len(lines) <= most_lines and all(ruler.width(line) <= room for line in lines):
            return face.at(size), balanced(text, ruler, room)
    type_ = face.at(size)
    broken = wrapped(broken_to_fit(text, type_, width), type_, width)
    if len(broken) > most_lines:
        last = broken[most_lines - 1]
        while last and type_.width(last + ELLIPSIS) > width:
            last = last[:-1]
        broken = [*broken[: most_lines - 1], last.rstrip() + ELLIPSIS]
    return type_, broken


def wrapped(text: str, type_: Type, width: float) -> list[str]:
    """Lines of whole words, as full as they can be; a word that is too long has one to itself."""
    lines: list[str] = []
    for word in text.split():
        if lines and type_.width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def balanced(text: str, type_: Type, width: float) -> list[str]:
    """As few lines as `wrapped`, and those about as long as each other."""
    lines = wrapped(text, type_, width)
    narrowest = int(max((type_.width(word) for word in text.split()), default=0))
    for narrower in range(int(width), narrowest, -10):
        attempt = wrapped(text, type_, narrower)
        if len(attempt) > len(lines):
            break
        lines = attempt
    return lines


def broken_to_fit(text: str, type_: Type, width: int) -> str:
    """`text` with a space inside each word that is wider than a line."""
    words: list[str] = []
    for word in text.split():
        piece = ""
        for letter in word:
            if piece and type_.width(piece + letter) > width:
                words.append(piece)
                piece = ""
            piece += letter
        words.append(piece)
    return " ".join(words)
