"""Journeys in a real browser against the real server, as `make run` starts it.

A journey finds things as people do, by role and label. On a failure the page is photographed into
`test-results/`. Nothing here reaches past the page into the database.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from pytest_timeout import Settings

from harness.chromium import DESK, FLAGS, PHONE, headless_chromium
from harness.full_reader import new_address
from harness.site import ROOT, free_port
from harness.site import Site as Site  # journeys name it from here
from tests.browser import watchdog
from tests.browser.engines import engine as engine
from tests.browser.engines import new_person as new_person
from tests.browser.engines import relay as relay
from tests.browser.sign_in_actions import SiteWithMail, run_site_with_mail
from tests.conftest import in_ci

RESULTS = ROOT / "test-results"
LIMIT = 120  # seconds for a journey, with the start of a site and both of its runs

# Said on the console, where `someone` hears it: each breach as the page itself is told of it.
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (breach) =>
    console.error("Content Security Policy:", breach.effectiveDirective, breach.blockedURI));"""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Say which tests need another engine, before `-m` chooses by that."""
    if {"firefox", "webkit"} & {*parameters_of(item).values()}:
        item.add_marker(pytest.mark.other_engine)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    # Last, so that one process begins with them while the others do what needs no browser.
    items.sort(key=lambda item: here in item.path.parents)
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(LIMIT))
            if headless_chromium() is None and not in_ci() and "engine" not in fixtures_of(item):
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium here: install the package `chromium`")
                )


def parameters_of(item: pytest.Item) -> dict[str, str]:
    return {
        name: value
        for name, value in getattr(getattr(item, "callspec", None), "params", {}).items()
        if isinstance(value, str)
    }


def fixtures_of(item: pytest.Item) -> list[str]:
    return list(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One running site for all journeys that do not stop it; each has readers of its own."""
    running = Site(tmp_path_factory.mktemp("site"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def site_with_mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteWithMail]:
    """Another one, behind a proxy, that sends mail and has the host's pages; and its mailbox."""
    folder = tmp_path_factory.mktemp("site-with-mail")
    with run_site_with_mail(folder, TRUSTED_PROXIES="1", ADMIN_PATH="host-desk") as running:
        yield running


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A running site that a journey may stop, kill and change."""
    running = Site(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


class Launcher:
    """Chromium, started when it is first asked for, and again when it was killed."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self.playwright = playwright
        self.folder = folder
        self.browser: Browser | None = None
        self.process: watchdog.Chromium | None = None

    @property
    def is_running(self) -> bool:
        if self.browser is None or self.process is None:
            return False
        return self.browser.is_connected() and not self.process.is_killed

    def running(self) -> Browser:
        if self.browser is None or not self.is_running:
            self.browser, self.process = self.launch()
            watchdog.watched[:] = [self.process]
        return self.browser

    def launch(self) -> tuple[Browser, watchdog.Chromium]:
        path = headless_chromium()
        assert path, "These tests need Chromium: install the package `chromium`."
        port, pid = free_port(), self.folder / "pid"
        # Playwright doesn't say which process it started, and the watchdog has to know.
        script = self.folder / "chromium"
        script.write_text(f'#!/bin/sh\necho $$ >{shlex.quote(str(pid))}\nexec {path} "$@"\n')
        script.chmod(0o700)
        browser = self.playwright.chromium.launch(
            executable_path=script, args=[*FLAGS, f"--remote-debugging-port={port}"]
        )
        return browser, watchdog.Chromium(int(pid.read_text()), port)


@pytest.fixture(scope="package")
def launcher(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Launcher]:
    one = Launcher(playwright, tmp_path_factory.mktemp("chromium"))
    yield one
    if one.browser is not None and one.is_running:
        one.browser.close()


@pytest.fixture
def browser(launcher: Launcher) -> Browser:
    return launcher.running()


type NewReader = Callable[..., Page]


@pytest.fixture
def someone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[NewReader]:
    """Makes one person's browser after another: `someone(site, javascript=False)` is a page.

    Only in a journey marked `service_worker` do they have the site's, which fetches the whole
    devotional for each new browser. To a site behind a proxy each comes from an address of their
    own, so that nobody meets a limit that others have used up. Any request to another host, any
    breach of the content security policy and any error in a script fails the journey that caused
    it.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    has_worker = request.node.get_closest_marker("service_worker") is not None

    def new(
        site: Site,
        *,
        javascript: bool = True,
        dark: bool = False,
        wide: bool = False,
        zone: str = "Europe/London",
    ) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport=DESK if wide else PHONE,  # type: ignore[arg-type]  # a TypedDict by shape
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            service_workers="allow" if has_worker else "block",
            has_touch=not wide,
            extra_http_headers={"X-Forwarded-For": new_address()},
            locale="en-GB",
            timezone_id=zone,
        )
        context.set_default_timeout(10_000)
        context.add_init_script(TELL_VIOLATIONS)
        contexts.append(context)

        def watch(page: Page) -> None:
            # A journey may wait in vain for a page that is gone, and hear nothing of it.
            page.on("crash", lambda _: wrong.append("the page crashed"))
            page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
            page.on(
                "console",
                lambda said: (
                    wrong.append(f"console: {said.text}")
                    if "Content Security Policy" in said.text
                    else None
                ),
            )
            page.on(
                "request",
                lambda sent: (
                    None if sent.url.startswith(site.url) else wrong.append(f"asks {sent.url}")
                ),
            )

        context.on("page", watch)
        return context.new_page()

    yield new
    if getattr(request.node, "failed", False):
        RESULTS.mkdir(exist_ok=True)
        for number, page in enumerate(page for context in contexts for page in context.pages):
            with suppress(PlaywrightError):  # a page that crashed cannot be photographed
                page.screenshot(
                    path=RESULTS / f"{file_name(request.node)}-{number}.png",
                    full_page=True,
                    timeout=5_000,
                )
    for context in contexts:
        with suppress(PlaywrightError):  # its browser may have been killed
            context.close()
    assert wrong == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if call.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]  # for the photograph
    return report


def file_name(item: pytest.Item) -> str:
    return re.sub(r"\W+", "-", item.name).strip("-")


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> None:
    if item.get_closest_marker("browser"):
        watchdog.watch(item, settings, RESULTS, file_name(item))


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_cancel_timer(item: pytest.Item) -> None:
    watchdog.leave(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    yield from watchdog.blame(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield from watchdog.blame(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield from watchdog.blame(item)
