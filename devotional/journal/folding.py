"""Finding words whatever their letters' dress: capitals, accents, quotes, line breaks.

Pure text, and pieces of it: where something was found is told by cutting the words there, so that
a template can mark a piece and escape every one. Knows nothing of readers or reflections.
"""

import re
import unicodedata
from dataclasses import dataclass

AROUND = 90  # letters of an excerpt on either side of what was found
EXCERPTS = 2  # of one text
LONGEST = 600  # letters in one of them
REMEMBERED = 20_000  # letters of other scripts that are folded once

LOOK_ALIKE = str.maketrans("’‘‛′“”„«»–—−", '\'\'\'\'"""""---')
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
VARIATIONS = range(0xFE00, 0xFE10)  # how an emoji is drawn


class Folded(dict[int, str]):
    """What each letter is found by; empty for accents, joiners and marks of direction."""

    def __missing__(self, code: int) -> str:
        plain = "".join(filter(is_heard, unicodedata.normalize("NFKD", chr(code))))
        # Folding a letter may give one that is written in two: once more.
        folded = unicodedata.normalize("NFKD", plain.casefold().translate(LOOK_ALIKE))
        letters = "".join(filter(is_heard, folded))
        if len(self) < REMEMBERED:
            self[code] = letters
        return letters


def is_heard(letter: str) -> bool:
    if unicodedata.combining(letter) or ord(letter) in VARIATIONS:
        return False
    return unicodedata.category(letter) != "Cf"


FOLDED = Folded()


def fold(words: str) -> str:
    """`words` as they are compared: one space between them, and none around."""
    folded = BEYOND_ASCII.sub(lambda found: found[0].translate(FOLDED), words.lower())
    return " ".join(folded.split())


def fold_with_places(words: str) -> tuple[str, list[int]]:
    """The same letter by letter, with the place in `words` from which each came."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(words):
        for each in FOLDED[ord(letter)] if letter > "\x7f" else letter.lower():
            if each.isspace():
                if not letters or letters[-1] == " ":
                    continue
                each = " "
            letters.append(each)
            places.append(place)
    return "".join(letters), places


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was looked for."""

    text: str
    found: bool = False


def pieces(words: str, needle: str) -> list[Piece]:
    """All of `words`, cut where `needle` (folded already) was found."""
    return cut(words, spans(words, needle), 0, len(words))


def excerpts(words: str, needle: str) -> list[list[Piece]]:
    """The places where `needle` (folded already) was found, each with some words around it."""
    windows: list[tuple[int, int, list[tuple[int, int]]]] = []
    for start, end in spans(words, needle):
        opens, closes = near_space(words, start - AROUND, -1), near_space(words, end + AROUND, 1)
        if windows and opens <= windows[-1][1]:
            if closes - windows[-1][0] > LONGEST:
                break  # a word on every line: the text itself is one link away
            before = windows.pop()
            windows.append((before[0], closes, [*before[2], (start, end)]))
        elif len(windows) == EXCERPTS:
            break
        else:
            windows.append((opens, closes, [(start, end)]))
    return [
        [
            *([Piece("… ")] if opens > 0 else []),
            *cut(words, found, opens, closes),
            *([Piece(" …")] if closes < len(words) else []),
        ]
        for opens, closes, found in windows
    ]


def spans(words: str, needle: str) -> list[tuple[int, int]]:
    """Where in `words` the needle begins and ends."""
    folded, places = fold_with_places(words)
    found: list[tuple[int, int]] = []
    at = folded.find(needle) if needle else -1
    while at >= 0:
        last = at + len(needle) - 1
        end = places[last] + 1
        # With a letter go the accents and joiners behind it.
        while end < len(words) and words[end] > "\x7f" and not FOLDED[ord(words[end])]:
            end += 1
        start = max(places[at], found[-1][1] if found else 0)
        if start < end:
            found.append((start, end))
        at = folded.find(needle, last + 1)
    return found


def cut(words: str, found: list[tuple[int, int]], start: int, end: int) -> list[Piece]:
    cuts: list[Piece] = []
    at = start
    for opens, closes in found:
        cuts += [Piece(words[at:opens]), Piece(words[opens:closes], found=True)]
        at = closes
    return [piece for piece in [*cuts, Piece(words[at:end])] if piece.text]


def near_space(words: str, place: int, step: int) -> int:
    """The end of a word near `place`, so that none is cut; `place` itself in a very long one."""
    place = min(max(place, 0), len(words))
    for at in range(place, place - 20 * step, -step):
        if not 0 < at < len(words):
            break
        if words[at if step > 0 else at - 1].isspace():
            return at
    return place
