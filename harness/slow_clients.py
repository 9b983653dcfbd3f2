"""Clients that keep a server waiting: connections that say nothing, forms whose body never comes.

Each sends to 127.0.0.1 alone, and what it opened is closed when its context ends.
"""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection

ANNOUNCED = 100  # bytes of a body that never comes
PATH = "/reflect/the-continual-pursuit-of-breakthrough/hingy/"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a proxy listens, under which name, and the certificate it is trusted by."""

    port: int
    name: str
    ca: Path
    source: str = "127.0.0.1"  # where its clients come from

    def connect(self, *protocols: str, timeout: float = 10) -> ssl.SSLSocket:
        trust = ssl.create_default_context(cafile=str(self.ca))
        trust.set_alpn_protocols(protocols or ["http/1.1"])
        plain = socket.create_connection(
            ("127.0.0.1", self.port), timeout=timeout, source_address=(self.source, 0)
        )
        try:
            return trust.wrap_socket(plain, server_hostname=self.name)
        except OSError:
            plain.close()
            raise

    def post(self, *, announced: int = ANNOUNCED, body: bytes = b"") -> ssl.SSLSocket:
        """A connection on which the head of a form was sent, and no more of it than `body`."""
        connection = self.connect()
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: {self.name}\r\nOrigin: https://{self.name}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {announced}\r\n\r\n".encode()
            + body
        )
        return connection


@contextlib.contextmanager
def silent_connections(address: Address, count: int) -> Iterator[list[ssl.SSLSocket]]:
    """`count` connections, half of which say nothing and half of which post without a body."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(address.post() if number % 2 else address.connect())
            for number in range(count)
        ]


@contextlib.contextmanager
def bodiless_streams(address: Address, count: int) -> Iterator[None]:
    """One HTTP/2 connection with `count` forms on their way, of which no byte of a body comes."""
    with address.connect("h2") as connection:
        assert connection.selected_alpn_protocol() == "h2"
        client = H2Connection(H2Configuration(client_side=True))
        client.initiate_connection()
        for _ in range(count):
            stream = client.get_next_available_stream_id()
            client.send_headers(
                stream,
                [
                    (":method", "POST"),
                    (":path", PATH),
                    (":scheme", "https"),
                    (":authority", address.name),
                    ("origin", f"https://{address.name}"),
                    ("content-type", "application/x-www-form-urlencoded"),
                    ("content-length", str(ANNOUNCED)),
                ],
            )
        connection.sendall(client.data_to_send())
        yield
