"""`manage.py serve`: from whatever is there to a running site, in one command.

Makes what is missing, brings up to date what is old, says what was chosen, and becomes the web
server. Each step looks first, so that starting again is quick. What goes wrong is said in one line.
"""

import contextlib
import importlib.metadata
import json
import os
import sqlite3
import sys
from hashlib import sha256
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from devotional.journal.deleting import purge
from devotional.lib import backups, data_folder, postgresql, sqlite, web_server
from devotional.lib.encryption import ADVICE, KeyRingError
from devotional.lib.log_lines import json_line
from devotional.lib.unavailable import UNAVAILABLE, why
from devotional.readers import clock
from devotional.readers.erasing import replay
from devotional.reflections.keys import prove_key_ring

# Packages that take part in what `collectstatic` writes.
STATIC_MAKERS = ("brotli", "django", "django-htmx", "whitenoise")


class Command(BaseCommand):
    help = "Prepares the data folder and runs the production server."
    requires_system_checks: list[str] = []  # run below: broken content must not stop the start

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)  # what is made from here on is for our own user, by the workers too
        hold = self.prepare_data_folder()
        self.prepare_database()
        self.prepare_keys()
        self.replay_erasures()
        self.prepare_static_files()
        self.report_checks()
        web_server.become(
            application="devotional.wsgi:application",
            host=settings.HOST,
            port=settings.PORT,
            workers=settings.WORKERS,
            threads=settings.THREADS,
            ready=self.worded(f"Devotional is running at {site_address()}"),
            log_format=settings.LOG_FORMAT,
            hold=hold,
        )

    def prepare_data_folder(self) -> int:
        """Make the folder and its secrets; return the lock that holds it for this server."""
        try:
            web_server.require_free(settings.HOST, settings.PORT)
            data_folder.make(settings.DATA)
            hold = data_folder.hold(settings.DATA)
            str(settings.SECRET_KEY)  # lazy: made at first use, so here and not in each worker
        except (web_server.CannotListen, data_folder.DataFolderError) as error:
            stop(str(error))
        except OSError as error:
            stop_at(error)
        self.say("data", str(settings.DATA))
        return hold

    def prepare_database(self) -> None:
        """Bring the database up to date, where it isn't."""
        try:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                call_command("migrate", interactive=False, verbosity=0)
            words = database_in_words()
        except CommandError as error:  # there is no backup, so nothing was migrated
            stop(str(error))
        except DatabaseError as error:
            stop_at_database(error)
        finally:
            connections.close_all()  # the exec would leave it open
        migrated = f"; {counted(len(plan), 'migration')} applied" if plan else ""
        self.say("database", f"{words}{migrated}")

    def prepare_keys(self) -> None:
        """Make the first key ring, or make sure that the one at hand opens what is stored."""
        try:
            is_new = prove_key_ring()
        except KeyRingError as error:
            stop(str(error))
        except DatabaseError as error:
            stop_at_database(error)
        except OSError as error:
            stop_at(error)
        finally:
            connections.close_all()
        if is_new:
            self.say("keys", f"{settings.KEY_RING}. {ADVICE}")

    def replay_erasures(self) -> None:
        """Erase again what a restored database brought back, and what is past its day."""
        try:
            if problem := clock.doubt(timezone.now()):
                self.say("clock", problem)
            else:
                backups.forget_old(timezone.now())
            erased = replay()
            with contextlib.suppress(*UNAVAILABLE):  # it can wait for a better day
                purge()
        except DatabaseError as error:
            stop_at_database(error)
        except OSError as error:
            stop_at(error)
        finally:
            connections.close_all()
        if erased:
            self.say("erasures", f"{counted(erased, 'row')} erased again, as they had been before")

    def prepare_static_files(self) -> None:
        """Collect the static files, where something that they are made from has changed.

        Files of earlier versions stay: a page that a browser kept still asks for them.
        """
        stamp = settings.DATA / "static.stamp"
        try:
            fingerprint = static_fingerprint()
            manifest = settings.STATIC_ROOT / "staticfiles.json"
            if manifest.exists() and stamp.exists() and stamp.read_text() == fingerprint:
                return
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(fingerprint)
        # ValueError: a file that another one names isn't there.
        except (OSError, ValueError) as error:
            stop(f"The static files can't be collected: {one_line(error)}")
        self.say("static", "files collected")

    def report_checks(self) -> None:
        """Say what the checks find. An error stops the start, except in the content.

        A text that is broken has a last good reading to fall back on, or is left off the shelf.
        It must never take the site down (R9).
        """
        for check in checks.registry.registry.get_checks():
            for message in check(app_configs=None, databases=None):
                if message.is_silenced():
                    continue
                if message.is_serious() and "content" not in check.tags:
                    stop(one_line(message))
                self.say("check", one_line(message))

    def say(self, subject: str, words: str) -> None:
        self.stdout.write(self.worded(f"{subject + ':':<10} {words}"))

    def worded(self, line: str) -> str:
        """`line` as the log's lines are: whoever collects them reads nothing else."""
        return line if settings.LOG_FORMAT == "plain" else json_line("devotional.serve", line)


def stop(reason: str) -> NoReturn:
    """End the start with one line; a CommandError would put its own name before it."""
    sys.exit(reason)


def stop_at(error: OSError) -> NoReturn:
    stop(f"{error.filename} can't be made or read: {(error.strerror or '').lower()}.")


def stop_at_database(error: DatabaseError) -> NoReturn:
    is_sqlite = connection.vendor == "sqlite"
    place = connection.settings_dict["NAME"] if is_sqlite else postgresql.place(connection)
    stop(f"The database {place} can't be used: {why(error)}.")


def database_in_words() -> str:
    """Which database it is and how safely it keeps, without the password that opens it."""
    if connection.vendor == "sqlite":
        journal = sqlite.in_force(connection)
        wanted = sqlite.journal_for(sqlite3.sqlite_version_info[:3])
        refused = "" if journal == wanted else f" (this disk allows no {wanted})"
        return f"SQLite {sqlite3.sqlite_version}, {journal}{refused}"
    version = ".".join(str(part) for part in connection.get_database_version())
    dangers = "".join(f" ({danger})" for danger in postgresql.dangers(connection))
    return f"PostgreSQL {version}, {postgresql.place(connection)}{dangers}"


def one_line(message: object) -> str:
    return " ".join(str(message).split())


def static_fingerprint() -> str:
    """A digest of everything that decides what `collectstatic` writes."""
    digest = sha256()
    settled = {
        "storage": settings.STORAGES["staticfiles"],
        "versions": {name: importlib.metadata.version(name) for name in STATIC_MAKERS},
    }
    digest.update(json.dumps(settled, sort_keys=True, default=str).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            with storage.open(path) as file:
                digest.update(f"\0{path}\0".encode() + sha256(file.read()).digest())
    return digest.hexdigest()


def site_address() -> str:
    """Where the site is: here, and where readers reach it if that is elsewhere."""
    here = web_server.origin(settings.HOST, settings.PORT)
    if here == settings.SITE_URL:
        return here
    return f"{here} (for readers at {settings.SITE_URL})"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
