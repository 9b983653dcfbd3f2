"""The form of a sealed record, and what it is bound to.

A record is `version (1 byte) | key id (4) | nonce (12) | ciphertext and tag`. It opens only with
the same words in `bound_to`, so a row copied to another reader, or to another row, stays shut.
"""

import contextlib
import struct

from devotional.lib.encryption.errors import EncryptionError, Tampered

VERSION = 1
KEY_ID_BYTES = 4
NONCE_BYTES = 12  # drawn at random: good for 2**32 records a key (NIST SP 800-38D, 8.3)
TAG_BYTES = 16
NONCE_AT = 1 + KEY_ID_BYTES
TEXT_AT = NONCE_AT + NONCE_BYTES

type Sealed = bytes | memoryview  # some databases hand binary columns out as memoryview


def header_of(key_id: bytes) -> bytes:
    return bytes([VERSION]) + key_id


def checked(sealed: Sealed) -> bytes:
    record = bytes(sealed)
    if len(record) < TEXT_AT + TAG_BYTES:
        raise Tampered("A sealed record is too short.")
    if record[0] != VERSION:
        raise Tampered(f"A sealed record has version {record[0]}, not {VERSION}.")
    return record


def associated(header: bytes, bound_to: tuple[str, ...]) -> bytes:
    """Version, key id and the place, each part behind its length.

    The lengths keep ("ab", "c") and ("a", "bc") apart, which joining the words would not.
    """
    if not bound_to:
        raise ValueError("A record must be bound to something.")
    parts = [header, *(part.encode("utf-8") for part in bound_to)]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def encoded(text: str) -> bytes:
    # The error of a failed encoding holds the whole text, so it is not passed on or chained.
    with contextlib.suppress(UnicodeEncodeError):
        return text.encode("utf-8")
    raise EncryptionError("A text with a lone surrogate can't be sealed; replace it before.")
