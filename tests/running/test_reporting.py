"""A canary in everything that a request can carry must be in no log record and no report."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.views.debug import get_exception_reporter_class
from pytest_django import Settings

from devotional.lib.log_lines import PlainFormatter, lines_of
from devotional.lib.reporting import PrivateRecords, PrivateReporterFilter
from devotional.lib.same_origin import FROM_ELSEWHERE, HIDDEN_ORIGIN

CANARY = "canary-4f1d"


def broken(request: HttpRequest, word: str) -> HttpResponse:
    text = request.POST["text"]
    try:
        int(text)  # its message quotes the text
    except ValueError as error:
        error.add_note(text)
        raise RuntimeError(f"could not save {text}") from error
    return HttpResponse()


urlpatterns = [path("broken/<str:word>/", broken)]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What our one handler writes, in place of stderr."""
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler)
        and isinstance(handler.formatter, PlainFormatter)
    ]
    assert len(handlers) == 1
    written = io.StringIO()
    before = handlers[0].setStream(written)
    yield written
    handlers[0].setStream(before)


def send_canary(client: Client) -> None:
    client.cookies["reader"] = CANARY
    client.post(
        f"/broken/{CANARY}/?q={CANARY}",
        {"text": CANARY, CANARY: "1"},
        headers={
            "origin": "http://testserver",
            "referer": f"http://testserver/{CANARY}",
            "x-forwarded-for": CANARY,
        },
    )


def test_a_failure_is_logged_by_its_kind_route_and_places(
    log: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    send_canary(Client(raise_request_exception=False))

    first, *places = log.getvalue().splitlines()
    assert re.fullmatch(
        r"\S+ \S+ ERROR django.request: 500 POST /broken/<str:word>/: RuntimeError", first
    )
    assert places[0] == "builtins.ValueError, raised through"
    assert re.fullmatch(r"  \S+test_reporting.py:\d+ in broken", places[1])
    assert places[2] == "builtins.RuntimeError, raised through"
    assert re.fullmatch(r"  \S+test_reporting.py:\d+ in broken", places[-1])
    assert CANARY not in log.getvalue()
    # Other handlers get the same: the record itself is clean.
    assert len(caplog.records) == 1
    assert CANARY not in caplog.text
    assert CANARY not in repr(vars(caplog.records[0]))
    assert caplog.records[0].exc_info is None


def test_pages_not_found_are_not_logged(log: io.StringIO) -> None:
    assert Client().get(f"/j/{CANARY}").status_code == 404

    assert log.getvalue() == ""


def test_a_refused_form_is_logged_without_its_address(log: io.StringIO) -> None:
    for origin in (f"http://{CANARY}.example", "null"):
        Client().post(f"/broken/{CANARY}/?q={CANARY}", headers={"origin": origin})

    assert [line.split(" ", 2)[2] for line in log.getvalue().splitlines()] == [
        f"WARNING django.request: 403 POST /broken/<str:word>/: {why}"
        for why in (FROM_ELSEWHERE, HIDDEN_ORIGIN)
    ]


def test_a_foreign_host_name_is_logged_without_it(log: io.StringIO) -> None:
    Client().get("/", headers={"host": f"{CANARY}.example"})

    assert [line.split(" ", 2)[2] for line in log.getvalue().splitlines()] == [
        "ERROR django.security.DisallowedHost: 400 GET (no page): "
        "the Host header holds no name of ALLOWED_HOSTS"
    ]


def test_other_records_are_one_line_and_hold_no_exception_message(log: io.StringIO) -> None:
    logger = logging.getLogger("devotional.test")
    try:
        int(CANARY)
    except ValueError:
        logger.exception("It failed\nreally\x1b[1m")

    first, *places = log.getvalue().splitlines()
    assert first.endswith(r"ERROR devotional.test: It failed\nreally\x1b[1m")
    assert places[0] == "builtins.ValueError, raised through"
    assert CANARY not in log.getvalue()


@pytest.mark.parametrize("debug", [False, True])
def test_an_error_report_holds_nothing_that_was_sent(debug: bool, settings: Settings) -> None:
    settings.DEBUG = debug
    request = RequestFactory().post(
        f"/broken/{CANARY}/?q={CANARY}",
        {"text": CANARY},
        headers={"cookie": f"reader={CANARY}", "referer": CANARY},
    )
    try:
        held = request.POST["text"]  # a local variable in a frame of the report
        raise RuntimeError("words of ours")
    except RuntimeError as error:
        reporter_class: Any = get_exception_reporter_class(request)
        reporter = reporter_class(request, type(error), error, error.__traceback__)
        del held
    for report in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert "test_reporting.py" in report
        assert CANARY not in report.replace(f'CANARY = "{CANARY}"', "")


def test_an_error_report_holds_no_message_and_no_cause_of_one() -> None:
    request = RequestFactory().post("/broken/", {"text": CANARY})
    try:
        try:
            int(request.POST["text"])
        except ValueError as error:
            error.add_note(request.POST["text"])
            raise RuntimeError(request.POST["text"]) from error
    except RuntimeError as error:
        error.add_note(request.POST["text"])
        reporter_class: Any = get_exception_reporter_class(request)
        reporter = reporter_class(request, type(error), error, error.__traceback__)
    for report in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert "ValueError" in report
        assert "RuntimeError" in report
        assert CANARY not in report


def test_the_filter_tells_only_the_shape_of_a_request() -> None:
    request = RequestFactory().post(
        "/?q=1", b"{}", content_type="application/json", headers={"cookie": "a=b", "x-c": "d"}
    )
    private = PrivateReporterFilter()

    assert private.get_safe_request_meta(request) == {
        "CONTENT_LENGTH": "2",
        "CONTENT_TYPE": "application/json",
        "REQUEST_METHOD": "POST",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    assert private.get_safe_cookies(request) == {}
    assert private.get_post_parameters(request) == {}
    assert private.is_active(None)


def test_a_group_of_exceptions_is_told_part_by_part() -> None:
    group = ExceptionGroup(CANARY, [ValueError(CANARY), KeyError(CANARY)])

    assert list(lines_of(group)) == [
        "builtins.ExceptionGroup, raised through",
        "  builtins.ValueError, raised through",
        "  builtins.KeyError, raised through",
    ]


def test_a_plain_record_passes_as_it_is() -> None:
    record = logging.makeLogRecord({"msg": "Content read"})

    assert PrivateRecords().filter(record) is True
