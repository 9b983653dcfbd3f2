"""Saves over a bare socket, for a network that is cut: whole and never answered, or cut short."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from harness.databases import Database
from harness.http_client import FORM, Page, encoded
from harness.waiting import eventually

COMMITTED = 20  # seconds within which a save that was sent whole must be stored


def request_bytes(page: Page, form: Mapping[str, str]) -> bytes:
    """The save of `form` as it goes over the wire."""
    body = encoded(form)
    said = page.device.headers() | {
        "Host": f"127.0.0.1:{page.device.port}",
        "Content-Type": FORM,
        "Content-Length": str(len(body)),
        "HX-Request": "true",
        "Connection": "close",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"POST {page.path} HTTP/1.1\r\n{head}\r\n".encode() + body


@contextmanager
def unread(page: Page, form: Mapping[str, str], *, share: float = 1.0) -> Iterator[None]:
    """Send a save, or the first `share` of its bytes; hang up at the end, with nothing read."""
    sent = request_bytes(page, form)
    with socket.create_connection(("127.0.0.1", page.device.port), timeout=10) as connection:
        connection.sendall(sent[: int(len(sent) * share)])
        yield


def lose_the_answer(page: Page, form: Mapping[str, str], database: Database) -> None:
    """Have a save committed, and hang up before its answer is read."""
    before = operations(database)
    with unread(page, form):
        stored = eventually(lambda: operations(database) > before, COMMITTED, pause=0.005)
        assert stored, "a save that was sent whole was not stored"


def operations(database: Database) -> int:
    """How many saves were ever carried out, asked of the database itself."""
    ((count,),) = database.ask("SELECT count(*) FROM devotional_operation")
    return int(count)
