"""A client of WebDriver BiDi: commands to a browser, and its answers, over a web socket.

https://www.w3.org/TR/webdriver-bidi/ says what can be sent. Events are not subscribed to.
"""

import json
import time
from typing import Any

import websocket

from tests.browser.drivers.driver import START, DriverError


class Connection:
    """A session with a browser."""

    def __init__(self, address: str, command: float) -> None:
        self.command = command  # seconds that a command may take
        try:
            # A browser refuses whoever says to be a page, hence no Origin.
            self.socket = websocket.create_connection(
                address, timeout=START, suppress_origin=True, http_no_proxy=["*"]
            )
        except (OSError, websocket.WebSocketException) as error:
            raise DriverError(f"{address}: {error}") from error
        self.sent = 0
        self.is_silent = False  # who gave no answer once isn't waited for again

    def send(self, method: str, *, within: float = 0, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its result. Raises DriverError, also without an answer."""
        if self.is_silent:
            raise DriverError(f"{method}: the browser has not answered before")
        seconds = within or self.command
        self.sent += 1
        number = self.sent
        end = time.monotonic() + seconds
        try:
            self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
            while (left := end - time.monotonic()) > 0:
                self.socket.settimeout(left)
                answer = json.loads(self.socket.recv())
                if answer.get("id") == number:
                    return result_of(method, answer)
        except websocket.WebSocketTimeoutException:
            pass
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise DriverError(f"{method}: {error}") from error
        self.is_silent = True
        raise DriverError(f"{method}: no answer within {seconds:.0f} s")

    def close(self) -> None:
        self.socket.close(timeout=1)


def result_of(method: str, answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("type") != "success":
        raise DriverError(f"{method}: {answer.get('error')}: {answer.get('message')}")
    result: dict[str, Any] = answer["result"]
    return result
