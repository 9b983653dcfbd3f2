"""One line a request: what was asked, by its pattern, how it ended, and how long it took (S7).

The pattern (`/j/<anything:token>`) and never the path, which may hold an invitation's secret; no
query, address, cookie or browser. It wraps the application from outside, so that what the last
resort answers has its line too, and a line is written when a reply is over. Public pages that are
answered from memory have none: nothing happens for them.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from .log_lines import known_method, new_request_id, request_id

logger = logging.getLogger("devotional.access")

# Under this name a request carries the pattern of the address that it was found to ask for.
ROUTE = "devotional.route"

type Environ = dict[str, Any]
type Application = Callable[..., Iterable[bytes]]
type Handler = Callable[[HttpRequest], HttpResponseBase]


class Routes:
    """Middleware: notes the pattern, before any other may refuse the request."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if request.resolver_match is not None:
            request.META[ROUTE] = f"/{request.resolver_match.route}"


def access_log(application: Application) -> Application:
    """`application`, of whose every reply a line is written."""

    def noted(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        request_id.set(new_request_id())
        environ.pop(ROUTE, None)  # ours alone to set, whatever a server hands on
        begun, status = time.perf_counter(), 500

        def started(said: str, headers: Any, exc_info: Any = None) -> Any:
            nonlocal status
            status = int(said[:3])
            return start_response(said, headers, *([exc_info] if exc_info else []))

        def over() -> None:
            note(environ, status, time.perf_counter() - begun)
            request_id.set("")

        try:
            return Reply(application(environ, started), over)
        except BaseException:
            over()
            raise

    return noted


class Reply:
    """The body of a reply, which says when it is over."""

    def __init__(self, body: Iterable[bytes], over: Callable[[], None]) -> None:
        self._body = body
        self._over = over

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._over()


def note(environ: Environ, status: int, seconds: float) -> None:
    if not logger.isEnabledFor(logging.INFO):
        return
    path = environ.get("PATH_INFO", "")
    if status < 400 and path in settings.ANSWERED_TO_ANY_HOST:
        return  # that all is well, every few seconds
    method = known_method(environ.get("REQUEST_METHOD"))
    place = environ.get(ROUTE) or place_of(path, status)
    took = round(seconds * 1000)
    fields = {"method": method, "route": place, "status": status, "ms": took}
    logger.info("%s %s %s %s ms", method, place, status, took, extra={"fields": fields})


def place_of(path: str, status: int) -> str:
    """Of what was answered before there was a pattern: as much as is the same for everyone."""
    if status < 400 and path.startswith(settings.STATIC_URL):
        return f"{settings.STATIC_URL}…"
    return "(no page)" if status == 404 else "-"
