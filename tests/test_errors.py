"""Every error page is of the family, says what to do next, and needs no database and no reader."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from devotional import errors
from devotional.lib.same_origin import ForgedRequestError
from harness.actors import Browser

NEXT = {
    400: "Please go back and try again.",
    403: "What you wrote is where you left it.",
    404: "Everything there is to read is on the home page.",
    500: "Please try again in a minute.",
}


def shown(request: HttpRequest, status: int) -> HttpResponse:
    error = Exception("canary of an error")
    match status:
        case 400:
            return errors.bad_request(request, error)
        case 403:
            return errors.permission_denied(request, error)
        case 404:
            return errors.not_found(request, error)
    return errors.server_error(request)


@pytest.mark.parametrize("status", NEXT)
@pytest.mark.django_db
def test_an_error_page_says_what_to_do_next(
    status: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        page = shown(RequestFactory().get("/"), status)
    html = page.content.decode()
    assert page.status_code == status
    assert page["Cache-Control"] == "no-store, private"
    assert (html.count("<h1>"), html.count(NEXT[status])) == (1, 1)
    assert "Go to the home page" in html
    assert "canary" not in html


@pytest.mark.parametrize("status", NEXT)
def test_htmx_is_answered_with_the_sentence_alone(status: int) -> None:
    request = RequestFactory().get("/")
    vars(request)["htmx"] = True
    html = shown(request, status).content.decode()
    assert NEXT[status] in html
    assert "<html" not in html


def test_a_forged_form_is_answered_in_the_same_two_ways() -> None:
    request = RequestFactory().post("/")
    error = ForgedRequestError("canary of an error")
    page = errors.permission_denied(request, error)
    vars(request)["htmx"] = True
    notice = errors.permission_denied(request, error)
    for refused in (page, notice):
        assert refused.status_code == 403
        assert "reload the page and save again" in refused.content.decode()
        assert "canary" not in refused.content.decode()
    assert [reply.content.count(b"<html") for reply in (page, notice)] == [1, 0]


def test_a_view_that_breaks_is_answered_with_the_page(
    guest: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("canary of an error")

    monkeypatch.setattr("devotional.reflections.views.open_leaf", breaks)
    guest.raise_request_exception = False
    page = guest.get("/reflect/on-doors/opening/")
    assert page.status_code == 500
    assert "<h1>Something went wrong on our side</h1>" in page.content.decode()
