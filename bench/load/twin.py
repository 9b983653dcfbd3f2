"""The plainest views that there could be, under the site's settings, server and database.

What the site does is held against these: what is between is what the site costs. `/empty/` says
only that Django is there; `/select/` looks one row up; `/insert/` looks one up and adds one.
`/page/` and `/save/` are the plainest that are fit for a reader. Two more say what is below:
`/bare/` is the empty view without any middleware, `/wsgi/` is not Django.
"""

import os
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.load.twin_settings"

import django

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.plainest import plain_page, plain_save  # noqa: E402
from devotional.readers.guests import token_digest  # noqa: E402
from devotional.readers.models import DeviceToken  # noqa: E402
from devotional.reflections.models import Operation  # noqa: E402


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def select(request: HttpRequest) -> HttpResponse:
    found = DeviceToken.objects.get(digest=token_digest(request.COOKIES["reader"]))
    return HttpResponse(str(found.reader_id))


def insert(request: HttpRequest) -> HttpResponse:
    found = DeviceToken.objects.get(digest=token_digest(request.COOKIES["reader"]))
    Operation.objects.create(
        op_id=uuid4(),
        reader_id=found.reader_id,
        outcomes=request.POST["text"],
        done_at=timezone.now(),
    )
    return HttpResponse("Saved.")


urlpatterns = [
    path("empty/", empty),
    path("bare/", empty),
    path("select/", select),
    path("insert/", insert),
    path("page/", plain_page),
    path("save/", plain_save),
]

with_middleware = WSGIHandler()
with override_settings(MIDDLEWARE=[]):
    without_middleware = WSGIHandler()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    match environ["PATH_INFO"]:
        case "/wsgi/":
            start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]
        case "/bare/":
            return without_middleware(environ, start_response)
    return with_middleware(environ, start_response)
