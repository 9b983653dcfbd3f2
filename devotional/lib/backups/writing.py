"""Making a backup beside a running site: consistent, checked, and there in full or not at all."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from devotional.lib import data_folder
from devotional.lib.backups.copying import (
    connected,
    copy_rows,
    empty,
    is_made,
    migrations_of,
    models_of,
    require_known,
    state_of,
    tables_left_out,
)
from devotional.lib.backups.form import (
    PARTIAL,
    BackupError,
    Manifest,
    examine,
    opened,
    require_sound,
    sweep,
    tables,
    write_manifest,
)

COPY = "copy"  # the alias under which Django knows a backup that is being made


def write_backup(to: Path, now: datetime) -> Manifest:
    """Write a backup of the site's database to the new file `to`, and return what it holds.

    Everything that was saved before the call is in it. Raises BackupError, OSError,
    sqlite3.Error and django.db.DatabaseError; then nothing is at `to`.
    """
    if to.exists():
        raise BackupError(f"{to} is there already. A backup never replaces a file.")
    if not is_made(connections[DEFAULT_DB_ALIAS]):
        raise BackupError("There is no database yet, so there is nothing to back up.")
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    with unfinished(to.parent) as file:
        if vendor == "sqlite":
            copy_file(file)
        else:
            copy_tables(file)
        with opened(file, to_write=True) as database:
            finish(database, now, vendor)
        manifest = examine(file)
        sync(file)
        os.link(file, to)  # fails where there is a file by now
        data_folder.sync(to.parent)
    return manifest


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """An empty file of a passing name, for its owner alone, gone at the end.

    Those that others began there and were killed over go now.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=PARTIAL)  # mode 0600
    os.close(descriptor)
    file = Path(name)
    held = data_folder.lock(file)  # so that nobody sweeps it away
    try:
        yield file
    finally:
        for left in (*(Path(f"{name}-{kind}") for kind in ("journal", "wal", "shm")), file):
            left.unlink(missing_ok=True)
        if held is not None:
            os.close(held)


def copy_file(to: Path) -> None:
    """Copy SQLite's pages in one go: readers go on, and who writes waits that long."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    source: sqlite3.Connection = connection.connection
    with closing(sqlite3.connect(to)) as target:
        # Synced once, at the end.
        target.execute("PRAGMA synchronous = OFF")
        source.backup(target)


def copy_tables(to: Path) -> None:
    """Copy rows as they were at one moment into tables of the same migrations."""
    connection = connections[DEFAULT_DB_ALIAS]
    require_known(migrations_of(connection), "The database")
    nodes, apps = state_of(connection)
    models = models_of(apps)
    with connected(to, COPY) as copy:
        for app, name in nodes:
            call_command("migrate", app, name, database=COPY, interactive=False, verbosity=0)
        with transaction.atomic(using=COPY), transaction.atomic():
            empty(models, copy)
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                # It stands still for as long as what was read is being written.
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            copy_rows(models, DEFAULT_DB_ALIAS, COPY)


def finish(database: sqlite3.Connection, now: datetime, vendor: str) -> None:
    """Leave out what helps nobody, prove the rest, and add the manifest."""
    # One file: with a write-ahead log, whoever looks at it would lay others beside it.
    database.execute("PRAGMA journal_mode = DELETE").fetchone()
    database.execute("PRAGMA secure_delete = ON")
    for table in tables_left_out() & set(tables(database)):
        database.execute(f'DELETE FROM "{table}"')  # noqa: S608
    require_sound(database, Path("The copy"))
    write_manifest(database, now, vendor)
    database.commit()


def sync(file: Path) -> None:
    with file.open("rb") as descriptor:
        os.fsync(descriptor.fileno())
