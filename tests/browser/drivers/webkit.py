"""WebKit, the engine of Safari, as Debian's WebKitGTK: its MiniBrowser, driven by Selenium.

`WebKitWebDriver` knows one session, and a session keeps nothing of the one before. So each person
has a driver process and a browser of their own, on one screen in memory.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import urllib3
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options

from harness.site import free_port
from tests.browser.drivers import keys, processes
from tests.browser.drivers.driver import (
    BETWEEN,
    COMMAND,
    PATIENCE,
    START,
    DriverError,
    MissingEngineError,
    calling,
)
from tests.browser.drivers.xvfb import Screen

# The window is never narrower than its own tool bar, of 447 pixels; in full screen it is still 334.
# With a style sheet for the tool bar alone, that leaves the page untouched, a phone's 320 are had.
NARROW = """\
* {
  min-width: 0; min-height: 0; margin: 0; padding: 0; border-width: 0;
  font-size: 1px; -gtk-icon-size: 1px;
}
"""
BROWSERS = "/usr/lib/*/webkit2gtk-*/MiniBrowser"  # where Debian has it, in no folder of the PATH
# Nobody is at that proxy: whatever is asked of others is refused.
NO_OTHERS = ("--proxy=http://127.0.0.1:9", "--ignore-host=127.0.0.1", "--ignore-host=localhost")
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def mini_browser() -> str | None:
    """The newest MiniBrowser on this machine, or None."""
    found = sorted(str(path) for path in Path("/").glob(BROWSERS.lstrip("/")))
    return found[-1] if found else None


class WebKitEngine:
    name = "webkit"

    def __init__(self, folder: Path, *, command: float = COMMAND) -> None:
        self.command = command
        driver, browser = shutil.which("WebKitWebDriver"), mini_browser()
        if driver is None or browser is None:
            raise MissingEngineError("no WebKit here: install the package `webkit2gtk-driver`")
        self.driver, self.browser = driver, browser
        self.folder = folder
        self.screen = Screen(folder)

    def new_driver(self, width: int, height: int) -> "WebKitDriver":
        return WebKitDriver(self, Path(tempfile.mkdtemp(dir=self.folder)), width, height)

    def close(self) -> None:
        self.screen.close()


class WebKitDriver:
    engine = WebKitEngine.name

    def __init__(self, engine: WebKitEngine, home: Path, width: int, height: int) -> None:
        self.command = engine.command
        port = free_port()
        log = home / "webkit.log"
        self.process = processes.start(
            [engine.driver, f"--port={port}"], log, environment_in(home, engine.screen.display)
        )
        address = f"http://127.0.0.1:{port}"
        try:
            processes.wait_for_start(self.process, log, lambda: answers(f"{address}/status"))
            with speaking(self.process, START):
                self.connection = connection_to(address)
                self.session = new_session(self.connection, engine.browser)
                self.session.set_page_load_timeout(engine.command * 0.9)
                self.session.set_script_timeout(engine.command * 0.9)
                self.tool_bar = self._tool_bar()
            self.set_viewport(width, height)
        except BaseException:
            processes.stop(self.process, ask=False)
            raise

    def open(self, url: str) -> None:
        with self._speaking():
            self.session.get(url)

    def reload(self) -> None:
        with self._speaking():
            self.session.refresh()

    def back(self) -> None:
        with self._speaking():
            self.session.back()

    def evaluate(self, function: str, *arguments: Any) -> Any:
        with self._speaking():
            return json.loads(
                self.session.execute_script(f"return ({calling(function, arguments)})()")
            )

    def click_at(self, x: float, y: float) -> None:
        with self._speaking():
            actions = ActionBuilder(self.session)
            mouse = actions.pointer_action
            mouse.move_to_location(round(x), round(y))  # type: ignore[no-untyped-call]
            mouse.click()
            actions.perform()

    def type_text(self, text: str) -> None:
        self._press(keys.typing(text))

    def press(self, *names: str) -> None:
        self._press(keys.chord(names))

    def set_viewport(self, width: int, height: int) -> None:
        with self._speaking():
            self.session.set_window_rect(0, 0, width, height + self.tool_bar)
            end = time.monotonic() + PATIENCE
            while (found := self._viewport()) != (width, height):
                if time.monotonic() > end:
                    raise DriverError(f"the viewport is {found} and not {(width, height)}")
                time.sleep(BETWEEN)

    def screenshot(self) -> bytes:
        # It is drawn beside the page's own thread, and a picture shows what was drawn last.
        self.evaluate(TWO_FRAMES)
        with self._speaking():
            return base64.b64decode(self.session.get_screenshot_as_base64())

    def cookies(self) -> dict[str, str]:
        with self._speaking():
            return {cookie["name"]: cookie["value"] for cookie in self.session.get_cookies()}

    def set_cookie(self, name: str, value: str, url: str) -> None:
        with self._speaking():
            if not self.session.current_url.startswith(url):
                self.session.get(url)  # a cookie can be set for the page that is open alone
            self.session.add_cookie({"name": name, "value": value, "path": "/"})

    def close(self) -> None:
        with suppress(DriverError), self._speaking():
            self.session.quit()
        self.connection.close()  # type: ignore[no-untyped-call]
        processes.stop(self.process, ask=False)

    def _press(self, actions: list[dict[str, Any]]) -> None:
        with self._speaking():
            builder = ActionBuilder(self.session)
            for action in actions:
                if action["type"] == "keyDown":
                    builder.key_action.key_down(action["value"])
                else:
                    builder.key_action.key_up(action["value"])
            builder.perform()

    def _speaking(self) -> AbstractContextManager[None]:
        return speaking(self.process, self.command)

    def _tool_bar(self) -> int:
        """How many pixels of the window's height are not the page's."""
        height: int = self.session.execute_script("return outerHeight - innerHeight")
        return height

    def _viewport(self) -> tuple[int, int]:
        found = self.session.execute_script("return [innerWidth, innerHeight]")
        return (round(found[0]), round(found[1]))


@contextmanager
def speaking(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kill driver and browser if the commands inside take too long; errors are DriverErrors."""
    try:
        with processes.killed_after(process, seconds):
            yield
    except (WebDriverException, urllib3.exceptions.HTTPError, OSError) as error:
        raise DriverError(str(error)) from error


def connection_to(address: str) -> RemoteConnection:
    config = ClientConfig(
        remote_server_addr=address,
        timeout=round(2 * START),  # before that, driver and browser are killed
        proxy=Proxy({"proxyType": ProxyType.DIRECT}),
    )
    return RemoteConnection(client_config=config)


def new_session(connection: RemoteConnection, browser: str) -> webdriver.Remote:
    """Have the driver process start the browser. Its path is given, so nothing is searched for."""
    options = Options()
    # Killed with the driver process that starts it; without util-linux only a hard death leaves it.
    setpriv = shutil.which("setpriv")
    command = [setpriv, "--pdeathsig", "KILL", browser] if setpriv else [browser]
    options.binary_location, *arguments = command
    for argument in (*arguments, "--automation", *NO_OTHERS):
        options.add_argument(argument)
    return webdriver.Remote(connection, options=options)


def environment_in(home: Path, display: str) -> dict[str, str]:
    """The variables for a browser at home in `home`, on a screen, that talks to no desktop."""
    inherited = {"PATH", "LANG", "LC_ALL", "TMPDIR"}
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    styles = home / ".config" / "gtk-3.0"
    styles.mkdir(parents=True)
    (styles / "gtk.css").write_text(NARROW)
    return {name: value for name, value in os.environ.items() if name in inherited} | {
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "DISPLAY": display,
        "GDK_BACKEND": "x11",
        "HOME": str(home),
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "NO_AT_BRIDGE": "1",
        "TZ": "Europe/London",
        "XDG_RUNTIME_DIR": str(runtime),
    }


def answers(url: str) -> bool | None:
    with suppress(urllib3.exceptions.HTTPError):
        return urllib3.PoolManager(retries=False, timeout=1).request("GET", url).status == 200
    return None
