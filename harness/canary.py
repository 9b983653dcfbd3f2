"""Marks to look for where no reader's words may be, and the shapes they might have there."""

import base64
import json
import re
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

COMPRESSED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # told apart by their first bytes


def canary(name: str, salt: str) -> str:
    """A word that is found nowhere else; not ASCII alone, so that its encodings differ."""
    mark = sha256(f"{name}/{salt}".encode()).hexdigest()[:16]
    return f"Kanarienvögel-{mark}-שיר"


def shapes(word: str) -> dict[str, bytes]:
    """The bytes to look for: any of these is the word, or gives it away."""
    plain = word.encode()
    found = {
        "plain": plain,
        "UTF-16 LE": word.encode("utf-16-le"),
        "UTF-16 BE": word.encode("utf-16-be"),
        "URL": urllib.parse.quote(word).encode(),
        "JSON": json.dumps(word).strip('"').encode(),
        "escaped": repr(plain)[2:-1].encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "SHA-256": sha256(plain).digest(),
        "SHA-256 hex": sha256(plain).hexdigest().encode(),
    }
    for shift in range(3):  # a word in the middle of a text begins at any of three places
        whole = base64.b64encode(b"\0" * shift + plain)
        found[f"base64 +{shift}"] = whole[4 if shift else 0 : -4]
    return found


def hits(data: bytes, words: Iterable[str]) -> Iterator[str]:
    """Which of `words` lie in `data`, and in which shape; in compressed parts too."""
    layers = [data, *unpacked(data)]
    for word in words:
        for shape, needle in shapes(word).items():
            if any(needle in layer for layer in layers):
                yield f"{word} as {shape}"


def unpacked(data: bytes) -> Iterator[bytes]:
    for match in COMPRESSED.finditer(data):
        try:
            out = zlib.decompressobj(GZIP_OR_ZLIB).decompress(data[match.start() :], 1 << 20)
        except zlib.error:
            continue
        if len(out) > 8:
            yield out


def hits_in_folder(folder: Path, words: Iterable[str], *, beside: frozenset[Path]) -> list[str]:
    """Hits in every file under `folder`, names of files included; but for `beside`."""
    chosen = list(words)
    found = []
    for file in sorted(folder.rglob("*")):
        if beside & {file, *file.parents}:
            continue
        data = file.read_bytes() if file.is_file() else b""
        found += [f"{file.name}: {hit}" for hit in hits(file.name.encode() + b"\0" + data, chosen)]
    return found


def finds_itself(word: str) -> bool:
    """Whether the search would see each shape, compressed ones included. Else no hit means none."""
    planted = [*shapes(f"{word}").values(), zlib.compress(f"...{word}...".encode())]
    return all(any(hits(b"\xff" * 5 + data + b"\xff" * 5, [word])) for data in planted)
