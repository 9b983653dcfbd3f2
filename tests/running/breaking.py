"""A site whose every page fails, in a way that no handler of Django's catches.

Settings and URLs in one, for a `serve` of its own. Each message quotes what the request sent.
"""

from collections.abc import Iterator
from typing import Any

from django.core.signals import request_started
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from devotional.settings import *  # noqa: F403

ROOT_URLCONF = "tests.running.breaking"
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]  # it insists


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(request.GET["said"])


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for errors, itself broken."""
    raise RuntimeError(request.GET["said"])


def fails_at_first(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(parts(request, 0))


def fails_midway(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(parts(request, 3), headers={"Content-Length": "100"})


def parts(request: HttpRequest, number: int) -> Iterator[bytes]:
    for _ in range(number):
        yield b"part "
    raise RuntimeError(request.GET["said"])


class Unclosable(HttpResponse):
    def close(self) -> None:
        super().close()
        raise RuntimeError(self.headers["said"])


def fails_at_close(request: HttpRequest) -> HttpResponse:
    return Unclosable(b"whole", headers={"said": request.GET["said"]})


def fails_before_the_handler(sender: object, environ: dict[str, Any], **kwargs: Any) -> None:
    if environ["PATH_INFO"] == "/before/":
        raise RuntimeError(environ["QUERY_STRING"])


request_started.connect(fails_before_the_handler)

handler500 = "tests.running.breaking.server_error"
urlpatterns = [
    path("page/", fails),
    path("first/", fails_at_first),
    path("midway/", fails_midway),
    path("close/", fails_at_close),
]
