"""Cross-site request forgery (CSRF): refused by where a request comes from, for everybody alike.

Browsers say it of each request, in `Sec-Fetch-Site` where the connection is https or the host is
localhost, and in `Origin` with every form; no page can change either. So there is no token, which
could go stale while somebody writes, and no cookie for it.

The rule is that of Go's `http.CrossOriginProtection` and of OWASP's cheat sheet, in two points
stricter: what a browser sends without a page (`none`) is no form of ours, and what carries neither
header comes from no browser of these years.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")  # they change nothing (RFC 9110)

FROM_ELSEWHERE = "nothing says that a page of this site sent it"
HIDDEN_ORIGIN = (
    "Origin is null: sent from a sandboxed frame, or a proxy sets Referrer-Policy to no-referrer"
)


class ForgedRequestError(PermissionDenied):
    """A request that would change something does not come from a page of this very site.

    Its message is for the host, and holds nothing of what was sent.
    """


class SameOriginMiddleware:
    """Refuses to change anything on the word of another site's page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Raise ForgedRequestError: here, where the address is known, and the log can say it."""
        if request.method in SAFE_METHODS or is_same_origin(request):
            return
        fetched_from, origin = (request.headers.get(n) for n in ("Sec-Fetch-Site", "Origin"))
        is_hidden = fetched_from is None and origin == "null"
        raise ForgedRequestError(HIDDEN_ORIGIN if is_hidden else FROM_ELSEWHERE)


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this very site sent the request.

    `Sec-Fetch-Site` first: it is true also where a proxy's `Referrer-Policy: no-referrer` makes
    browsers hide the `Origin`.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin")
    # The second for a proxy that ends TLS and doesn't say so.
    return origin in (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)
