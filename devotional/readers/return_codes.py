"""A return code: what brings a reader back on another browser, on paper or by heart (K2).

It is 20 characters of Crockford's base32, 100 random bits, and one that checks them, in seven
groups of three. Only a hash is kept, so a code is shown when it is made and never again.

The check. Each character is an element of GF(32), and a code is sound where the sum of c(i) · a^i
over its 21 places is nothing, `a` being a generator. One wrong character adds e · a^i to the sum,
which is nothing only for e = 0. Two that changed places, i and j, add (c(i) + c(j)) · (a^i + a^j),
which is nothing only for equal characters or equal powers; `a` has order 31, so the powers of 21
places all differ. Every slip of one character and every swap of any two is caught.
"""

import re
import secrets
from datetime import UTC, datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from devotional.readers.models import Reader, ReturnCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O and U
RANDOM = 20  # characters of five bits
LENGTH = RANDOM + 1
GROUP = 3
READ_AS = str.maketrans("OIL", "011")
GAPS = re.compile(r"[\s\-‐‑‒–—−.·_]+")


class Slip(ValueError):
    """What was typed can't be a return code: a slip of the pen or of a finger."""


def powers(count: int) -> list[int]:
    """a^0, a^1, … in GF(32), by the polynomial x^5 + x^2 + 1, of which `a` is a root."""
    found = [1]
    while len(found) < count:
        doubled = found[-1] << 1
        found.append(doubled ^ 0b100101 if doubled & 0b100000 else doubled)
    return found


WEIGHTS = powers(LENGTH)[::-1]  # the check character, the last, weighs a^0 = 1


def times(one: int, other: int) -> int:
    """The product of two elements of GF(32)."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 0b100000:
            one ^= 0b100101
        other >>= 1
    return product


def sum_of(values: list[int]) -> int:
    total = 0
    for value, weight in zip(values, WEIGHTS, strict=False):
        total ^= times(value, weight)
    return total


def new_code() -> str:
    """A code as it is written down: `7QK P3V …`."""
    values = [secrets.randbelow(len(ALPHABET)) for _ in range(RANDOM)]
    values.append(sum_of(values))
    return grouped("".join(ALPHABET[value] for value in values))


def grouped(code: str) -> str:
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def plain(typed: str) -> str:
    """The bare code in what someone typed, which forgives case, gaps, and O for 0, I and L for 1.

    Raises Slip where it can't be one.
    """
    code = GAPS.sub("", typed).upper().translate(READ_AS)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise Slip
    if sum_of([ALPHABET.index(character) for character in code]):
        raise Slip
    return code


def digest_of(code: str) -> str:
    """A hash of its own kind, so that it is no other token's; 100 random bits need no slow one."""
    return sha256(b"devotional.readers.return-code:" + code.encode()).hexdigest()


def standing_code(reader: Reader) -> ReturnCode | None:
    return ReturnCode.objects.filter(reader=reader).first()


def mark_of_code(code: ReturnCode | None) -> str:
    """Which code a form means to replace; empty for none."""
    return code.made_at.isoformat() if code else ""


def make_code(reader: Reader, *, replaces: str = "") -> str | None:
    """A new code for `reader`, which ends the one that `replaces` names.

    None where another stands by now: a form that is sent twice must not end the code that was just
    written down.
    """
    code, now = new_code(), timezone.now()
    fresh = {"digest": digest_of(plain(code)), "made_at": now}
    if replaces:
        replaced = ReturnCode.objects.filter(reader=reader, made_at=as_time(replaces))
        return code if replaced.update(**fresh) else None
    try:
        with transaction.atomic():
            ReturnCode.objects.create(reader=reader, **fresh)
    except IntegrityError:
        return None
    return code


def as_time(mark: str) -> datetime:
    """The time in a mark; the epoch, at which no code was made, where it is not one of ours."""
    try:
        at = datetime.fromisoformat(mark)
        # In UTC, as databases ask for: the first and the last days that there are may not have it.
        return (at if timezone.is_aware(at) else timezone.make_aware(at)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, tz=UTC)


def reader_of(code: str) -> Reader | None:
    """The reader to whom a bare code leads; unknown and renewed look the same."""
    return Reader.objects.filter(return_code__digest=digest_of(code)).first()
