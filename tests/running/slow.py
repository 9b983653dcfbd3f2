"""A site whose pages take their time: settings and URLs in one, for a `serve` of its own."""

import time
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from devotional.settings import *  # noqa: F403

ROOT_URLCONF = "tests.running.slow"
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]  # it insists


def slow(request: HttpRequest) -> HttpResponse:
    time.sleep(2)  # it is meant to be slow
    return HttpResponse(b"whole")


def in_parts(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(parts(), headers={"Content-Length": "20"})


def parts() -> Iterator[bytes]:
    for _number in range(4):
        time.sleep(0.5)  # and so is this
        yield b"part "


def stuck(request: HttpRequest) -> HttpResponse:
    time.sleep(600)  # longer than anybody waits for it
    return HttpResponse(b"too late")


urlpatterns = [path("slow/", slow), path("parts/", in_parts), path("stuck/", stuck)]
