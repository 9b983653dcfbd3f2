"""The data folder: made for its owner alone, with the secret key in it, held by one server.

Here is how the folder comes to be and what makes it safe between processes. What is kept in it
is decided elsewhere. Nothing is made by importing this or by reading the settings.
"""

import fcntl
import os
import secrets
import tempfile
from pathlib import Path
from typing import NoReturn

SECRET_KEY_FILE = "secret_key"  # noqa: S105, a file's name
LOCK_FILE = "server.lock"
SHORTEST_SECRET_KEY = 50  # characters


class DataFolderError(Exception):
    """The folder can't be used; the message is the one line to show."""


def make(path: Path) -> None:
    """Make the folder for its owner alone. One that is there is left as its owner set it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        refuse(path, error)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise DataFolderError(f"The data folder {path} can't be written by this user.")


def secret_key(path: Path) -> str:
    """The key kept in the data folder; the first process to ask makes it.

    The key is written to a file of its own and synced, then linked to its final name. A link
    fails where the name is taken, so of several processes one wins, the rest read the winner's,
    and nobody, not even after a crash, meets half a key.
    """
    final = path / SECRET_KEY_FILE
    if not final.exists():
        make(path)
        try:
            write_once(final, secrets.token_urlsafe(64) + "\n")
        except OSError as error:
            refuse(path, error)
    try:
        key = final.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFolderError(f"The secret key in {final} can't be read.") from error
    if len(key) < SHORTEST_SECRET_KEY:
        raise DataFolderError(
            f"The secret key in {final} is damaged. Put it back from a backup, or delete the file "
            "to have a new one made."
        )
    return key


def write_once(final: Path, text: str) -> None:
    """Write a file whole, for its owner alone, unless it is there already."""
    # mkstemp opens with O_EXCL and mode 0600.
    descriptor, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, final)
        except FileExistsError:
            return  # another process was first
        sync(final.parent)
    finally:
        Path(name).unlink()


def replace(file: Path, text: str) -> None:
    """Put a whole new file of ASCII in the place of `file`, for its owner alone, durably."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync(file.parent)


def sync(folder: Path) -> None:
    """Make the names in a folder durable, as fsync on a file does for its bytes only."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hold(path: Path) -> int:
    """Take the folder for one server and return the descriptor that holds it.

    Two servers on one folder would migrate and collect files under each other.
    """
    descriptor = lock(path / LOCK_FILE)
    if descriptor is None:
        raise DataFolderError(
            f"Another server is already running on the data folder {path}. "
            "Stop it first, or give this one another folder with DATA=…"
        )
    return descriptor


def lock(file: Path) -> int | None:
    """Lock `file` and return the descriptor that holds it; None while another process does.

    The lock goes with the last process that has the descriptor, however it ends, so none is ever
    stale.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def refuse(path: Path, error: OSError) -> NoReturn:
    reason = (error.strerror or "unknown error").lower()
    raise DataFolderError(f"The data folder {path} can't be made or written: {reason}.") from error
