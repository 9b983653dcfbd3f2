"""`manage.py make_host NAME`: who may look after the site at ADMIN_PATH, or another password."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from devotional.host.accounts import NameTaken, end_host, make_host
from devotional.readers.account_forms import NAME, plain_name
from devotional.readers.models import Account


class Command(BaseCommand):
    help = (
        "Creates a host account, for signing in at ADMIN_PATH, or gives an existing one a new "
        "password. You're asked for it, or it's read from standard input; it's never an argument, "
        "because the list of processes would show it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--end", action="store_true", help="remove this host")

    def handle(self, *args: Any, name: str, end: bool, **options: Any) -> None:
        os.umask(0o077)
        name = plain_name(name)
        if not NAME.fullmatch(name):
            stop("A name needs 3 to 40 letters or digits, with . _ or - between them.")
        try:
            if end:
                self.say_ended(name, was_there=end_host(name))
            else:
                self.make(name)
        except DatabaseError as error:
            stop(f"The database can't be used: {error}. Start the site once, then try again.")

    def make(self, name: str) -> None:
        password = asked_for()
        try:
            validate_password(password, Account(name=name))
            is_new = make_host(name, password)
        except ValidationError as error:
            stop(" ".join(error.messages))
        except NameTaken:
            stop(f"A reader already signs in as {name}. Please choose another name.")
        self.stdout.write(f"{name} {'can sign in' if is_new else 'has a new password'} now.")
        if not settings.ADMIN_PATH:
            self.stdout.write("ADMIN_PATH isn't set, so there's no page to sign in on yet.")

    def say_ended(self, name: str, *, was_there: bool) -> None:
        if not was_there:
            stop(f"There's no host called {name}.")
        self.stdout.write(f"{name} can no longer sign in.")


def asked_for() -> str:
    """The password, typed twice; from a pipe its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        stop("The passwords don't match. Nothing was changed.")
    return password


def stop(reason: str) -> NoReturn:
    print(reason, file=sys.stderr, flush=True)
    sys.exit(1)
