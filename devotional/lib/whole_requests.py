"""Requests that came in full, and none of those that were cut off on the way.

A server may hand on what arrived of a body before the network broke. Taken for the whole, half a
text would be saved, and the full one, sent again, would meet it as another's. So the length that
was announced is compared here, before anyone reads a form.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

DRAINED = 16 * 1024 * 1024  # bytes; of a body beyond that we hang up
CHUNK = 64 * 1024
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


def require_whole(request: HttpRequest, announced: int) -> None:
    """Raise BadRequest for a body that was cut off, RequestDataTooBig for one that is too large."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        if limit is not None and announced > limit:
            drain(request)
            raise RequestDataTooBig("The body is longer than a form may be.")
        if len(request.body) == announced:
            return
    except UnreadablePostError as error:
        raise BadRequest("The body can't be read.") from error
    raise BadRequest("The body ends before its announced length.")


def drain(request: HttpRequest) -> None:
    """Take in what nobody will read: whoever is still sending could not hear our answer."""
    taken = 0
    while taken < DRAINED and (chunk := request.read(CHUNK)):
        taken += len(chunk)


def length_announced(request: HttpRequest) -> int:
    try:
        return max(0, int(request.META.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
