"""`manage.py replay_erasures`: after a restore, erase again what readers had erased since."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from devotional.lib.unavailable import why
from devotional.readers import erasures
from devotional.readers.erasing import replay


class Command(BaseCommand):
    help = "Erases again what the file of erasures names. `serve` does so at each start."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            erased = replay()
        except DatabaseError as error:
            raise CommandError(f"The database can't be used: {why(error)}.") from None
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise CommandError(f"{erasures.path()} can't be read or written: {reason}.") from None
        self.stdout.write(f"{len(erasures.noted())} erasures noted, {erased} rows erased again")
