"""A connection whose other side takes nothing gives its thread back (S11)."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from devotional.lib.web_server import STALLED_SECONDS
from harness.site import ROOT, free_port

SHORT = 2  # seconds that a connection may stall, for this test


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server with a single thread."""
    port = free_port()
    words = f"--host=127.0.0.1 --port={port} --workers=1 --threads=1 --stalled-seconds={SHORT}"
    words += " --ready=ready tests.running.stalling:application"
    server = subprocess.Popen(
        [sys.executable, "-m", "devotional.lib.web_server", *words.split()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    yield port
    server.terminate()
    server.communicate(timeout=30)


def ask(port: int, timeout: float) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


def test_a_stalled_download_gives_its_thread_back(port: int) -> None:
    """There is no other thread, and it is held for as long as nothing is taken."""
    assert any(is_answered_beside_a_stalled_one(port) for _time in range(3))


def is_answered_beside_a_stalled_one(port: int) -> bool:
    """False also in the moment before a worker that has just begun knows of the limit."""
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect(("127.0.0.1", port))
        stalled.sendall(b"GET /endless/ HTTP/1.1\r\nHost: here\r\n\r\n")
        assert stalled.recv(1024).startswith(b"HTTP/1.1 200")
        try:
            return ask(port, 5 * SHORT) == b"short"
        except TimeoutError:
            return False


def test_a_minute_is_all_that_a_connection_may_stall() -> None:
    assert STALLED_SECONDS == 60
