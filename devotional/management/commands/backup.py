"""`manage.py backup`: everything in the database as one checked file, beside a running site."""

import os
import sqlite3
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from devotional.lib import backups
from devotional.lib.unavailable import why
from devotional.readers import clock

LONGEST = backups.KEPT_FOR.days


class Command(BaseCommand):
    help = (
        "Writes a backup of the database to FILE, or to the folder `backups` in the data folder, "
        "and removes those in that folder that are older than 30 days, but never the newest. The "
        "key ring is never in it."
    )
    requires_system_checks: list[str] = []  # broken content is no reason to have no backup

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
        parser.add_argument(
            "--keep",
            type=days,
            default=LONGEST,
            metavar="DAYS",
            help=f"remove older ones in that folder: 1 to {LONGEST}, as readers are promised",
        )

    def handle(self, *args: Any, file: Path | None, keep: int, **options: Any) -> None:
        os.umask(0o077)
        now = timezone.now()
        to = (file or backups.new_file(now)).absolute()
        try:
            problem = clock.doubt(now)  # before there is a file that the clock itself has dated
            manifest = backups.write_backup(to, now)
            forgotten = 0 if problem else backups.forget_old(now, timedelta(days=keep))
        except backups.BackupError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The database can't be used: {why(error)}.") from None
        except sqlite3.Error as error:
            raise CommandError(f"{to} can't be written: {error}.") from None
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise CommandError(f"{error.filename or to} can't be made: {reason}.") from None
        self.stdout.write(f"{manifest.count} rows in {to}, and checked")
        if problem:
            self.stdout.write(problem)
        if forgotten:
            self.stdout.write(f"{forgotten} older than {keep} days removed")
        self.stdout.write(
            f"The key ring {settings.KEY_RING} isn't in it. Keep it too: without it nothing can be "
            "read."
        )


def days(text: str) -> int:
    """A number of days that keeps what readers are told (K11)."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST:
        raise ArgumentTypeError(f"must be 1 to {LONGEST}: readers are told that none lasts longer")
    return int(text)
