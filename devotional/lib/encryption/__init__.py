"""Text sealed at rest with AES-256-GCM, and the key ring that opens it again.

What is sealed, and where it is stored, is not known here: callers say what a record is bound to,
as plain words. `record` knows the form of a sealed record, `ring_file` the file that the keys are
kept in, and `ring` holds the keys and seals and opens with them.
"""

from devotional.lib.encryption.errors import EncryptionError, KeyRingError, Tampered, UnknownKey
from devotional.lib.encryption.ring import KeyRing, check_value, default_ring
from devotional.lib.encryption.ring_file import ADVICE, add_key, ensure_key_ring, retire_keys

__all__ = [
    "ADVICE",
    "EncryptionError",
    "KeyRing",
    "KeyRingError",
    "Tampered",
    "UnknownKey",
    "add_key",
    "check_value",
    "default_ring",
    "ensure_key_ring",
    "retire_keys",
]
