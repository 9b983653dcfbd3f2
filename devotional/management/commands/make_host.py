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
        "Makes a host, who may sign in at ADMIN_PATH, or gives the one of that name another "
        "password. It is asked for, or read from standard input; never given as an argument, "
        "which the list of processes would show."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--end", action="store_true", help="take this host away again")

    def handle(self, *args: Any, name: str, end: bool, **options: Any) -> None:
        os.umask(0o077)
        name = plain_name(name)
        if not NAME.fullmatch(name):
            stop("A name has 3 to 40 letters or digits, with . _ or - between them.")
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
            stop(f"A reader signs in as {name}. Choose another name.")
        self.stdout.write(f"{name} {'may sign in' if is_new else 'has another password'} now.")
        if not settings.ADMIN_PATH:
            self.stdout.write("ADMIN_PATH is not set, so there is no page to sign in at.")

    def say_ended(self, name: str, *, was_there: bool) -> None:
        if not was_there:
            stop(f"There is no host of the name {name}.")
        self.stdout.write(f"{name} may not sign in any more.")


def asked_for() -> str:
    """The password, typed twice; from a pipe its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        stop("These are two passwords. Nothing was changed.")
    return password


def stop(reason: str) -> NoReturn:
    print(reason, file=sys.stderr, flush=True)
    sys.exit(1)
