"""Every reply is private unless its view says otherwise, and a visit is noted by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils import timezone

from devotional.lib.http import public_page
from devotional.readers.guests import set_reader_cookie
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import DeviceToken, Reader
from harness.actors import Browser

PRIVATE = ("no-store, private", "noindex, nofollow", "Cookie")


def nothing_said(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Of somebody's own.")


@public_page
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("For everyone.", status=404 if request.path.endswith("/gone/") else 200)


def asking(request: ReaderRequest) -> HttpResponse:
    return HttpResponse("".join("known" if request.reader else "nobody" for _time in range(2)))


def head_of_a_page(request: ReaderRequest) -> HttpResponse:
    page = engines["django"].from_string("{{ reader.pk }}")
    return HttpResponse(page.render({}, request))


def with_its_own_key(request: ReaderRequest) -> HttpResponse:
    assert request.reader
    response = HttpResponse()
    set_reader_cookie(response, "another")
    return response


def ended_meanwhile(request: ReaderRequest) -> HttpResponse:
    assert request.reader
    DeviceToken.objects.all().delete()  # as another tab does that signs out
    return HttpResponse()


def failing(request: ReaderRequest) -> HttpResponse:
    assert request.reader
    raise RuntimeError


urlpatterns = [
    path("nothing-said/", nothing_said),
    path("public/", public),
    path("public/gone/", public),
    path("asking/", asking),
    path("head/", head_of_a_page),
    path("own-key/", with_its_own_key),
    path("ended-meanwhile/", ended_meanwhile),
    path("failing/", failing),
    path("", include("devotional.urls")),
]
pytestmark = pytest.mark.urls(__name__)


def said(response: Any) -> tuple[str, str, str]:
    names = ("Cache-Control", "X-Robots-Tag", "Vary")
    first, second, third = (response.get(name, "") for name in names)
    return first, second, third


@pytest.fixture
def since_yesterday(reader: Browser) -> Browser:
    yesterday = timezone.now().date() - timedelta(days=1)
    Reader.objects.update(seen_on=yesterday)
    DeviceToken.objects.update(used_on=yesterday)
    return reader


@pytest.mark.parametrize("address", ["/nothing-said/", "/public/gone/", "/nothing-there/"])
def test_what_is_not_said_to_be_public_is_private(address: str, stranger: Browser) -> None:
    assert said(stranger.get(address)) == PRIVATE


def test_public_is_the_reply_and_not_the_view(stranger: Browser) -> None:
    public = ("public, max-age=0, must-revalidate", "", "Accept-Encoding")
    page = stranger.get("/public/")
    assert said(page) == public
    again = stranger.get("/public/", headers={"if-none-match": page["ETag"]})
    assert (again.status_code, said(again)) == (304, public)
    refused = stranger.post("/public/")
    assert (refused.status_code, said(refused)) == (405, PRIVATE)


def test_the_reader_is_looked_up_once_and_only_when_asked_for(reader: Browser) -> None:
    for address, queries, body in (
        ("/nothing-said/", 0, "Of somebody's own."),
        ("/public/", 0, "For everyone."),
        ("/asking/", 1, "knownknown"),
        ("/head/", 1, str(Reader.objects.get().pk)),
    ):
        with CaptureQueriesContext(connection) as asked:
            page = reader.get(address)
        assert (len(asked), page.content.decode()) == (queries, body), address


def test_a_visit_is_noted_where_a_view_asked(since_yesterday: Browser) -> None:
    key = since_yesterday.cookies["reader"].value
    for address in ("/nothing-said/", "/public/"):
        assert not since_yesterday.get(address).cookies
    assert Reader.objects.get().seen_on < timezone.now().date()
    assert since_yesterday.get("/asking/").cookies["reader"].value == key
    assert Reader.objects.get().seen_on == timezone.now().date()
    assert not since_yesterday.get("/asking/").cookies


def test_a_view_that_sets_a_key_is_not_overruled(since_yesterday: Browser) -> None:
    assert since_yesterday.get("/own-key/").cookies["reader"].value == "another"


def test_an_error_notes_nothing(since_yesterday: Browser) -> None:
    since_yesterday.raise_request_exception = False
    broken = since_yesterday.get("/failing/")
    assert (broken.status_code, said(broken), len(broken.cookies)) == (500, PRIVATE, 0)
    assert Reader.objects.get().seen_on < timezone.now().date()


def test_a_key_that_ended_meanwhile_is_not_set_again(since_yesterday: Browser) -> None:
    assert not since_yesterday.get("/ended-meanwhile/").cookies
