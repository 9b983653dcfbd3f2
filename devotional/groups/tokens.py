"""Secrets that stand in links: 128 random bits, looked for by a keyed hash (T4).

The key is the site's and lies outside the database, so a stolen database neither holds a link nor
lets one be tried out.
"""

import secrets
from typing import Final

from django.utils.crypto import salted_hmac

BYTES: Final = 16  # 128 bits: not to be guessed


def new_token() -> str:
    """Characters that may stand in a path: letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(BYTES)


def digest_of(token: str, *, purpose: str) -> str:
    """By what a row with `token` is found; `purpose` keeps one kind of link from being another."""
    return salted_hmac(f"devotional.groups.{purpose}", token, algorithm="sha256").hexdigest()
