"""SIGTERM: what was accepted is answered in full, and the end comes even if something is stuck."""

import contextlib
import http.client
import signal
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from harness.processes import kill_group, start
from harness.server import (
    PATIENCE,
    Server,
    children,
    environment,
    eventually,
    free_port,
    running,
)
from harness.sockets import connections_to

SLOW = "tests.running.slow"


def ask(port: int, path: str, sent: threading.Semaphore | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path)
        if sent is not None:
            sent.release()
        response = connection.getresponse()
        return response.status, response.read()


def are_accepted(number: int, port: int, sent: threading.Semaphore) -> bool:
    """Whether so many requests have been sent, and the server has taken them all."""
    for _ in range(number):
        assert sent.acquire(timeout=PATIENCE)
    return eventually(lambda: [each.unread for each in connections_to(port)] == [0] * number)


def test_what_was_accepted_is_answered_in_full(data: Path) -> None:
    """More than there are threads: what waits for one has been accepted too."""
    with running(data, free_port(), DJANGO_SETTINGS_MODULE=SLOW, WORKERS="2") as server:
        assert eventually(lambda: len(children(server.process.pid)) == 2)
        sent = threading.Semaphore(0)
        with ThreadPoolExecutor(12) as pool:
            asked: list[Future[tuple[int, bytes]]] = [
                pool.submit(ask, server.port, "/slow/" if number % 2 else "/parts/", sent)
                for number in range(12)
            ]
            assert are_accepted(12, server.port, sent)
            assert not any(each.done() for each in asked)
            assert server.stop(signal.SIGTERM) == 0
            assert {each.result(PATIENCE) for each in asked} == {
                (200, b"whole"),
                (200, b"part " * 4),
            }
    assert not is_listening(server)


def is_listening(server: Server) -> bool:
    try:
        ask(server.port, "/slow/")
    except OSError:
        return False
    return True


def test_what_is_stuck_does_not_hold_up_the_end(data: Path, tmp_path: Path) -> None:
    """As `serve` runs it, with less patience: the worker is killed, and the server ends."""
    port = free_port()
    program = (
        "from devotional.lib import web_server\n"
        "web_server.STOP_SECONDS = 1\n"
        f"web_server.run(application='devotional.wsgi:application', host='127.0.0.1', port={port},"
        " workers=1, threads=2, ready='ready')\n"
    )
    log = tmp_path / "log"
    process = start(
        [sys.executable, "-c", program],
        output=log,
        env=environment(data) | {"DJANGO_SETTINGS_MODULE": SLOW},
    )
    try:
        assert eventually(lambda: log.read_text() == "ready\n")
        with ThreadPoolExecutor(1) as pool:
            sent = threading.Semaphore(0)
            waits = pool.submit(ask, port, "/stuck/", sent)
            assert are_accepted(1, port, sent)
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            assert isinstance(waits.exception(PATIENCE), (OSError, http.client.HTTPException))
    finally:
        kill_group(process)
