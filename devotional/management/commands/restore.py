"""`manage.py restore FILE`: a backup in the place of what is there, proven before and erased after.

Also the way from SQLite to PostgreSQL and back: a backup of the one is restored into the other.
"""

import os
import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.utils import timezone

from devotional.lib import backups, data_folder
from devotional.lib.encryption import KeyRingError
from devotional.lib.unavailable import why
from devotional.readers import clock, erasures
from devotional.readers.erasing import replay
from devotional.reflections.keys import prove_backup


class Command(BaseCommand):
    help = (
        "Replaces the database with the backup FILE, brings it up to date, and erases again what "
        "readers have erased since. What was there before becomes a backup itself."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        os.umask(0o077)
        try:
            data_folder.make(settings.DATA)
            held = data_folder.hold(settings.DATA)
            try:
                restored = backups.restore(file.absolute(), timezone.now(), prove=prove_backup)
                self.tell(restored, replay())
                if problem := clock.doubt(timezone.now()):
                    self.stdout.write(problem)
                else:
                    backups.forget_old(timezone.now())
            finally:
                connections.close_all()
                os.close(held)
        except (backups.BackupError, data_folder.DataFolderError, KeyRingError) as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The database can't be used: {why(error)}.") from None
        except sqlite3.Error as error:
            raise CommandError(f"{file} can't be used: {error}.") from None
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise CommandError(f"{error.filename} can't be read or written: {reason}.") from None

    def tell(self, restored: backups.Restored, erased: int) -> None:
        manifest = restored.manifest
        made = timezone.localtime(manifest.made_at)
        self.stdout.write(f"{manifest.count} rows restored, as they were on {made:%Y-%m-%d %H:%M}")
        if restored.migrated:
            self.stdout.write(f"{restored.migrated} migrations applied to them")
        noted = len(erasures.noted())
        self.stdout.write(f"{noted} erasures noted since, {erased} rows erased again")
        if restored.before:
            self.stdout.write(f"What was there before: {restored.before}")
