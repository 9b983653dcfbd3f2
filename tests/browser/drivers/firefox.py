"""Firefox, driven by WebDriver BiDi, which it speaks by itself: no other program is needed."""

import base64
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.drivers import keys, processes
from tests.browser.drivers.bidi import Connection
from tests.browser.drivers.driver import COMMAND, START, DriverError, MissingEngineError, calling

# Nothing is asked of anyone: no updates, lists, guesses or reports, and whatever is tried all the
# same arrives at a proxy that isn't there. This machine itself is never asked through a proxy.
PREFERENCES: dict[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "intl.accept_languages": "en-GB, en",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.type": 1,
    "services.settings.server": "http://127.0.0.1:9",
    "signon.rememberSignons": False,
    "toolkit.telemetry.server": "",
    "ui.systemUsesDarkTheme": 0,
}


class FirefoxEngine:
    """One Firefox; each person has a user context (a container) of their own."""

    name = "firefox"

    def __init__(self, folder: Path, *, command: float = COMMAND) -> None:
        path = shutil.which("firefox-esr") or shutil.which("firefox")
        if path is None:
            raise MissingEngineError("no Firefox here: install the package `firefox-esr`")
        profile = folder / "profile"
        profile.mkdir()
        (profile / "user.js").write_text(
            "".join(
                f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                for name, value in PREFERENCES.items()
            )
        )
        log = folder / "firefox.log"
        self.process = processes.start(
            [
                path,
                "--headless",
                "--no-remote",
                "--profile",
                str(profile),
                "--remote-debugging-port=0",
            ],
            log,
        )
        told = profile / "WebDriverBiDiServer.json"

        def address() -> str | None:
            with suppress(OSError, ValueError):  # not there yet, or not yet whole
                server = json.loads(told.read_text())
                return f"ws://{server['ws_host']}:{server['ws_port']}/session"
            return None

        try:
            endpoint = processes.wait_for_start(self.process, log, address)
            self.connection = Connection(endpoint, command)
            self.connection.send(
                "session.new",
                within=START,
                capabilities={
                    "alwaysMatch": {"unhandledPromptBehavior": {"default": "accept"}},
                },
            )
        except DriverError:
            processes.stop(self.process)
            raise

    def new_driver(self, width: int, height: int) -> "FirefoxDriver":
        return FirefoxDriver(self, width, height)

    def close(self) -> None:
        with suppress(DriverError):
            self.connection.send("browser.close", within=processes.ENDING)
        self.connection.close()
        processes.stop(self.process)


class FirefoxDriver:
    engine = FirefoxEngine.name

    def __init__(self, engine: FirefoxEngine, width: int, height: int) -> None:
        self.process = engine.process
        connection = self.connection = engine.connection
        self.person: str = connection.send("browser.createUserContext")["userContext"]
        # In a window of its own: tabs that others lie over have slow clocks.
        self.tab: str = connection.send(
            "browsingContext.create", type="window", userContext=self.person
        )["context"]
        self.set_viewport(width, height)

    def open(self, url: str) -> None:
        self._send("browsingContext.navigate", url=url, wait="complete")

    def reload(self) -> None:
        self._send("browsingContext.reload", wait="complete")

    def back(self) -> None:
        self._send("browsingContext.traverseHistory", delta=-1)

    def evaluate(self, function: str, *arguments: Any) -> Any:
        answer = self.connection.send(
            "script.callFunction",
            functionDeclaration=calling(function, arguments),
            target={"context": self.tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise DriverError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def click_at(self, x: float, y: float) -> None:
        self._act(
            type="pointer",
            id="mouse",
            actions=[
                {"type": "pointerMove", "x": round(x), "y": round(y)},
                {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0},
            ],
        )

    def type_text(self, text: str) -> None:
        self._act(type="key", id="keyboard", actions=keys.typing(text))

    def press(self, *names: str) -> None:
        self._act(type="key", id="keyboard", actions=keys.chord(names))

    def set_viewport(self, width: int, height: int) -> None:
        self._send(
            "browsingContext.setViewport",
            viewport={"width": width, "height": height},
            devicePixelRatio=1,
        )

    def screenshot(self) -> bytes:
        answer = self._send("browsingContext.captureScreenshot", origin="viewport")
        return base64.b64decode(answer["data"])

    def cookies(self) -> dict[str, str]:
        answer = self.connection.send(
            "storage.getCookies", partition={"type": "context", "context": self.tab}
        )
        return {cookie["name"]: cookie["value"]["value"] for cookie in answer["cookies"]}

    def set_cookie(self, name: str, value: str, url: str) -> None:
        self.connection.send(
            "storage.setCookie",
            cookie={
                "name": name,
                "value": {"type": "string", "value": value},
                "domain": urlsplit(url).hostname,
                "path": "/",
            },
            partition={"type": "context", "context": self.tab},
        )

    def close(self) -> None:
        with suppress(DriverError):  # closes the tab as well
            self.connection.send("browser.removeUserContext", userContext=self.person)

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.connection.send(method, context=self.tab, **parameters)

    def _act(self, **source: Any) -> None:
        self._send("input.performActions", actions=[source])
