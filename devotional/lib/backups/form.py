"""A backup as a file: its name, its manifest, and how to tell that it is whole.

It is an SQLite database with all tables of the site and one of our own, the manifest, which says
when it was made and how many rows each table had.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

MANIFEST = "devotional_backup"
MARK = 0x44564231  # SQLite's application_id: "DVB1"
KEPT_FOR = timedelta(days=30)  # readers are told that backups forget within it

NAME = re.compile(r"devotional-(\d{8}T\d{6}Z)(-[a-z-]+)?\.backup(-journal|-wal|-shm)?")
TIME = "%Y%m%dT%H%M%SZ"
PARTIAL = ".devotional-partial-"


class BackupError(Exception):
    """A backup can't be made or isn't one; the message is the one line to show."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    made_from: str  # "sqlite" or "postgresql"
    rows: dict[str, int]  # by table

    @property
    def count(self) -> int:
        return sum(self.rows.values())


def folder() -> Path:
    return Path(settings.DATA) / "backups"


def name_for(now: datetime, why: str = "") -> str:
    """`devotional-20260304T050607Z.backup`, or `…Z-before-migration.backup`."""
    return f"devotional-{now.astimezone(UTC).strftime(TIME)}{f'-{why}' if why else ''}.backup"


def forget_old(now: datetime, keep: timedelta = KEPT_FOR) -> int:
    """Remove backups older than `keep` from our folder, and what was never finished; how many.

    They go by the time in their name, and nothing else in the folder is touched.
    """
    forgotten = 0
    for file in sorted(folder().glob("devotional-*.backup*")):
        found = NAME.fullmatch(file.name)
        if found and datetime.strptime(found[1], TIME).replace(tzinfo=UTC) < now - keep:
            file.unlink(missing_ok=True)
            forgotten += 1
    for file in folder().glob(f"{PARTIAL}*"):
        if file.stat().st_mtime < (now - timedelta(days=1)).timestamp():
            file.unlink(missing_ok=True)
    return forgotten


@contextmanager
def opened(file: Path, *, to_write: bool = False) -> Iterator[sqlite3.Connection]:
    """The file as a database. Raises sqlite3.Error where it is none, or isn't there."""
    how = "rw" if to_write else "ro"
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode={how}", uri=True)) as database:
        yield database


def write_manifest(database: sqlite3.Connection, made_at: datetime, made_from: str) -> Manifest:
    manifest = Manifest(made_at, made_from, counted(database))
    said = {
        "made_at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "made_from": made_from,
        "rows": json.dumps(manifest.rows, sort_keys=True),
    }
    database.execute(f"CREATE TABLE {MANIFEST} (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    database.executemany(f"INSERT INTO {MANIFEST} VALUES (?, ?)", sorted(said.items()))  # noqa: S608
    database.execute(f"PRAGMA application_id = {MARK}")
    return manifest


def examine(file: Path) -> Manifest:
    """The manifest of a whole and sound backup. Raises BackupError for anything else."""
    if not file.is_file():
        raise BackupError(f"There is no backup {file}.")
    try:
        with opened(file) as database:
            (mark,) = database.execute("PRAGMA application_id").fetchone()
            if mark != MARK:
                raise BackupError(f"{file} is not a backup that `manage.py backup` made.")
            require_sound(database, file)
            said = dict(database.execute(f"SELECT name, value FROM {MANIFEST}"))  # noqa: S608
            manifest = Manifest(
                datetime.fromisoformat(said["made_at"]), said["made_from"], json.loads(said["rows"])
            )
            if counted(database) != manifest.rows:
                raise BackupError(f"{file} doesn't hold as many rows as it says. It is damaged.")
    except (sqlite3.Error, KeyError, ValueError) as error:
        raise BackupError(f"{file} is not a backup, or is damaged: {error}.") from error
    return manifest


def require_sound(database: sqlite3.Connection, file: Path) -> None:
    """Raise BackupError unless every page is in order, and each row that another names is there."""
    said = [row[0] for row in database.execute("PRAGMA integrity_check(5)")]
    if said != ["ok"]:
        raise BackupError(f"{file} is damaged: {said[0]}.")
    if missing := database.execute("PRAGMA foreign_key_check").fetchone():
        raise BackupError(f"{file} is damaged: a row of {missing[0]} names one that isn't there.")


def tables(database: sqlite3.Connection) -> list[str]:
    """The names of the site's own tables."""
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' AND name != ? ORDER BY name",
        [MANIFEST],
    )
    return [name for (name,) in found]


def counted(database: sqlite3.Connection) -> dict[str, int]:
    return {
        table: database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
        for table in tables(database)
    }


def migrations(database: sqlite3.Connection) -> set[tuple[str, str]]:
    """The migrations that the tables have gone through, as (app, name)."""
    return set(database.execute("SELECT app, name FROM django_migrations"))
