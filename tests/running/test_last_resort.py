"""What nothing else catches is answered in few words, and its message is printed nowhere."""

import contextlib
import http.client
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.server import Server, copy, free_port, running

CANARY = "canary-4f1d"
SORRY = b"Something went wrong on this server. Please try again in a moment.\n"


@pytest.fixture(scope="module")
def broken(started: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = copy(started, tmp_path_factory.mktemp("broken") / "data")
    with running(data, free_port(), DJANGO_SETTINGS_MODULE="tests.running.breaking") as server:
        yield server


def ask(server: Server, page: str, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        connection.request(method, f"/{page}/?said={CANARY}")
        with connection.getresponse() as response:
            return response, response.read()


@pytest.mark.parametrize("page", ["page", "before", "first"])
def test_before_anything_is_sent_it_is_answered(broken: Server, page: str) -> None:
    response, body = ask(broken, page)
    assert (response.status, body) == (500, SORRY)
    headers = dict(response.getheaders())
    headers.pop("date")
    assert headers == {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(SORRY)),
        "cache-control": "no-store, private",
        "x-robots-tag": "noindex, nofollow",
        "devotional-answer": "yes",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "same-origin",
        "server": "granian",
    }


def test_to_head_the_answer_is_its_headers(broken: Server) -> None:
    response, body = ask(broken, "page", "HEAD")
    assert (response.status, body) == (500, b"")


def test_midway_the_reply_is_cut_short(broken: Server) -> None:
    """Its length was said, so that the browser knows that it isn't whole."""
    with pytest.raises((http.client.IncompleteRead, http.client.RemoteDisconnected)):
        ask(broken, "midway")


def test_a_reply_that_fails_when_closed_was_whole(broken: Server) -> None:
    assert ask(broken, "close")[1] == b"whole"


def test_what_is_printed_is_the_kind_and_the_places(broken: Server) -> None:
    """Last, since it ends the server to read all that it printed."""
    for page in ("page", "before", "first", "midway", "close"):
        with contextlib.suppress(http.client.HTTPException):
            ask(broken, page)
    assert broken.stop() == 0
    printed = "\n".join(broken.lines)
    records = re.findall(r" ERROR devotional\.last_resort: (.*) \[\w+\]", printed)
    assert set(records) == {
        "A request failed outside of its handler",
        "A reply failed while it was sent",
        "A reply failed when it was closed",
    }
    assert "builtins.RuntimeError, raised through" in printed
    for place in ("fails", "server_error", "fails_before_the_handler", "parts", "close"):
        assert re.search(rf"/breaking\.py:\d+ in {place}\n", printed), place
    assert CANARY not in printed
