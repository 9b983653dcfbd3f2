"""Putting a backup in the place of what is there, once all of it has been proven.

Until the last step nothing is changed; that step is one rename on SQLite, one transaction on
PostgreSQL. What was there before is kept as one more backup, or as its files where it is damaged.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from devotional.lib import data_folder
from devotional.lib.backups.copying import (
    connected,
    copy_rows,
    empty,
    is_made,
    models_of,
    require_known,
    set_sequences,
)
from devotional.lib.backups.form import (
    MANIFEST,
    BackupError,
    Manifest,
    examine,
    migrations,
    new_file,
    opened,
)
from devotional.lib.backups.writing import sync, unfinished, write_backup

IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
COPY = "backup"  # the alias under which Django knows the backup


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where that lies which was there before."""

    manifest: Manifest
    migrated: int  # migrations that the backup was brought forward by
    before: Path | None


def restore(file: Path, now: datetime, *, prove: Callable[[str], None]) -> Restored:
    """Put the backup `file` in the place of the site's database.

    `prove` is given the alias of the backup as it will stand, and raises where it must not: it is
    asked before anything is changed. No server may run meanwhile. Raises BackupError, OSError,
    sqlite3.Error, django.db.DatabaseError, and what `prove` raises.
    """
    manifest = examine(file)
    with opened(file) as database:
        require_known(migrations(database), str(file))
    with unfinished(Path(settings.DATA)) as copy:
        shutil.copyfile(file, copy)
        with opened(copy, to_write=True) as database:
            database.execute(f"DROP TABLE {MANIFEST}")
            database.execute("PRAGMA application_id = 0")
            database.commit()
        with connected(copy, COPY) as connection:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            call_command("migrate", database=COPY, interactive=False, verbosity=0)
            prove(COPY)
            is_whole = settled()
            before = keep_what_is_there(now) if is_whole else put_files_aside(now)
            if connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
                replace_rows()
        if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
            replace_file(copy)
    return Restored(manifest, len(plan), before)


def settled() -> bool:
    """Let what is there be at rest; False where it is damaged.

    On SQLite one file then holds all of it: what a crash had left in a journal is played back, and
    a log is ended. Raises BackupError where somebody still uses it.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "sqlite":
        require_alone()
        return True
    connection.close()
    if not site_file().exists():
        return True
    try:
        with closing(sqlite3.connect(site_file(), isolation_level=None)) as old:
            old.execute("PRAGMA journal_mode = DELETE").fetchone()
            old.execute("BEGIN EXCLUSIVE")
            old.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in IN_USE:
            raise BackupError(f"{site_file()} is in use by another process.") from None
        return False
    return True


def keep_what_is_there(now: datetime) -> Path | None:
    """Make a backup of the database that will be replaced; None where there is nothing yet.

    Where that can't be made of a file it is put aside as it is.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    to = new_file(now, "replaced")
    try:
        if not is_made(connection):
            return None
        write_backup(to, now)
    except (BackupError, sqlite3.Error, DatabaseError):
        if connection.vendor != "sqlite":
            raise
        return put_files_aside(now)
    return to


def put_files_aside(now: datetime) -> Path:
    """Give the database a second name, so that it is there still when its first is another's."""
    connections[DEFAULT_DB_ALIAS].close()
    to = new_file(now, "replaced")
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.link(site_file(), to)
    for kind in ("-journal", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.link(f"{site_file()}{kind}", f"{to}{kind}")
    data_folder.sync(to.parent)
    return to


def replace_file(copy: Path) -> None:
    """One rename, once nothing beside the old file is left that SQLite would play into the new."""
    connections[DEFAULT_DB_ALIAS].close()
    database = site_file()
    sync(copy)
    copy.chmod(0o600)
    for kind in ("-journal", "-wal", "-shm"):  # there only beside a damaged file, and put aside
        Path(f"{database}{kind}").unlink(missing_ok=True)
    copy.replace(database)
    data_folder.sync(database.parent)


def site_file() -> Path:
    return Path(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"])


def replace_rows() -> None:
    """All rows of the copy for all that are there, in one transaction, in tables of today."""
    connection = connections[DEFAULT_DB_ALIAS]
    call_command("migrate", interactive=False, verbosity=0)
    models = models_of(apps)
    with transaction.atomic():
        empty(models, connection)
        copy_rows(models, COPY, DEFAULT_DB_ALIAS)
        set_sequences(models, connection)
        connection.check_constraints()


def require_alone() -> None:
    """Raise BackupError while a site uses the database, here or on another machine."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'devotional' AND pid != pg_backend_pid()"
        )
        (others,) = cursor.fetchone()
    if others:
        raise BackupError("A site still uses this database. Stop it first.")
