"""`manage.py rotate_keys`: a new key for all that is written, beside a running site.

Says counts, and the ids of rows that can't be opened; never a word of what they hold.
"""

import contextlib
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from devotional.lib import data_folder
from devotional.lib.encryption import KeyRingError, default_ring
from devotional.lib.unavailable import why
from devotional.reflections import keys
from devotional.reflections.keys import Rotation

LOCK_FILE = "rotation.lock"
GO_ON = " Nothing is lost. Go on with: manage.py rotate_keys --resume"
TELL_EVERY = 1000  # rows


class Command(BaseCommand):
    help = "Adds a key to the key ring and seals everything with it, beside a running server."
    requires_system_checks: list[str] = []  # broken content is no reason to keep an old key

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument(
            "--resume",
            action="store_true",
            help="finish a rotation that was interrupted: adds no key",
        )
        ways.add_argument(
            "--retire",
            type=Path,
            metavar="FILE",
            help="rotate nothing; move the older keys, if no row needs them, to a new FILE",
        )

    def handle(self, *args: Any, resume: bool, retire: Path | None, **options: Any) -> None:
        os.umask(0o077)
        go_on = ""  # what to do next, once something was begun
        try:
            with only_one(settings.DATA / LOCK_FILE):
                keys.prove_key_ring()  # else a key would be added to a ring that isn't ours
                if retire:
                    self.retire(retire)
                else:
                    go_on = GO_ON
                    self.rotate(resume)
        except KeyRingError as error:
            stop(str(error))
        except KeyboardInterrupt:
            stop(f"Interrupted.{go_on}", status=130)
        except DatabaseError as error:
            stop(f"The database can't be used: {why(error)}.{go_on}")
        except OSError as error:
            stop(f"{error.filename} can't be read or written: {(error.strerror or '').lower()}.")

    def rotate(self, resume: bool) -> None:
        if resume:
            keys.resume_rotation()
        else:
            keys.begin_rotation()
            self.say(f"A new key is on the key ring {settings.KEY_RING}. Keep a new copy of it.")
        told = 0

        def tell(rotation: Rotation) -> None:
            nonlocal told
            if rotation.resealed >= told + TELL_EVERY:
                told = rotation.resealed
                self.say(f"{told} rows sealed with the new key so far")

        rotation = keys.reseal_rows(tell)
        left = "" if rotation.unreadable else "; none of an older key is left"
        self.say(f"{counted(rotation.resealed)} sealed with the new key{left}.")
        if len(default_ring().ids) > 1:
            self.say(
                "The older keys stay on the ring, since backups from before need them. To move them"
                " to a file of their own: manage.py rotate_keys --retire FILE"
            )
        for row in sorted(rotation.unreadable):
            self.stderr.write(f"Can't be opened, so left as it was: {row}")
        if rotation.unreadable:
            stop(f"{counted(len(rotation.unreadable))} can't be opened with this key ring.")

    def retire(self, to: Path) -> None:
        """Move the older keys out of the ring, to a place that no backup of the data includes."""
        to = to.absolute()
        if to.resolve().is_relative_to(settings.DATA.resolve()):
            stop(f"{to} is in the data folder, so backups would hold it. Choose another place.")
        retired = keys.retire_older_keys(to)
        if not retired:
            self.say("The key ring holds the newest key only.")
            return
        self.say(
            f"{len(retired)} {'key' if len(retired) == 1 else 'keys'} moved to {to}. It opens the"
            " backups from before, as KEY_RING; delete it when the last of them is gone."
        )

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


@contextlib.contextmanager
def only_one(file: Path) -> Iterator[None]:
    """Refuse to run beside another rotation: each would seal again what the other has sealed."""
    held = data_folder.lock(file)
    if held is None:
        stop("Another rotation is running.")
    try:
        yield
    finally:
        os.close(held)


def counted(rows: int) -> str:
    return f"{rows} row{'' if rows == 1 else 's'}"


def stop(reason: str, *, status: int = 1) -> NoReturn:
    """End with one line; a CommandError would put its own name before it."""
    print(reason, file=sys.stderr, flush=True)
    sys.exit(status)
