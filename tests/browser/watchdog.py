"""Ends a browser that stands still, so that its journey fails in time instead of hanging the run.

pytest-timeout interrupts Python. A journey that waits for its browser waits inside the browser's
driver, which an interruption would leave in pieces for every journey after it. So a little before a
journey's limit each browser is asked what it shows and killed, whether it answers or not: the
driver then ends the wait by itself. Whatever still waits after that is pytest-timeout's.
"""

import base64
import json
import os
import signal
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from pytest_timeout import Settings
from websocket import WebSocket, WebSocketException, create_connection

GRACE = 15  # seconds between the end of the browsers and pytest-timeout's own interruption
ANSWER = 3  # seconds that a browser may take to say what it shows

SOURCE = "document.documentElement.outerHTML"

# pytest-timeout's own words: what it says is not to be run again by pytest-rerunfailures.
SAID = "Timeout (>{seconds:.0f} s): the browser stood still and was killed. {shown}"

ended = pytest.StashKey[str]()


class StoodStillError(Exception):
    """A journey was still waiting for its browser when its time was over."""


class Running(Protocol):
    """A browser that the watchdog may end."""

    def shown(self, folder: Path, name: str) -> list[str]:
        """What its pages show, a line each; pictures and sources go into `folder`."""

    def kill(self) -> None:
        """End it with all its processes, also where it is stopped."""


watched: list[Running] = []


@dataclass(slots=True)
class Chromium:
    """A Chromium with a port on which it can be asked, started as the head of its own group."""

    pid: int
    port: int
    is_killed: bool = False  # whoever holds it may not have noticed yet

    def shown(self, folder: Path, name: str) -> list[str]:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/json", timeout=ANSWER
            ) as reply:
                targets = json.load(reply)
        except OSError:
            return ["It does not answer."]
        pages = [target for target in targets if target["type"] == "page"]
        return [
            f"{page['url']}: {look(page, folder / f'{name}-{number}')}"
            for number, page in enumerate(pages)
        ]

    def kill(self) -> None:
        self.is_killed = True
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def look(page: dict[str, str], file: Path) -> str:
    """Keep a page's picture and source beside `file`, and say whether that went well."""
    try:
        with closing(
            create_connection(page["webSocketDebuggerUrl"], timeout=ANSWER, suppress_origin=True)
        ) as socket:
            source = ask(
                socket, "Runtime.evaluate", expression="document.documentElement.outerHTML"
            )
            file.with_suffix(".html").write_text(source["result"]["value"])
            picture = ask(socket, "Page.captureScreenshot")["data"]
            file.with_suffix(".png").write_bytes(base64.b64decode(picture))
    except (OSError, WebSocketException):
        return "the page does not answer"
    return f"see {file.parent.name}/{file.name}.png and .html"


def ask(socket: WebSocket, method: str, **params: Any) -> dict[str, Any]:
    socket.send(json.dumps({"id": 1, "method": method, "params": params}))
    while True:
        answer = json.loads(socket.recv())
        if answer.get("id") == 1:
            result: dict[str, Any] = answer["result"]
            return result


@dataclass(slots=True)
class Watchdog:
    """Waits beside one journey."""

    item: pytest.Item
    seconds: float
    folder: Path
    name: str
    timer: threading.Timer = field(init=False)

    def __post_init__(self) -> None:
        self.timer = threading.Timer(max(1, self.seconds - GRACE), self.end_all)
        self.timer.daemon = True
        self.timer.start()

    def end_all(self) -> None:
        self.folder.mkdir(exist_ok=True)
        shown = [line for browser in watched for line in browser.shown(self.folder, self.name)]
        self.item.stash[ended] = SAID.format(
            seconds=self.seconds - GRACE, shown=" ".join(shown) or "No page was open."
        )
        for browser in watched:
            browser.kill()


running = pytest.StashKey[Watchdog]()


def watch(item: pytest.Item, settings: Settings, folder: Path, name: str) -> None:
    item.stash[running] = Watchdog(item, settings.timeout, folder, name)


def leave(item: pytest.Item) -> None:
    if running in item.stash:
        item.stash[running].timer.cancel()


def blame(item: pytest.Item) -> Iterator[None]:
    """Around a phase of a journey: what fails after its browser was killed failed by that."""
    try:
        yield
    except BaseException as error:
        if ended in item.stash:
            raise StoodStillError(item.stash[ended]) from error
        raise
