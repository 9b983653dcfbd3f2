"""Browsers of a site behind a proxy: one that comes through it, one that speaks as the proxy."""

import http.client
import socket
import ssl
from pathlib import Path

from harness.http_client import FORM, Device, Reply, encoded

NAME = "read.example.org"  # the site's, in all that deploy/ ships
SITE = f"https://{NAME}"


class Person(Device):
    """Fills in forms as a page without scripts does."""

    def fill_in(self, path: str, *, to: str = "", **typed: str) -> Reply:
        """Send what the forms at `path` hold, and what was typed, to that address or another."""
        fields = self.get(path).fields | typed
        return self.request("POST", to or path, encoded(fields), {"Content-Type": FORM})


class Visitor(Person):
    """Comes by TLS, to the site's name. Trusts the certificate `ca` and nothing else."""

    def __init__(self, port: int, ca: Path, *, address: str = "127.0.0.1") -> None:
        super().__init__(port)
        self.address = address  # one of 127.0.0.0/8
        self.receives = 0  # bytes that its side of a connection holds; 0: as usual
        self.also_says: dict[str, str] = {}
        self.set_cookies: list[str] = []  # as they came, with the last reply that had some
        self._trust = ssl.create_default_context(cafile=str(ca))

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        plain = socket.socket()
        connection = http.client.HTTPConnection(NAME, timeout=timeout)
        try:
            if self.receives:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receives)
            plain.settimeout(timeout)
            plain.bind((self.address, 0))
            plain.connect(("127.0.0.1", self.port))
            connection.sock = self._trust.wrap_socket(plain, server_hostname=NAME)
        except OSError:
            plain.close()
            raise
        return connection

    def headers(self) -> dict[str, str]:
        return super().headers() | {"Host": NAME, "Origin": SITE} | self.also_says

    def _keep_cookies(self, set_cookies: list[str]) -> None:
        self.set_cookies = set_cookies or self.set_cookies
        super()._keep_cookies(set_cookies)


class Forwarded(Person):
    """Speaks to the site itself, in the words of a proxy that ends TLS."""

    def headers(self) -> dict[str, str]:
        return super().headers() | {
            "Host": NAME,
            "Origin": SITE,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.7",
        }
