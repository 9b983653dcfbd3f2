"""`manage.py prune_guests`: the retention rule, once a day, beside a running site."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from devotional.lib import backups
from devotional.lib.unavailable import why
from devotional.readers.pruning import prune


class Command(BaseCommand):
    help = (
        "Erases guests a year after their last visit (a week, where there is nothing of them), "
        "and what is left over of signing in and deleting. Prints counts."
    )
    requires_system_checks: list[str] = []  # broken content is no reason to keep anyone longer

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, erase nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        os.umask(0o077)
        try:
            counts = prune(timezone.now(), dry_run=dry_run)
            if not dry_run:
                backups.forget_old(timezone.now())  # also where none is made any more
        except DatabaseError as error:
            raise CommandError(f"The database can't be used: {why(error)}. Run it again.") from None
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise CommandError(f"{error.filename} can't be removed: {reason}.") from None
        would = "would be erased" if dry_run else "erased"
        for what, count in counts.items():
            self.stdout.write(f"{what}: {count} {would}")
