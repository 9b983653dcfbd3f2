"""Putting a backup in the place of what is there, once all of it has been proven.

Until the last step nothing is changed; that step is one rename on SQLite, one transaction on
PostgreSQL. What was there before is kept as one more backup, or as its files where it is damaged.
"""

import contextlib
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
from django.db.migrations.loader import MigrationLoader

from devotional.lib import data_folder
from devotional.lib.backups.copying import (
    connected,
    copy_rows,
    empty,
    is_made,
    models_of,
    set_sequences,
)
from devotional.lib.backups.form import (
    MANIFEST,
    BackupError,
    Manifest,
    examine,
    folder,
    migrations,
    name_for,
    opened,
)
from devotional.lib.backups.writing import sync, unfinished, write_backup

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
    require_known_schema(file)
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
            before = keep_what_is_there(now)
            if connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
                replace_rows()
        if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
            replace_file(copy)
    return Restored(manifest, len(plan), before)


def require_known_schema(file: Path) -> None:
    """Raise BackupError for a backup with a migration that this code doesn't know."""
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    ours = {app.label for app in apps.get_app_configs()}
    with opened(file) as database:
        unknown = sorted(node for node in migrations(database) - known if node[0] in ours)
    if unknown:
        app, name = unknown[0]
        raise BackupError(
            f"{file} was made by a newer version: its migration {app}.{name} isn't known here. "
            "Update the site's code first."
        )


def keep_what_is_there(now: datetime) -> Path | None:
    """Make a backup of the database that will be replaced; None where there is nothing yet.

    Where it is damaged its files are put aside as they are.
    """
    to = folder() / name_for(now, "replaced")
    try:
        if not is_made(connections[DEFAULT_DB_ALIAS]):
            return None
        write_backup(to, now)
    except (BackupError, sqlite3.Error, DatabaseError):
        if connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
            raise
        put_files_aside(to)
    return to


def put_files_aside(to: Path) -> None:
    connections[DEFAULT_DB_ALIAS].close()
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = site_file()
    for kind in ("-journal", "-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{database}{kind}").rename(f"{to}{kind}")
    data_folder.sync(to.parent)


def replace_file(copy: Path) -> None:
    """One rename, once nothing beside the old file is left that SQLite would play into the new."""
    connections[DEFAULT_DB_ALIAS].close()
    database = site_file()
    if database.exists():
        # Opening it plays a journal of a crash back, and closing it ends the log.
        with closing(sqlite3.connect(database)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for kind in ("-journal", "-wal", "-shm"):
        Path(f"{database}{kind}").unlink(missing_ok=True)
    sync(copy)
    copy.chmod(0o600)
    copy.replace(database)
    data_folder.sync(database.parent)


def site_file() -> Path:
    return Path(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"])


def replace_rows() -> None:
    """All rows of the copy for all that are there, in one transaction, in tables of today."""
    connection = connections[DEFAULT_DB_ALIAS]
    require_alone()
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
