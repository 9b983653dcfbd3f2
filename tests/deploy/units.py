"""Reads systemd's unit files, and our own with their paths replaced by those of a test."""

import re
from pathlib import Path

from harness.site import ROOT

DEPLOY = ROOT / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))


def settings_in(text: str) -> dict[str, list[str]]:
    """What a unit file sets: every value of each name, in order, whatever its section."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).append(value.strip())
    return found


def variables_in(text: str) -> dict[str, str]:
    """What an environment file in our style sets: `NAME='value'`, comments and empty lines."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = re.fullmatch(r"([A-Z_]+)='([^']*)'", line).groups()  # type: ignore[union-attr]
            found[name] = value
    return found


def moved(text: str, places: dict[str, Path]) -> str:
    """`text` with each path at the start of a word replaced; the longest are tried first.

    Raises AssertionError for one that isn't there: a recipe that names another place than the
    test replaces would reach for the machine's own.
    """
    for place in sorted(places, key=len, reverse=True):
        pattern = rf"(?<![\w./-]){re.escape(place)}(?![\w-])"
        text, times = re.subn(pattern, str(places[place]), text)
        assert times > 0, place
    return text
