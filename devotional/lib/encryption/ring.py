"""The keys of this process: what seals, opens, and notices that the file has changed."""

import contextlib
import secrets
import threading
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from devotional.lib.encryption.errors import KeyRingError, Tampered, UnknownKey
from devotional.lib.encryption.record import (
    NONCE_AT,
    NONCE_BYTES,
    TEXT_AT,
    Sealed,
    associated,
    checked,
    encoded,
    header_of,
)
from devotional.lib.encryption.ring_file import read_keys, stamp_of

CHECK_WORDS = "The key ring opens what was written."
CHECK_BOUND_TO = ("key ring check",)


class KeyRing:
    """The keys, newest first. Safe to share between threads, and to keep.

    A ring knows its file and reads it again when it has changed: by `refresh()`, and once before
    it says `UnknownKey`. So a worker that runs on while another process adds a key can read what
    was sealed with that key a moment later.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = stamp_of(path)  # before the keys: a change in between is then seen next time
        self._keys = read_keys(path)
        self._refreshing = threading.Lock()

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read the ring from its file; refused where other users could read it too."""
        return cls(path)

    def __repr__(self) -> str:
        return f"<KeyRing of {len(self._keys)}, newest {self.newest_id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key ring is not to be pickled: its keys would be copied elsewhere.")

    @property
    def newest_id(self) -> str:
        return next(iter(self._keys)).hex()

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys on the ring."""
        return frozenset(key_id.hex() for key_id in self._keys)

    @property
    def newest_header(self) -> bytes:
        """What each record of the newest key begins with: by it a database finds the others."""
        return header_of(next(iter(self._keys)))

    def seal(self, text: str, *, bound_to: tuple[str, ...]) -> bytes:
        """Seal a text with the newest key, for one place only.

        `bound_to` names the place: ("note", writer's id, row's id). It isn't stored; whoever opens
        the record must know it.
        """
        plain = encoded(text)
        key_id, cipher = next(iter(self._keys.items()))
        header = header_of(key_id)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + cipher.encrypt(nonce, plain, associated(header, bound_to))

    def open(self, sealed: Sealed, *, bound_to: tuple[str, ...]) -> str:
        """The text of a record, if it is whole and this is its place."""
        record = checked(sealed)
        cipher = self._cipher(record[1:NONCE_AT])
        nonce = record[NONCE_AT:TEXT_AT]
        place = associated(record[:NONCE_AT], bound_to)
        with contextlib.suppress(InvalidTag):
            return cipher.decrypt(nonce, record[TEXT_AT:], place).decode("utf-8")
        raise Tampered("A sealed record was altered, or is not where it was written.")

    def reseal(
        self,
        sealed: Sealed,
        *,
        bound_to: tuple[str, ...],
        newly_bound_to: tuple[str, ...] | None = None,
    ) -> bytes:
        """The same text sealed with the newest key, and for another place where one is given."""
        text = self.open(sealed, bound_to=bound_to)
        return self.seal(text, bound_to=bound_to if newly_bound_to is None else newly_bound_to)

    def key_id_of(self, sealed: Sealed) -> str:
        """The id of the key that sealed a record, whether or not it is on this ring."""
        return checked(sealed)[1:NONCE_AT].hex()

    def is_current(self, sealed: Sealed) -> bool:
        """Whether a record is sealed with the newest key, so needs no `reseal()`."""
        return self.key_id_of(sealed) == self.newest_id

    def verify_check_value(self, stored: Sealed) -> None:
        """Raise unless this ring opens the stored `check_value()`: wrong key, no start."""
        with contextlib.suppress(UnknownKey, Tampered):
            if self.open(stored, bound_to=CHECK_BOUND_TO) == CHECK_WORDS:
                return
        raise KeyRingError(
            f"The key ring {self.path} does not open what is stored here. "
            "Put back the key ring that belongs to this database."
        )

    def refresh(self) -> bool:
        """Read the file again if it has changed; True if so.

        A file without the key that this process seals with is another ring, or an old copy. What
        was sealed last would be lost with it, so it is refused and the keys at hand stay.
        """
        if stamp_of(self.path) == self._stamp:
            return False
        with self._refreshing:
            stamp = stamp_of(self.path)
            if stamp == self._stamp:
                return True  # another thread was first
            keys = read_keys(self.path)
            if bytes.fromhex(self.newest_id) not in keys:
                raise KeyRingError(
                    f"The key ring {self.path} has changed and lacks the key in use. "
                    "Put it back, or restart with the database that belongs to it."
                )
            self._keys, self._stamp = keys, stamp
            return True

    def _cipher(self, key_id: bytes) -> AESGCM:
        if key_id not in self._keys:
            self.refresh()
        cipher = self._keys.get(key_id)
        if cipher is None:
            raise UnknownKey(f"A record is sealed with key {key_id.hex()}, not on this key ring.")
        return cipher


def check_value(ring: KeyRing) -> bytes:
    """A record to store beside what is sealed, and to verify at each start.

    Store a new one right after `add_key()`: the old one would also be opened by a copy of the ring
    from before, which can't open what is sealed from then on.
    """
    return ring.seal(CHECK_WORDS, bound_to=CHECK_BOUND_TO)


# The ring of this process

_rings: dict[Path, KeyRing] = {}
_rings_lock = threading.Lock()


def default_ring() -> KeyRing:
    """The ring at `settings.KEY_RING`, read once a process and again when the file has changed.

    Ask each time rather than keep it: the look at the file costs microseconds, and it is how a
    running worker begins to seal with a key that was just added.
    """
    path: Path = settings.KEY_RING  # this very one: a new Path would be hashed anew each time
    ring = _rings.get(path)
    if ring is None:
        with _rings_lock:
            ring = _rings[path] = _rings.get(path) or KeyRing.load(Path(path))
    ring.refresh()
    return ring
