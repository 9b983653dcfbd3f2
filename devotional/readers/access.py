"""For pages that look back: who asks, and words that may not open.

A key ring that lacks a key must cost a reader one line of a page, never the page.
"""

import logging

from django.http import Http404

from devotional.lib.encryption import EncryptionError
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.sealed import Sealed

logger = logging.getLogger("devotional.readers")


def known_reader(request: ReaderRequest) -> Reader:
    """The reader who asks; Http404 for everyone else, as if there were nothing here."""
    reader = request.reader
    if reader is None:
        raise Http404
    return reader


def words_of(row: Sealed) -> str | None:
    """The words of `row`, or None where they can't be opened with the keys on this server."""
    try:
        return row.text
    except EncryptionError as error:
        logger.error("The words of %s can't be opened: %s", row, error)
        return None


def says_something(words: str | None) -> bool:
    """Whether there are words, opened or not: what can't be opened is never taken for nothing."""
    return words is None or bool(words.strip())
