"""The key ring file: making it, adding to it, reading it.

The file holds lines `id:base64`, newest first. The newest seals; all of them open. It lies outside
the database and its backups: whoever has only one of the two can read nothing.
"""

import base64
import binascii
import contextlib
import fcntl
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from devotional.lib.data_folder import sync, write_once
from devotional.lib.encryption.errors import KeyRingError
from devotional.lib.encryption.record import KEY_ID_BYTES

ADVICE = "Without this file nothing written can be read. Keep a copy apart from the backups."

KEY_BYTES = 32  # AES-256
KEY_LINE = re.compile(r"([0-9a-f]{8}):([A-Za-z0-9+/]{43}=)")


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
        taken = [key_id.hex() for key_id in read_keys(path)]
        line = _new_key_line(taken)
        lines = path.read_text(encoding="ascii").splitlines()
        first = next(at for at, old in enumerate(lines) if KEY_LINE.fullmatch(old.strip()))
        _replace(path, "\n".join([*lines[:first], line, *lines[first:]]) + "\n")
    return line[: KEY_ID_BYTES * 2]


def retire_keys(path: Path, *, keep: frozenset[str], to: Path) -> list[str]:
    """Move all keys but the newest and those of `keep` to the new file `to`; return their ids.

    That file is a key ring too: it opens the backups from when its keys were in use. It is on the
    disk before the ring is changed, so a crash between the two leaves a key twice, never nowhere.
    """
    path = path.resolve()
    with _only_one(path.parent):
        _, *older = [key_id.hex() for key_id in read_keys(path)]
        retired = [key_id for key_id in older if key_id not in keep]
        if not retired:
            return []
        lines = path.read_text(encoding="ascii").splitlines()
        leaving = [line for line in lines if line.strip()[: KEY_ID_BYTES * 2] in retired]
        text = "\n".join(["# Retired: opens backups from before, nothing newer.", *leaving]) + "\n"
        write_once(to, text)
        if to.read_text(encoding="ascii") != text:
            raise KeyRingError(f"{to} is there already. Retired keys go to a new file.")
        _replace(path, "\n".join(line for line in lines if line not in leaving) + "\n")
    return retired


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


def stamp_of(path: Path) -> tuple[int, int, int]:
    """What tells one state of the file from another."""
    stat = None
    with contextlib.suppress(OSError):
        stat = path.stat()
    if stat is None:
        raise KeyRingError(f"The key ring {path} is not there. {ADVICE}")
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def read_keys(path: Path) -> dict[bytes, AESGCM]:
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
