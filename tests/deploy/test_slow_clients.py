"""Slow and silent clients before either proxy that we ship: everyone else goes on (S11, B14).

`make bench-street` does the same for a minute, with more of them.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing

import pytest

from harness.http_client import Page
from harness.server import eventually
from harness.slow_clients import (
    PATH,
    Address,
    bodiless_streams,
    silent_connections,
)
from harness.visitor import NAME, Forwarded
from tests.deploy.conftest import Place
from tests.deploy.proxies import Arrive, Proxy, arriving, caddy, nginx

MANY = 24  # more than the site has threads, over all of its processes
SOON = 2  # seconds that the proxies of these tests wait for a body, instead of 30

type Waiting = Callable[[Address, int], AbstractContextManager[object]]


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def proxy(
    request: pytest.FixtureRequest, site: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    if request.param == "caddy":
        with caddy(site.port, tmp_path_factory.mktemp("caddy"), body_seconds=SOON) as running:
            yield running
    else:
        with nginx(site.port, body_seconds=SOON) as running:
            yield running


@pytest.fixture
def address(proxy: Proxy) -> Address:
    return Address(proxy.https, NAME, proxy.ca)


@pytest.fixture
def arrive(proxy: Proxy) -> Iterator[Arrive]:
    with arriving(proxy) as new:
        yield new


@pytest.mark.parametrize("waiting", [silent_connections, bodiless_streams])
def test_everyone_else_goes_on(address: Address, arrive: Arrive, waiting: Waiting) -> None:
    page = Page(arrive())
    assert page.save("Before.").status == 200
    with waiting(address, MANY):
        assert arrive().get("/").status == 200
        assert page.save("Meanwhile.").status == 200
        assert page.text() == "Meanwhile."
        newcomer = Page(arrive())
        assert newcomer.save("Someone new.").status == 200


def test_a_form_that_was_cut_off_ends_in_an_error(proxy: Proxy, address: Address) -> None:
    """Never in an empty page, as if all were well."""
    with address.post(body=b"half") as connection:
        connection.settimeout(SOON + 20)
        reply = read_all(connection)
    if (proxy.folder / "Caddyfile").exists():
        assert reply.startswith(b"HTTP/1.1 503 ")
        assert b"go back: it is still there" in reply
    else:
        assert reply in (b"", b"(reset)")  # nginx hangs up, and the browser says so


def test_a_form_that_is_too_large_is_refused_in_words(address: Address) -> None:
    with address.post(announced=5_000_000, body=b"x" * 100) as connection:
        reply = read_all(connection)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b"nothing of it was kept" in reply


def read_all(connection: ssl.SSLSocket) -> bytes:
    reply = b""
    try:
        while part := connection.recv(65536):
            reply += part
            if b"\r\n\r\n" in reply and b"it is still there" in reply:
                break
    except ConnectionResetError:
        return reply or b"(reset)"
    return reply


def test_without_a_proxy_pages_for_everyone_go_on(site: Place) -> None:
    """The port is not for the internet, and still no form holds all threads."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 100\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(MANY):
            waiting = socket.create_connection(("127.0.0.1", site.port), timeout=10)
            stack.enter_context(waiting).sendall(head)
        device = stack.enter_context(closing(Forwarded(site.port)))
        assert device.get("/").status == 200
        refused = device.post(PATH, {"op": "x"})
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    with closing(Forwarded(site.port)) as device:
        page = Page(device)
        assert eventually(lambda: page.save("Afterwards.").status == 200)
