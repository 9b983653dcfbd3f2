"""What a browser engine must be able to do for a test, in words that hold for all of them.

A `Driver` is one person's browser: one tab, with cookies and storage of its own. An `Engine` makes
drivers. Both say only what the engine itself has to do; what people do with a page, by role, label
and visible text, is written once on top of it (`page.py`). Every call ends: after `COMMAND` seconds
at the latest with a `DriverError`.
"""

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any, Protocol

COMMAND = 20.0  # seconds that one command to a browser may take, loading a page included
START = 30.0  # seconds within which a browser must be there
PATIENCE = 10.0  # seconds that a wait for something on a page may take
BETWEEN = 0.05  # seconds between two looks


class DriverError(Exception):
    """A browser did not do what it was asked: an error of its own, no answer, or it is gone."""


class MissingEngineError(Exception):
    """This machine lacks the engine; the message names the package to install."""


class Driver(Protocol):
    """One person's browser, with a single tab."""

    engine: str

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The head of the processes of this browser, which others may share."""

    def open(self, url: str) -> None:
        """Go to an address and wait until its page has loaded."""

    def reload(self) -> None: ...

    def back(self) -> None: ...

    def evaluate(self, function: str, *arguments: Any) -> Any:
        """Call a JavaScript function in the page; its result, awaited, by way of JSON."""

    def click_at(self, x: float, y: float) -> None:
        """Press and release the first button of a mouse at a place in the viewport."""

    def type_text(self, text: str) -> None:
        """Press the keys for `text`, one after another, wherever the focus is."""

    def press(self, *keys: str) -> None:
        """Press keys at once, as in `press("Control", "End")`, and let go of them."""

    def set_viewport(self, width: int, height: int) -> None:
        """Give the page a viewport of this size in CSS pixels."""

    def screenshot(self) -> bytes:
        """A PNG of the viewport, a pixel for a CSS pixel where the page isn't zoomed."""

    def cookies(self) -> dict[str, str]:
        """The cookies of the page's site, by name, those that scripts don't see included."""

    def set_cookie(self, name: str, value: str, url: str) -> None: ...

    def close(self) -> None:
        """End it and all that it kept. Never raises."""


class Engine(Protocol):
    """A kind of browser that this machine has."""

    name: str

    def new_driver(self, width: int, height: int) -> Driver:
        """A fresh browser for one person."""

    def close(self) -> None:
        """End every process that this engine started."""


def calling(function: str, arguments: tuple[Any, ...]) -> str:
    """The source of a function without parameters that calls `function` and answers in JSON.

    So each driver has to carry nothing but one string in each direction.
    """
    given = ", ".join(json.dumps(argument) for argument in arguments)
    return (
        f"async () => {{ const found = await ({function})({given});"
        " return JSON.stringify(found === undefined ? null : found); }"
    )


def wait_until[Found](look: Callable[[], Found], seconds: float, what: Callable[[], str]) -> Found:
    """Look again and again until what is found is true, and return it.

    A page that is just being left raises in the midst of a look, which is only a reason to look
    again. Raises AssertionError with `what()` once the time is over.
    """
    end = time.monotonic() + seconds
    error: DriverError | None = None
    while True:
        try:
            found = look()
        except DriverError as raised:
            error = raised
        else:
            if found:
                return found
            error = None
        if time.monotonic() > end:
            raise AssertionError(what()) from error
        time.sleep(BETWEEN)
