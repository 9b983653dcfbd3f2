"""Text sealed at rest with AES-256-GCM, and the key ring that opens it again.

Here live the key ring file, the form of a sealed record, and its errors. What is sealed, and where
it is stored, is not known here: callers say what a record is bound to, as plain words.

A record is `version (1 byte) | key id (4) | nonce (12) | ciphertext and tag`. It opens only with
the same words in `bound_to`, so a row copied to another reader, or to another row, stays shut.

The ring is a file of lines `id:base64`, newest first. The newest seals; all of them open. It lies
outside the database and its backups: whoever has only one of the two can read nothing.
"""

import base64
import binascii
import contextlib
import fcntl
import os
import re
import secrets
import struct
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from devotional.lib.data_folder import sync, write_once

ADVICE = "Without this file nothing written can be read. Keep a copy apart from the backups."

VERSION = 1
KEY_ID_BYTES = 4
KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # drawn at random: good for 2**32 records a key (NIST SP 800-38D, 8.3)
TAG_BYTES = 16
NONCE_AT = 1 + KEY_ID_BYTES
TEXT_AT = NONCE_AT + NONCE_BYTES

KEY_LINE = re.compile(r"([0-9a-f]{8}):([A-Za-z0-9+/]{43}=)")
CHECK_WORDS = "The key ring opens what was written."
CHECK_BOUND_TO = ("key ring check",)

type Sealed = bytes | memoryview  # some databases hand binary columns out as memoryview


class EncryptionError(Exception):
    """Something can't be sealed or opened. Messages never hold a text or a key."""


class UnknownKey(EncryptionError):
    """A record was sealed with a key that the ring doesn't hold."""


class Tampered(EncryptionError):
    """A record was altered, cut short, or moved to a place that it isn't bound to."""


class KeyRingError(EncryptionError):
    """The key ring file can't be used; the message is the one line to show."""


class KeyRing:
    """The keys, newest first. Safe to share between threads, and to keep.

    A ring knows its file and reads it again when it has changed: by `refresh()`, and once before
    it says `UnknownKey`. So a worker that runs on while another process adds a key can read what
    was sealed with that key a moment later.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = _stamp(path)  # before the keys: a change in between is then seen next time
        self._keys = _read_keys(path)
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

    def seal(self, text: str, *, bound_to: tuple[str, ...]) -> bytes:
        """Seal a text with the newest key, for one place only.

        `bound_to` names the place: ("note", writer's id, row's id). It isn't stored; whoever opens
        the record must know it.
        """
        plain = _encoded(text)
        key_id, cipher = next(iter(self._keys.items()))
        header = bytes([VERSION]) + key_id
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + cipher.encrypt(nonce, plain, _associated(header, bound_to))

    def open(self, sealed: Sealed, *, bound_to: tuple[str, ...]) -> str:
        """The text of a record, if it is whole and this is its place."""
        record = _checked(sealed)
        cipher = self._cipher(record[1:NONCE_AT])
        nonce = record[NONCE_AT:TEXT_AT]
        associated = _associated(record[:NONCE_AT], bound_to)
        with contextlib.suppress(InvalidTag):
            return cipher.decrypt(nonce, record[TEXT_AT:], associated).decode("utf-8")
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
        return _checked(sealed)[1:NONCE_AT].hex()

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
        if _stamp(self.path) == self._stamp:
            return False
        with self._refreshing:
            stamp = _stamp(self.path)
            if stamp == self._stamp:
                return True  # another thread was first
            keys = _read_keys(self.path)
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
    path = Path(settings.KEY_RING)
    ring = _rings.get(path)
    if ring is None:
        with _rings_lock:
            ring = _rings[path] = _rings.get(path) or KeyRing.load(path)
    ring.refresh()
    return ring


# The key ring file


def ensure_key_ring(path: Path) -> bool:
    """Make the file with a first key, unless it is there; True if this call made it.

    It is written whole under another name, synced, and linked into place. A link fails where the
    name is taken, so no ring is ever overwritten, and no process meets half of one.
    """
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = f"# {ADVICE}\n{_new_key_line(taken=())}\n"
    write_once(path, text)
    return path.read_text(encoding="ascii") == text


def add_key(path: Path) -> str:
    """Put a new key before the others, and return its id. Running processes take it up by stamp.

    The old keys stay: what they sealed must still open. The file is replaced as a whole, keeps its
    owner (root may rotate for the user that serves), and only one process replaces it at a time.
    """
    path = path.resolve()  # a link stays a link
    with _only_one(path.parent):
        taken = [key_id.hex() for key_id in _read_keys(path)]
        line = _new_key_line(taken)
        lines = path.read_text(encoding="ascii").splitlines()
        first = next(at for at, old in enumerate(lines) if KEY_LINE.fullmatch(old.strip()))
        _replace(path, "\n".join([*lines[:first], line, *lines[first:]]) + "\n")
    return line[: KEY_ID_BYTES * 2]


def _new_key_line(taken: Sequence[str]) -> str:
    while (key_id := secrets.token_hex(KEY_ID_BYTES)) in taken:
        pass
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _replace(path: Path, text: str) -> None:
    owner = path.stat()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync(path.parent)


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: of two that read and replace a file, one would lose its key."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _stamp(path: Path) -> tuple[int, int, int]:
    """What tells one state of the file from another."""
    stat = None
    with contextlib.suppress(OSError):
        stat = path.stat()
    if stat is None:
        raise KeyRingError(f"The key ring {path} is not there. {ADVICE}")
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _read_keys(path: Path) -> dict[bytes, AESGCM]:
    """The keys in the file. One that other users can reach is refused, whatever the folder allows.

    Errors are raised outside the handlers: a chained error could carry the file's bytes along.
    """
    content = None
    with contextlib.suppress(OSError), path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        content = file.read()
    if content is None:
        raise KeyRingError(f"The key ring {path} can't be read by this user.")
    if mode & 0o077:
        raise KeyRingError(f"The key ring {path} is open to other users. Run: chmod 600 {path}")
    keys: dict[bytes, AESGCM] = {}
    for number, line in enumerate(content.decode("ascii", "replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        form = KEY_LINE.fullmatch(line.strip())
        if form is None or bytes.fromhex(form[1]) in keys:
            raise KeyRingError(f"The key ring {path} is damaged in line {number}.")
        keys[bytes.fromhex(form[1])] = AESGCM(binascii.a2b_base64(form[2]))
    if not keys:
        raise KeyRingError(f"The key ring {path} holds no key.")
    return keys


# The record


def _checked(sealed: Sealed) -> bytes:
    record = bytes(sealed)
    if len(record) < TEXT_AT + TAG_BYTES:
        raise Tampered("A sealed record is too short.")
    if record[0] != VERSION:
        raise Tampered(f"A sealed record has version {record[0]}, not {VERSION}.")
    return record


def _associated(header: bytes, bound_to: tuple[str, ...]) -> bytes:
    """Version, key id and the place, each part behind its length.

    The lengths keep ("ab", "c") and ("a", "bc") apart, which joining the words would not.
    """
    if not bound_to:
        raise ValueError("A record must be bound to something.")
    parts = [header, *(part.encode("utf-8") for part in bound_to)]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def _encoded(text: str) -> bytes:
    # The error of a failed encoding holds the whole text, so it is not passed on or chained.
    with contextlib.suppress(UnicodeEncodeError):
        return text.encode("utf-8")
    raise EncryptionError("A text with a lone surrogate can't be sealed; replace it before.")
