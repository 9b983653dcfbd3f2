"""A site that doesn't answer: what either proxy says in its place, and what it writes down."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.proxies import Proxy, arriving, caddy, closed, nginx

SAID = (
    "This can't be done just now. Please try again in a moment. "
    "If you were sending something, go back: it is still there."
)


@pytest.fixture(params=["caddy", "nginx"])
def alone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy with nothing behind it: nobody listens on port 1."""
    one = caddy(1, tmp_path, patience="0s") if request.param == "caddy" else nginx(1)
    with one as proxy:
        yield proxy


@pytest.mark.parametrize("path", ["/", "/static/css/site.css", "/j/canary-of-a-token?canary=query"])
def test_it_is_said_in_one_line_and_noted_nowhere(alone: Proxy, path: str) -> None:
    """By 503, so that a device keeps what was written, and not as if the site had said it."""
    with arriving(alone) as arrive:
        reply = arrive("127.0.0.77").get(path)
    assert (reply.status, reply.html) == (503, SAID)
    assert reply.headers["retry-after"] == "5"
    assert reply.headers["cache-control"] == "no-store"
    assert closed(reply)
    assert "x-robots-tag" not in reply.headers  # by which our scripts know our own replies
    written = [file.read_bytes() for file in alone.folder.rglob("*") if file.is_file()]
    assert written != []
    for mark in (b"canary", b"127.0.0.77"):
        assert [text for text in written if mark in text] == []
