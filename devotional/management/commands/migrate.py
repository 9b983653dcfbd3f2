"""Django's `migrate`, which makes a backup first (S5): of a database that holds something and is
about to be changed. Where that fails, nothing is.
"""

import os
import sqlite3
from typing import Any, NoReturn

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from devotional.lib import backups
from devotional.readers import clock


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] == DEFAULT_DB_ALIAS and not only_looks(options):
            self.back_up(options)
        super().handle(*args, **options)

    def back_up(self, options: dict[str, Any]) -> None:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if not executor.loader.applied_migrations:
            return
        is_named = bool(options["migration_name"])  # which may lead back
        if not is_named and not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        old_mask = os.umask(0o077)
        now = timezone.now()
        to = backups.new_file(now, "before-migration")
        try:
            is_right = clock.is_right(now)
            backups.write_backup(to, now)
            if is_right:
                backups.forget_old(now)
        except OSError as error:
            refuse(f"{error.filename or to} can't be made ({(error.strerror or '').lower()}).")
        except (backups.BackupError, sqlite3.Error) as error:
            refuse(str(error))
        finally:
            os.umask(old_mask)
        if options["verbosity"]:
            self.stdout.write(f"Backup before the migration: {to}")


def refuse(reason: str) -> NoReturn:
    raise CommandError(f"Nothing was migrated, because no backup could be made first: {reason}")


def only_looks(options: dict[str, Any]) -> bool:
    return bool(options["plan"] or options["check_unapplied"])
