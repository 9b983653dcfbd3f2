"""Public pages from memory are what Django would have said, without asking it."""

import gzip
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from io import BytesIO
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.core.wsgi import get_wsgi_application
from pytest_django import Settings

from devotional.lib.http import PUBLIC_PAGE
from devotional.lib.page_cache import Application, Environ, Headers, PageCache, best_coding
from devotional.library.views import library_version
from tests.conftest import DOORS

# Public pages ask nothing of the database; Django's end of a request looks at its connections.
pytestmark = pytest.mark.django_db

COVER = "/read/on-doors/"
SECTION = "/read/on-doors/hinges/"
HOME = {"HTTP_HOST": "testserver"}

type Said = tuple[str, Headers, bytes]


class Counted:
    """An application that counts how often it is asked."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.asked = 0

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        return self.application(environ, start_response)


def ask(application: Application, path: str, method: str = "GET", **headers: str) -> Said:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | headers
    said: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: object = None) -> None:
        said.append((status, headers))

    body = application(environ, start_response)
    whole = b"".join(body)
    getattr(body, "close", lambda: None)()
    (status, sent) = said[-1]
    return status, sorted(sent), whole


@pytest.fixture
def django(content: Path) -> Counted:
    return Counted(get_wsgi_application())


def cached(application: Application) -> PageCache:
    return PageCache(application, application, home=HOME, version=library_version)


@pytest.fixture
def site(django: Counted) -> Application:
    return cached(django)


def decoded(said: Said, *, as_long_as: Said) -> Said:
    """A reply as it would be without a coding; to HEAD, with the length of the other one."""
    status, headers, body = said
    about = dict(headers)
    coding = about.pop("Content-Encoding", "")
    if coding and body:
        body = brotli.decompress(body) if coding == "br" else gzip.decompress(body)
    if coding:
        about["Content-Length"] = str(len(body)) if body else dict(as_long_as[1])["Content-Length"]
    return status, sorted(about.items()), body


def tag_of(said: Said) -> str:
    return dict(said[1])["ETag"]


REQUESTS: list[dict[str, str]] = [
    {},
    {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd"},
    {"HTTP_ACCEPT_ENCODING": "gzip;q=0.5"},
    {"HTTP_ACCEPT_ENCODING": "br;q=0, gzip"},
    {"HTTP_ACCEPT_ENCODING": "identity"},
    {"HTTP_COOKIE": "reader=abc; session=short", "HTTP_USER_AGENT": "Phone"},
    {"QUERY_STRING": "utm_source=whatsapp"},
    {"HTTP_IF_NONE_MATCH": "TAG"},
    {"HTTP_IF_NONE_MATCH": '"another", TAG', "HTTP_ACCEPT_ENCODING": "br"},
    {"HTTP_IF_NONE_MATCH": "STRONG"},
    {"HTTP_IF_NONE_MATCH": "*"},
    {"HTTP_IF_NONE_MATCH": '"another"'},
    {"HTTP_IF_NONE_MATCH": "rubbish, W/"},
    {"HTTP_IF_MATCH": "TAG"},
    {"HTTP_IF_MATCH": '"another"'},
    {"HTTP_IF_MODIFIED_SINCE": "Sat, 29 Oct 2044 19:43:31 GMT"},
    {"HTTP_IF_UNMODIFIED_SINCE": "Sat, 29 Oct 1994 19:43:31 GMT"},
    {"HTTP_RANGE": "bytes=0-10"},
    {"HTTP_HOST": "elsewhere.example"},
    {"HTTP_HOST": "testserver:8000"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_HX_REQUEST": "true"},
    {"CONTENT_LENGTH": "0"},
    {"CONTENT_LENGTH": "7"},
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path", [COVER, SECTION, "/", "/sw.js", "/read/nothing/", "/read/on-doors"]
)
def test_every_reply_is_what_django_says(
    path: str, method: str, django: Counted, site: Application, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    tag = dict(ask(django, path)[1]).get("ETag", 'W/"none"')
    for request in REQUESTS:
        sent = {
            name: value.replace("TAG", tag).replace("STRONG", tag.removeprefix("W/"))
            for name, value in request.items()
        }
        plain = ask(django, path, method, **sent)
        for _visit in ("first", "later"):
            said = ask(site, path, method, **sent)
            status, headers, body = decoded(said, as_long_as=plain)
            assert (status, headers) == plain[:2], sent
            # To HEAD Django leaves it to the server to drop the body.
            assert body == plain[2] or (method == "HEAD" and body == b""), sent


def test_the_first_visit_is_the_only_one_that_django_sees(
    django: Counted, site: Application
) -> None:
    first = ask(site, SECTION)
    asked = django.asked
    for method in ("GET", "HEAD"):
        for coding in ("", "gzip", "br", "gzip, br"):
            said = ask(site, SECTION, method, HTTP_ACCEPT_ENCODING=coding, HTTP_COOKIE="reader=me")
            assert (said[0], tag_of(said)) == ("200 OK", tag_of(first))
            assert (said[2] == b"") == (method == "HEAD")
        assert ask(site, SECTION, method, HTTP_IF_NONE_MATCH=tag_of(first))[0].startswith("304")
    assert django.asked == asked


def test_what_is_private_is_asked_for_each_time(django: Counted, site: Application) -> None:
    for _visit in (1, 2, 3):
        before = django.asked
        assert ask(site, "/reflect/on-doors/opening/panel/")[0] == "200 OK"
        assert django.asked == before + 1


def test_a_changed_text_is_asked_for_anew(
    django: Counted, site: Application, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devotional.content.loader.LOOK_EVERY", 0.0)
    first = ask(site, SECTION)
    (content / "on-doors.md").write_text(DOORS.replace("something small", "a single pin"))
    second = ask(site, SECTION)
    assert (b"a single pin" in second[2], tag_of(second) == tag_of(first)) == (True, False)
    asked = django.asked
    assert ask(site, SECTION) == second
    assert django.asked == asked


def test_a_text_that_is_gone_is_gone(
    site: Application, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devotional.content.loader.LOOK_EVERY", 0.0)
    assert ask(site, SECTION)[0] == ask(site, SECTION)[0] == "200 OK"
    (content / "on-doors.md").unlink()
    (content / "on-gates.md").write_text(DOORS.replace("On Doors", "On Gates"))
    assert ask(site, SECTION)[0] == "404 Not Found"


def saying(*headers: tuple[str, str]) -> Application:
    """An application that calls every reply of its own public."""

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[PUBLIC_PAGE] = True
        start_response("200 OK", [("ETag", 'W/"1"'), ("Content-Type", "text/plain"), *headers])
        return BytesIO(b"words")

    return application


def cookie(value: str) -> tuple[str, str]:
    said = SimpleCookie({"who": value})
    return "Set-Cookie", said["who"].OutputString()


@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [
        ([("Vary", "Accept-Encoding")], True),  # the proof that the others would be seen
        ([("Vary", "Accept-Encoding"), cookie("me")], False),
        ([("Vary", "Accept-Encoding, Cookie")], False),
        ([("vary", "cookie")], False),
    ],
)
def test_a_reply_that_is_someones_is_never_kept(headers: Headers, *, is_kept: bool) -> None:
    inner = Counted(saying(*headers))
    site = cached(inner)
    ask(site, "/")
    asked = inner.asked
    assert ask(site, "/")[2] == b"words"
    assert (inner.asked == asked) is is_kept


def test_what_fails_when_it_is_asked_again_is_said_and_not_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        raise RuntimeError("canary")

    site = PageCache(saying(("Vary", "")), broken, home=HOME, version=str)
    assert ask(site, "/")[2] == ask(site, "/")[2] == b"words"
    assert [record.getMessage() for record in caplog.records] == [
        "a public page is not kept in memory: RuntimeError"
    ] * 2


def test_nobody_is_told_what_another_asked_for() -> None:
    """What is kept was asked for by nobody: no cookie, address, query or browser in it."""
    seen: list[set[str]] = []

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.append({name for name in environ if name.startswith(("HTTP_", "REMOTE", "QUERY"))})
        return saying(("Vary", ""))(environ, start_response)

    ask(
        cached(application),
        "/",
        HTTP_COOKIE="reader=me",
        HTTP_USER_AGENT="Phone",
        HTTP_AUTHORIZATION="Basic me",
        HTTP_X_FORWARDED_FOR="203.0.113.9",
    )
    assert seen[1:] == [{"HTTP_HOST", "QUERY_STRING"}]


@pytest.mark.parametrize(
    "elsewhere", [{"HTTP_HOST": "www.testserver"}, {"HTTP_X_FORWARDED_PROTO": "http"}]
)
def test_only_the_sites_own_address_is_answered_from_memory(elsewhere: dict[str, str]) -> None:
    inner = Counted(saying(("Vary", "")))
    home = HOME | {"HTTP_X_FORWARDED_PROTO": "https"}
    site = PageCache(inner, inner, home=home, version=str)
    for _visit in (1, 2):
        ask(site, "/", **home)
    assert inner.asked == 2  # by the visitor and by nobody
    for visit in (1, 2):
        ask(site, "/", **home | elsewhere)
        assert inner.asked == 2 + visit


def test_a_mark_of_the_visitors_own_means_nothing(django: Counted, site: Application) -> None:
    marked: dict[str, Any] = {PUBLIC_PAGE: True}
    for _visit in (1, 2):
        before = django.asked
        assert ask(site, "/read/nothing/", **marked)[0] == "404 Not Found"
        assert django.asked == before + 1


def test_pages_are_compressed_as_the_browser_likes(site: Application) -> None:
    plain = ask(site, "/")[2]
    sizes = [len(plain)]
    for accepted, coding, opened in (
        ("gzip", "gzip", gzip.decompress),
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
    ):
        said = ask(site, "/", HTTP_ACCEPT_ENCODING=accepted)
        assert (dict(said[1])["Content-Encoding"], opened(said[2])) == (coding, plain)
        sizes.append(len(said[2]))
    assert sizes == sorted(sizes, reverse=True)


def test_the_first_visitor_is_answered_as_all_others_are(site: Application) -> None:
    first = ask(site, SECTION, HTTP_ACCEPT_ENCODING="br")
    assert dict(first[1])["Content-Encoding"] == "br"
    assert ask(site, SECTION, HTTP_ACCEPT_ENCODING="br") == first


def test_a_first_visitor_of_whom_only_django_can_judge_is_asked_for_once() -> None:
    inner = Counted(saying(("Vary", "")))
    site = PageCache(inner, saying(("Vary", "")), home=HOME, version=str)
    assert ask(site, "/", HTTP_IF_MATCH='"1"')[2] == b"words"
    assert inner.asked == 1


def test_a_picture_is_sent_as_it_is(site: Application) -> None:
    for _visit in (1, 2):
        said = ask(site, "/preview/on-doors.png", HTTP_ACCEPT_ENCODING="br, gzip")
        assert said[2].startswith(b"\x89PNG")
    assert "Content-Encoding" not in dict(said[1])


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("br", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("identity", ""),
        ("br; q=0, gzip;q=0.0", ""),
        ("br;q=0.1", "br"),
    ],
)
def test_the_coding_follows_the_header(header: str, coding: str) -> None:
    assert best_coding(header) == coding
