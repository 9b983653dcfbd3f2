"""`manage.py prune_guests`: the retention rule, once a day, beside a running site."""

import os
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from devotional.lib import backups
from devotional.lib.unavailable import why
from devotional.readers import clock
from devotional.readers.pruning import TooManyError, prune, require_safe


class Command(BaseCommand):
    help = (
        "Erases guests a year after their last visit (a week, where there is nothing of them), "
        "and what is left over of signing in and deleting. Prints counts. Erases nothing where the "
        "clock is weeks ahead of everything known, or a fifth of all who wrote would go at once."
    )
    requires_system_checks: list[str] = []  # broken content is no reason to keep anyone longer

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, erase nothing")
        parser.add_argument(
            "--clock-is-right",
            action="store_true",
            help="believe the clock from now on, though nothing is known that is nearly as new",
        )
        parser.add_argument(
            "--allow-many",
            action="store_true",
            help="erase also where that is more than a fifth of all who wrote or joined something",
        )

    def handle(
        self, *args: Any, dry_run: bool, clock_is_right: bool, allow_many: bool, **options: Any
    ) -> None:
        os.umask(0o077)
        now = timezone.now()
        try:
            if clock_is_right and not dry_run:
                clock.note(now)
            counts = prune(now, dry_run=dry_run, allow_many=allow_many)
            if dry_run:
                refusal = why_refused(now)
            else:
                backups.forget_old(now)  # also where none is made any more
        except (clock.ClockError, TooManyError) as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The database can't be used: {why(error)}. Run it again.") from None
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise CommandError(f"{error.filename} can't be removed: {reason}.") from None
        would = "would be erased" if dry_run else "erased"
        for what, count in counts.items():
            self.stdout.write(f"{what}: {count} {would}")
        if dry_run and refusal:
            self.stdout.write(refusal)


def why_refused(now: datetime) -> str:
    """What the command would say instead of erasing; empty where it would erase."""
    try:
        require_safe(now)
    except (clock.ClockError, TooManyError) as error:
        return str(error)
    return ""
