"""Texts that are hard to keep exactly, made from a seed, and what is to be kept of each.

What is documented to change is done here once more, on purpose not with the product's own code:
CRLF and CR become LF, NUL and lone surrogates become U+FFFD. Nothing else.
"""

import random
from collections.abc import Callable
from enum import StrEnum

LIMIT = 100_000  # bytes of UTF-8 in one box (W10)
MARK = "\ufffd"

FAMILY = "👨‍👩‍👧‍👦"
PIECES: dict[str, list[str]] = {
    "plain": ["word", "another", "I", "am", ".", ",", " ", " ", "\n"],
    "joined emoji": [FAMILY, "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "👩🏽‍🚀", "❤️‍🔥", "🇳🇱", "\u200d", "\ufe0f", " "],
    "four bytes": ["𝔊𝔬𝔱𝔥", "𠜎", "🜁", "\U0010fffd", "\U0001f9ff", "x"],
    "right to left": [
        "שלום",
        "\u202e",
        "\u202c",
        "\u2067",
        "\u2069",
        "مرحبا",
        "\u200f",
        "abc",
        " ",
    ],
    "combining": ["e\u0301", "é", "a\u0300\u0301\u0302\u0303", "\u0301", "Å", "A\u030a", "ﬁ"],
    "spaces": [" ", "\t", "\u00a0", "\u2003", "\u3000", "\u200b", "\ufeff", "\n", "x"],
    "newlines": ["\n", "\r\n", "\r", "\n\r", "a", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"],
    "controls": [chr(code) for code in range(1, 32)] + ["\x7f", "\x1b[31m", "x"],
    "nul": ["\0", "a", "\0\0", "\n"],
    "surrogates": ["\ud800", "\udfff", "\udc00\ud800", "a", "é", "😀"],
    "markup": ["<b>", "</textarea>", "&amp;", "&#0;", "{{ x }}", "{% y %}", "<!--", '"', "'", "&"],
    "form": ["%00", "%", "+", "&a=b", "=", ";", "%ED%A0%80", "\\", "\\u0000", "\\ud800"],
    "odd points": ["\ufffe", "\uffff", "\ufffd", "\U0001ffff", "\ue000", "\ufdd0", "z"],
}


class Way(StrEnum):
    """How a text goes over the wire."""

    FORM = "a browser's form"  # CRLF, and surrogates already marked
    SCRIPT = "a script's form"  # LF as typed, surrogates already marked
    RAW = "raw"  # whatever bytes, also those that no browser sends


def odd_text(chance: random.Random) -> str:
    """A text of up to the limit; most are short, one in a hundred reaches it exactly."""
    kind = chance.choice(list(PIECES))
    pieces = PIECES[kind] if chance.random() < 0.7 else PIECES[kind] + PIECES["plain"]
    if chance.random() < 0.2:
        pieces = pieces + PIECES[chance.choice(list(PIECES))]
    length = chance.choice((0, 1, 2, 3, 10, 10, 50, 50, 200, 1000))
    text = "".join(chance.choices(pieces, k=length))
    ending: Callable[[str], str] = chance.choice(ENDINGS)
    text = ending(text)
    if chance.random() < 0.01:
        text = filled_up(text, LIMIT)
    return text


ENDINGS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: text,
    lambda text: text + "   ",
    lambda text: text + "\n\n\n",
    lambda text: "\n" + text,
    lambda text: "  " + text + "\t",
    lambda text: " " * len(text),
]


def filled_up(text: str, size: int) -> str:
    """`text` made longer, so that what is kept of it has just `size` bytes."""
    room = size - len(kept_of(text, Way.FORM).encode())
    return text + "ü" * (room // 2) + "x" * (room % 2)


def on_the_wire(text: str, way: Way) -> str:
    """What a browser puts into the request for what was typed."""
    if way is Way.RAW:
        return text
    text = "".join(MARK if 0xD800 <= ord(one) <= 0xDFFF else one for one in text)
    if way is Way.FORM:
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return text


def kept_of(text: str, way: Way) -> str:
    """What is to be kept of what was typed."""
    sent = on_the_wire(text, way).encode("utf-8", "surrogatepass")
    # Bytes that are no UTF-8 are marked one by one as the request is read.
    return (
        sent.decode("utf-8", "replace")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\0", MARK)
    )
