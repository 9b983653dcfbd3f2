"""How we open SQLite: durable first, then as fast as the library's version safely allows.

Versions 3.7.0 to 3.51.2 carry the WAL-reset bug: two connections that checkpoint and commit
together may corrupt the database or lose commits. It is fixed in 3.51.3 and was brought back to
3.50.7 and 3.44.6. On a fixed library we use the write-ahead log; on any other the rollback
journal, which the bug can't reach.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

type Version = tuple[int, int, int]

WAIT = 10  # seconds a connection waits for another's lock


@dataclass(frozen=True, slots=True)
class Journal:
    """The pair of settings that decides what survives a loss of power."""

    mode: str  # PRAGMA journal_mode
    synchronous: str  # PRAGMA synchronous

    def __str__(self) -> str:
        name = {"WAL": "write-ahead log", "DELETE": "rollback journal"}.get(
            self.mode, f"{self.mode.lower()} journal"
        )
        return f"{name}, synchronous {self.synchronous}"


LEVELS = ("OFF", "NORMAL", "FULL", "EXTRA")  # PRAGMA synchronous answers by number

# With both pairs, a save that was answered is on the disk. EXTRA also syncs the folder after the
# journal is removed; without that a loss of power can bring the journal back and undo a commit.
WRITE_AHEAD_LOG = Journal("WAL", "FULL")
ROLLBACK_JOURNAL = Journal("DELETE", "EXTRA")


def has_sound_wal(version: Version) -> bool:
    """Whether this version of SQLite is free of the WAL-reset bug."""
    return (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
    )


def journal_for(version: Version) -> Journal:
    return WRITE_AHEAD_LOG if has_sound_wal(version) else ROLLBACK_JOURNAL


def in_force(connection: BaseDatabaseWrapper) -> Journal:
    """What a live connection really has, which may differ from what it was opened with.

    SQLite refuses a journal in silence: on a disk without shared memory it leaves the rollback
    journal where the write-ahead log was asked for.
    """
    with connection.cursor() as cursor:
        mode = str(cursor.execute("PRAGMA journal_mode").fetchone()[0])
        level = int(cursor.execute("PRAGMA synchronous").fetchone()[0])
    return Journal(mode.upper(), LEVELS[level])


def empty_log() -> None:
    """After an erasure: let the write-ahead log not keep what the database has overwritten.

    Where others read just now it stays a while longer, until the next erasure or the last
    connection is closed. The rollback journal is gone with each commit.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def database(file: Path) -> dict[str, Any]:
    """An entry of Django's DATABASES."""
    return {
        "ENGINE": "devotional.lib.sqlite",
        "NAME": file,
        "OPTIONS": options(),
        # One connection a thread, kept: opening one for each request costs a third of the saves.
        "CONN_MAX_AGE": None,
    }


def options(version: Version = sqlite3.sqlite_version_info[:3]) -> dict[str, Any]:
    """The OPTIONS of Django's SQLite back end."""
    journal = journal_for(version)
    pragmas = (
        f"PRAGMA journal_mode = {journal.mode}",
        f"PRAGMA synchronous = {journal.synchronous}",
        # What is erased is overwritten, not left in free pages.
        "PRAGMA secure_delete = ON",
    )
    return {
        # Reading first and asking for the write lock later fails at once under load, without
        # waiting ("database is locked"); asking for it at BEGIN waits its turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": WAIT,
        "init_command": "; ".join(pragmas),
    }
