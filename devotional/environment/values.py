"""Readers of plain values: numbers, yes and no, words, files and folders.

Each takes a variable's name and its text, and returns a typed value or refuses it in one sentence.
What has hosts and ports in it is read by `addresses`.
"""

import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("plain", "json")
SHORTEST_SECRET_KEY = 50  # characters; Django's own check asks for as many

ADMIN_PATH = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
# The first parts of our own addresses, and of those that browsers ask for by themselves.
OWN_PATHS = frozenset(
    {
        "account",
        "calendar",
        "consent",
        "end",
        "erase",
        "export",
        "groups",
        "guide",
        "handout",
        "healthz",
    }
    | {"hinges", "history", "j", "journal", "meeting", "offline", "preview", "print", "privacy"}
    | {"read", "readings", "readyz", "reflect", "share", "static"}
)

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


class WrongValue(ValueError):
    """A variable holds what it must not; the message is the one line to show."""


def between(low: int, high: int) -> Callable[[str, str], int]:
    """A reader of whole numbers within limits, both included."""

    def number(name: str, text: str) -> int:
        # `int` alone would take "8_000", "+8" and digits of other scripts.
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise WrongValue(f"{name} must be a number from {low} to {high}, not '{text}'.")
        return int(text)

    return number


def flag(name: str, text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise WrongValue(f"{name} must be 1 or 0, not '{text}'.")


def line(name: str, text: str) -> str:
    """Words for a page: one line that prints, so no control characters."""
    if not text.isprintable():
        raise WrongValue(f"{name} must be one line of plain text.")
    return text


def folder(name: str, text: str) -> Path:
    path = file_path(name, text)
    if path.exists() and not path.is_dir():
        raise WrongValue(f"{name} must be a folder, but '{path}' is a file.")
    return path


def file(name: str, text: str) -> Path:
    path = file_path(name, text)
    if path.is_dir():
        raise WrongValue(f"{name} must be a file, but '{path}' is a folder.")
    return path


def file_path(name: str, text: str) -> Path:
    """An absolute path, so that a later change of the working folder moves nothing."""
    try:
        return Path(line(name, text)).expanduser().absolute()
    except RuntimeError as error:  # "~nobody-here"
        raise WrongValue(f"{name} names a home folder that isn't there: '{text}'.") from error


def secret(name: str, text: str) -> str:
    # Never repeated in the message: what is nearly a key is still a secret.
    if len(text) < SHORTEST_SECRET_KEY or len(set(text)) < 10:
        raise WrongValue(
            f"{name} must be at least {SHORTEST_SECRET_KEY} random characters; "
            "leave it out and one is made and kept in the data folder."
        )
    return text


def time_zone(name: str, text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongValue(
            f"{name} must be a name such as Europe/Berlin or UTC, not '{text}'."
        ) from error
    return text


def log_format(name: str, text: str) -> str:
    if text.lower() not in LOG_FORMATS:
        raise WrongValue(f"{name} must be one of {', '.join(LOG_FORMATS)}, not '{text}'.")
    return text.lower()


def admin_path(name: str, text: str) -> str:
    """One part of an address that no page of ours begins with; slashes around it are forgiven."""
    path = text.strip("/")
    if not ADMIN_PATH.fullmatch(path):
        raise WrongValue(
            f"{name} must be one part of an address, such as host-desk: small letters, digits "
            f"and dashes, not '{text}'."
        )
    if path in OWN_PATHS:
        raise WrongValue(f"{name} can't be '{path}': pages for readers are there.")
    return path


def log_level(name: str, text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise WrongValue(f"{name} must be one of {', '.join(LOG_LEVELS)}, not '{text}'.")
    return text.upper()
