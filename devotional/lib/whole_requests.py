"""Requests that came in full, and none of those that were cut off on the way or never come.

A server may hand on what arrived of a body before the network broke. Taken for the whole, half a
text would be saved, and the full one, sent again, would meet it as another's. So the length that
was announced is compared here, before anyone reads a form. And whoever sends a body slowly, or not
at all, holds a thread meanwhile: only so many bodies are read at once.
"""

import contextlib
import io
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

DRAINED = 16 * 1024 * 1024  # bytes; of a body beyond that we hang up
CHUNK = 64 * 1024
WAIT = 0.25  # seconds for another body to be read; one that has arrived takes a few milliseconds

BUSY = (
    b"This can't be done just now. Please try again in a moment. "
    b"If you were sending something, go back: it is still there."
)
BUSY_HEADERS = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(BUSY))),
    ("Cache-Control", "no-store"),
    ("Retry-After", "5"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
]
UTF_8 = re.compile(r'charset\s*=\s*"?utf-8"?\s*(;|$)', re.IGNORECASE)

type Handler = Callable[[HttpRequest], HttpResponseBase]
type Application = Callable[..., Iterable[bytes]]


def whole_requests(get_response: Handler) -> Handler:
    """Middleware: 400 for a body shorter than announced or not in UTF-8, 413 for a large one."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        announced = length_announced(request)
        if announced:
            if request.encoding and request.encoding.lower() != "utf-8":
                raise BadRequest("The body is in another coding than ours.")
            require_whole(request, announced)
        return get_response(request)

    return respond


def of_known_coding(application: Application) -> Application:
    """`application`, of which no coding is asked that Python has and forms can't be in.

    Django takes any that it finds, `hex` and `idna` too, and fails at the address already. Latin-1
    reads everything; a body that is said to be in it is refused above.
    """

    def known(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        said = environ.get("CONTENT_TYPE", "")
        if "charset" in said.lower() and not UTF_8.search(said):
            environ["CONTENT_TYPE"] = f"{said.partition(';')[0]}; charset=latin-1"
        return application(environ, start_response)

    return known


def few_bodies(application: Application, *, at_once: int, limit: int) -> Application:
    """`application`, for which at most `at_once` bodies are read at the same time.

    What is more is answered by 503, so that threads are left for whoever only reads. Behind a
    proxy that hands on whole requests, as those of deploy/ do, nobody is turned away. Of a body
    above `limit` bytes nothing is handed on: it is refused by its length.
    """
    places = threading.BoundedSemaphore(at_once)

    def respond(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        announced = length_of(environ)
        if announced:
            if not places.acquire(timeout=WAIT):
                start_response("503 Service Unavailable", BUSY_HEADERS)
                return [BUSY]
            try:
                environ["wsgi.input"] = read_body(environ["wsgi.input"], announced, limit)
            finally:
                places.release()
        return application(environ, start_response)

    return respond


def read_body(stream: Any, announced: int, limit: int) -> io.BytesIO:
    """The body as far as it comes; one that is too long is heard out, and nothing of it kept.

    Whoever is still sending could not hear our answer.
    """
    body, taken = io.BytesIO(), 0
    most = announced if announced <= limit else min(announced, DRAINED)
    with contextlib.suppress(OSError):  # cut off: what came is too short, and refused for that
        while taken < most and (chunk := stream.read(min(CHUNK, most - taken))):
            taken += len(chunk)
            if announced <= limit:
                body.write(chunk)
    body.seek(0)
    return body


def require_whole(request: HttpRequest, announced: int) -> None:
    """Raise BadRequest for a body that was cut off, RequestDataTooBig for one that is too large."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        if limit is not None and announced > limit:
            raise RequestDataTooBig("The body is longer than a form may be.")
        if len(request.body) == announced:
            return
    except UnreadablePostError as error:
        raise BadRequest("The body can't be read.") from error
    raise BadRequest("The body ends before its announced length.")


def length_announced(request: HttpRequest) -> int:
    return length_of(request.META)


def length_of(environ: dict[str, Any]) -> int:
    """How many bytes of a body are announced; 0 where that is no number."""
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
