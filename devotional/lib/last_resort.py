"""The last resort: what no page of ours and no handler of Django's has caught.

A WSGI server prints such an exception with its message, and a message may quote what a reader
wrote. So it ends here: logged through our filter by kind and places, answered by a few plain words.
This must work when nothing else does, so it renders no template and asks no database.
"""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Protocol, runtime_checkable

from devotional.lib.http import OURS

logger = logging.getLogger("devotional.last_resort")

BODY = b"Something went wrong on this server. Please try again in a moment.\n"
HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(BODY))),
    ("Cache-Control", "no-store, private"),
    ("X-Robots-Tag", "noindex, nofollow"),
    (OURS, "yes"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "same-origin"),
]

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]


@runtime_checkable
class Closable(Protocol):
    def close(self) -> None: ...


class BrokenOff(Exception):
    """A reply failed when a part of it was sent. Says nothing; what it was is in the log."""


def last_resort(application: Application) -> Application:
    """`application`, of which no exception reaches the server with its message."""

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body: Iterable[bytes] = ()
        try:
            body = application(environ, start_response)
            # Until there is something to send, a failure can still be answered.
            return Watched(body)
        except Exception:
            note("A request failed outside of its handler")
            close(body)
            # With the exception, as WSGI asks where a reply has been begun and is taken back.
            start_response("500 Internal Server Error", HEADERS, sys.exc_info())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [BODY]

    return guarded


class Watched:
    """The body of a reply with its first part made, watched until it is closed."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        parts = iter(body)
        self._parts = chain([part for part in [next(parts, None)] if part is not None], parts)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except StopIteration:
            raise
        except Exception:
            note("A reply failed while it was sent")
        # Outside of the handler, or it would carry along what it stands for. It tells the server
        # that the reply isn't whole.
        raise BrokenOff

    def close(self) -> None:
        close(self._body)


def close(body: Iterable[bytes]) -> None:
    """Close a body that can be closed; the reply was sent, so a failure is only noted."""
    try:
        if isinstance(body, Closable):
            body.close()
    except Exception:
        note("A reply failed when it was closed")


def note(words: str) -> None:
    with contextlib.suppress(Exception):  # a log that fails must not bring the message back
        logger.exception(words)
