"""Chromium, driven by Playwright over the protocol of its developer tools.

The browser is a process of ours that Playwright connects to, and not one of Playwright's own: so it
can be killed when a command takes too long, which Playwright's `evaluate` alone would wait out.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from playwright.sync_api import Error as PlaywrightError

from harness.chromium import FLAGS, chromium
from tests.browser.drivers import processes
from tests.browser.drivers.driver import COMMAND, START, DriverError, MissingEngineError, calling


class ChromiumEngine:
    """One Chromium; each person has a browser context of their own."""

    name = "chromium"

    def __init__(self, folder: Path, playwright: Playwright, *, command: float = COMMAND) -> None:
        self.command = command
        path = chromium()
        if path is None:
            raise MissingEngineError("no Chromium here: install the package `chromium`")
        profile = folder / "profile"
        log = folder / "chromium.log"
        self.process = processes.start(
            [
                path,
                "--headless",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                "--proxy-server=http://127.0.0.1:9",  # nobody is there; ourselves need no proxy
                "--hide-scrollbars",
                "--password-store=basic",
                *FLAGS,
                "about:blank",
            ],
            log,
        )
        port = profile / "DevToolsActivePort"

        def address() -> str | None:
            told = port.read_text().splitlines() if port.exists() else []
            return f"ws://127.0.0.1:{told[0]}{told[1]}" if len(told) == 2 else None

        endpoint = processes.wait_for_start(self.process, log, address)
        try:
            with speaking(self.process, START):
                self.browser: Browser = playwright.chromium.connect_over_cdp(endpoint)
        except DriverError:
            processes.stop(self.process)
            raise

    def new_driver(self, width: int, height: int) -> "ChromiumDriver":
        with speaking(self.process, START):
            context = self.browser.new_context(
                viewport={"width": width, "height": height},
                locale="en-GB",
                timezone_id="Europe/London",
            )
            return ChromiumDriver(self, context)

    def close(self) -> None:
        with suppress(DriverError), speaking(self.process, processes.ENDING):
            self.browser.close()
        processes.stop(self.process)


@contextmanager
def speaking(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kill the browser if the commands inside take too long; their errors are DriverErrors."""
    try:
        with processes.killed_after(process, seconds):
            yield
    except PlaywrightError as error:
        raise DriverError(str(error)) from error


class ChromiumDriver:
    engine = ChromiumEngine.name

    def __init__(self, engine: ChromiumEngine, context: BrowserContext) -> None:
        self.process = engine.process
        self.command = engine.command
        self.context = context
        context.set_default_timeout(engine.command * 1000 * 0.9)
        self.page: Page = context.new_page()

    def open(self, url: str) -> None:
        with self._speaking():
            self.page.goto(url)

    def reload(self) -> None:
        with self._speaking():
            self.page.reload()

    def back(self) -> None:
        with self._speaking():
            # From the browser's own memory a page comes without the events that are waited for.
            self.page.evaluate("() => void setTimeout(() => history.back())")

    def evaluate(self, function: str, *arguments: Any) -> Any:
        with self._speaking():
            return json.loads(self.page.evaluate(calling(function, arguments)))

    def click_at(self, x: float, y: float) -> None:
        with self._speaking():
            self.page.mouse.click(x, y)

    def type_text(self, text: str) -> None:
        with self._speaking():
            self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        with self._speaking():
            self.page.keyboard.press("+".join(keys))

    def set_viewport(self, width: int, height: int) -> None:
        with self._speaking():
            self.page.set_viewport_size({"width": width, "height": height})

    def screenshot(self) -> bytes:
        with self._speaking():
            return self.page.screenshot()

    def cookies(self) -> dict[str, str]:
        with self._speaking():
            found = self.context.cookies(self.page.url)
        return {cookie["name"]: cookie["value"] for cookie in found}

    def set_cookie(self, name: str, value: str, url: str) -> None:
        with self._speaking():
            self.context.add_cookies([{"name": name, "value": value, "url": url}])

    def close(self) -> None:
        with suppress(DriverError), self._speaking():
            self.context.close()

    def _speaking(self) -> AbstractContextManager[None]:
        return speaking(self.process, self.command)
