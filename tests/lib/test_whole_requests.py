"""Bodies that were cut off are refused whole; too large ones are heard out and told so."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from devotional.lib.whole_requests import (
    Application,
    few_bodies,
    of_known_coding,
    whole_requests,
)


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text", "(nothing)"))


def posted(body: str, announced: int | str, coding: str = "") -> HttpRequest:
    """A request as a server hands it on, which knows what was announced and what came."""
    environ = RequestFactory().post("/?a=b").environ
    environ |= {
        "CONTENT_TYPE": f"application/x-www-form-urlencoded{coding}",
        "CONTENT_LENGTH": str(announced),
        "wsgi.input": io.BytesIO(body.encode()),
    }
    requests: list[HttpRequest] = []

    def application(environ: dict[str, Any], start_response: None) -> list[bytes]:
        requests.append(WSGIRequest(environ))
        return []

    of_known_coding(application)(environ, None)
    return requests[0]


def test_a_whole_body_passes() -> None:
    assert whole_requests(answer)(posted("text=whole", 10)).content == b"whole"  # type: ignore[attr-defined]


@pytest.mark.parametrize("announced", [11, 1000])
def test_a_body_cut_off_is_refused(announced: int) -> None:
    with pytest.raises(BadRequest):
        whole_requests(answer)(posted("text=whole", announced))


@pytest.mark.parametrize("announced", ["", "x", "-5", "0"])
def test_without_a_length_there_is_no_body(announced: str) -> None:
    request = posted("text=whole", announced)
    assert whole_requests(answer)(request).content == b"(nothing)"  # type: ignore[attr-defined]


def test_a_body_too_large_is_refused(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    with pytest.raises(RequestDataTooBig):
        whole_requests(answer)(posted("text=" + "x" * 5000, 5005))


class Slow:
    """A body that comes when it is let come, and says when somebody waits for it."""

    def __init__(self, body: bytes) -> None:
        self.body = io.BytesIO(body)
        self.awaited, self.comes = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.awaited.set()
        assert self.comes.wait(30)
        return self.body.read(size)


class Cut:
    """A body of which a part comes, and then the network is gone."""

    def __init__(self) -> None:
        self.parts = [b"te"]

    def read(self, size: int) -> bytes:
        if not self.parts:
            raise ConnectionResetError
        return self.parts.pop()


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def asked(application: Application, body: Any, announced: int) -> tuple[str, bytes]:
    said: list[str] = []
    environ = {"CONTENT_LENGTH": str(announced), "wsgi.input": body}
    reply = b"".join(application(environ, lambda status, _headers: said.append(status)))
    return said[0], reply


def test_a_body_that_does_not_come_leaves_threads_for_others() -> None:
    application = few_bodies(echo, at_once=1, limit=1000)
    slow = Slow(b"text")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(asked, application, slow, 4)
        assert slow.awaited.wait(30)
        assert asked(application, io.BytesIO(b"more"), 4)[0] == "503 Service Unavailable"
        assert asked(application, io.BytesIO(), 0) == ("200 OK", b"")
        slow.comes.set()
        assert first.result(30) == ("200 OK", b"text")
    assert asked(application, io.BytesIO(b"more"), 4) == ("200 OK", b"more")


def test_a_body_too_large_is_heard_out_and_not_kept() -> None:
    body = io.BytesIO(b"x" * 200_000)
    assert asked(few_bodies(echo, at_once=1, limit=1000), body, 200_000) == ("200 OK", b"")
    assert body.read() == b""


def test_a_body_cut_off_is_handed_on_as_far_as_it_came() -> None:
    """It is refused by its length."""
    assert asked(few_bodies(echo, at_once=1, limit=1000), Cut(), 4) == ("200 OK", b"te")


@pytest.mark.parametrize("coding", ["utf-8", "UTF-8", '"utf-8"', "utf-8; x=y"])
def test_our_own_coding_may_be_named(coding: str) -> None:
    request = posted("text=ä", 7, f"; charset={coding}")
    assert whole_requests(answer)(request).content.decode() == "ä"  # type: ignore[attr-defined]


CODINGS = ["hex", "idna", "undefined", "unicode_escape", "utf-7", "latin-1", '"hex"', "x; y=utf-8"]


@pytest.mark.parametrize("coding", [*CODINGS, "none-such"])
def test_a_body_in_another_coding_is_refused(coding: str) -> None:
    """Python knows some that are none of text; words must not be saved as something else."""
    with pytest.raises(BadRequest):
        whole_requests(answer)(posted("text=whole", 10, f";charset = {coding}"))


def test_a_get_is_none_of_its_business() -> None:
    assert whole_requests(answer)(RequestFactory().get("/")).status_code == 200
