"""A TCP relay in front of a server: a network of a test's own that can be taken away."""

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes on what arrives at its own port, until it is cut.

    While it is cut, the port refuses connections, and those that were open are gone: as for a
    browser whose site can't be reached.
    """

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._accept_from(self.listener)

    def cut(self) -> None:
        """Take the network away."""
        with suppress(OSError):  # wakes the thread that waits there
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join(timeout=10)
        with self.lock:
            for connection in self.open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Bring it back, at the same port."""
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self._accept_from(self.listener)

    def _accept_from(self, listener: socket.socket) -> None:
        self.accepting = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        self.accepting.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                browser, _address = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port), timeout=10)
            except OSError:
                browser.close()
                continue
            server.settimeout(None)
            with self.lock:
                self.open |= {browser, server}
            pair = Pair(browser, server)
            for one, other in ((browser, server), (server, browser)):
                threading.Thread(target=self._pass_on, args=(one, other, pair), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, pair: "Pair") -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        if pair.is_over():
            with self.lock:
                self.open -= {source, target}
            source.close()
            target.close()


class Pair:
    """Two ends of a relayed connection, which are closed when both directions are at their end."""

    def __init__(self, *ends: socket.socket) -> None:
        self.left = len(ends)
        self.lock = threading.Lock()

    def is_over(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left == 0
