"""A backup as a file: its name, its manifest, and how to tell that it is whole.

It is an SQLite database with all tables of the site and one of our own, the manifest, which says
when it was made, how many rows each table had, and a digest of all of them: SQLite's own check
finds a damaged structure, but not a changed letter.
"""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from devotional.lib import data_folder

MANIFEST = "devotional_backup"
MARK = 0x44564231  # SQLite's application_id: "DVB1"
PLACE_OF_MARK = 68  # bytes into the file
KEPT_FOR = timedelta(days=30)  # readers are told that backups forget within it

NAME = re.compile(r"devotional-(\d{8}T\d{6}Z)(-[a-z0-9-]+)?\.backup(-journal|-wal|-shm)?")
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
    digest: str  # SHA-256 of the tables and of every value in them

    @property
    def count(self) -> int:
        return sum(self.rows.values())


def folder() -> Path:
    return Path(settings.DATA) / "backups"


def name_for(now: datetime, why: str = "") -> str:
    """`devotional-20260304T050607Z.backup`, or `…Z-before-migration.backup`."""
    return f"devotional-{now.astimezone(UTC).strftime(TIME)}{f'-{why}' if why else ''}.backup"


def new_file(now: datetime, why: str = "") -> Path:
    """A name in our folder that is not taken: of two in one second the second has a number."""
    file, number = folder() / name_for(now, why), 2
    while file.exists():
        file = folder() / name_for(now, f"{why}-{number}".removeprefix("-"))
        number += 1
    return file


def times() -> list[datetime]:
    """When the backups in our folder were made, by their names, in order."""
    return sorted(made_at for _file, made_at in dated())


def dated() -> Iterator[tuple[Path, datetime]]:
    """The files in our folder whose names are those of backups, and what lies beside one."""
    for file in sorted(folder().glob("devotional-*.backup*")):
        if found := NAME.fullmatch(file.name):
            try:
                yield file, datetime.strptime(found[1], TIME).replace(tzinfo=UTC)
            except ValueError:
                continue  # no time that there is: not a name that we gave


def forget_old(now: datetime, keep: timedelta = KEPT_FOR) -> int:
    """Remove backups older than `keep` from our folder, and what was never finished; how many.

    They go by the time in their name, and nothing else in the folder is touched. The newest stays
    however old it is, since it may be all that is left. By the clock: whoever calls has made sure
    of it. Raises OSError.
    """
    forgotten = 0
    newest = newest_one(now)
    for file, made_at in list(dated()):
        if made_at < now - keep and file != newest:
            file.unlink(missing_ok=True)
            forgotten += 1
    for place in (folder(), Path(settings.DATA)):
        sweep(place)
    return forgotten


def newest_one(now: datetime) -> Path | None:
    """The newest file that is a backup, and not one that was only put aside or dated ahead."""
    whole = [(made_at, file) for file, made_at in dated() if made_at <= now and is_marked(file)]
    return max(whole)[1] if whole else None


def is_marked(file: Path) -> bool:
    """Whether a file says of itself that it is a backup; it isn't proven here."""
    with file.open("rb") as opened_file:
        return opened_file.read(PLACE_OF_MARK + 4)[PLACE_OF_MARK:] == MARK.to_bytes(4)


def sweep(place: Path) -> None:
    """Remove from a folder what a process that was killed had begun to write there.

    Whoever is still writing holds a lock on the file.
    """
    for file in place.glob(f"{PARTIAL}*"):
        whose = place / re.sub("-(journal|wal|shm)$", "", file.name)
        if not whose.exists():
            file.unlink(missing_ok=True)
        elif (held := data_folder.lock(whose)) is not None:
            file.unlink(missing_ok=True)
            os.close(held)


@contextmanager
def opened(file: Path, *, to_write: bool = False) -> Iterator[sqlite3.Connection]:
    """The file as a database. Raises sqlite3.Error where it is none, or isn't there."""
    how = "rw" if to_write else "ro"
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode={how}", uri=True)) as database:
        yield database


def write_manifest(database: sqlite3.Connection, made_at: datetime, made_from: str) -> Manifest:
    manifest = Manifest(made_at, made_from, *described(database))
    said = {
        "made_at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "made_from": made_from,
        "rows": json.dumps(manifest.rows, sort_keys=True),
        "digest": manifest.digest,
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
                datetime.fromisoformat(said["made_at"]),
                said["made_from"],
                json.loads(said["rows"]),
                said["digest"],
            )
            rows, digest = described(database)
            if rows != manifest.rows:
                raise BackupError(f"{file} doesn't hold as many rows as it says. It is damaged.")
            if digest != manifest.digest:
                raise BackupError(f"{file} doesn't hold what was put in. It is damaged.")
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


def described(database: sqlite3.Connection) -> tuple[dict[str, int], str]:
    """The number of rows in each table, and a digest of the tables and of every value."""
    digest = sha256()
    schema = "SELECT name, sql FROM sqlite_master WHERE tbl_name != ? ORDER BY type, name"
    for row in database.execute(schema, [MANIFEST]):
        digest.update(repr(row).encode())
    names, counts = tables(database), {}
    usual, database.text_factory = database.text_factory, bytes  # whatever it may hold
    try:
        for table in names:
            counts[table] = 0
            digest.update(f"\n{table}\n".encode())
            for row in database.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):  # noqa: S608
                counts[table] += 1
                for part in spelled(row):
                    digest.update(part)
    finally:
        database.text_factory = usual
    return counts, digest.hexdigest()


def spelled(row: tuple[object, ...]) -> Iterator[bytes]:
    """A row's values so that no two rows are spelled alike; long ones are not copied."""
    for value in row:
        if isinstance(value, bytes):
            yield b"%d:" % len(value)
            yield value
        else:
            yield repr(value).encode() + b";"


def migrations(database: sqlite3.Connection) -> set[tuple[str, str]]:
    """The migrations that the tables have gone through, as (app, name)."""
    return set(database.execute("SELECT app, name FROM django_migrations"))
