"""Journeys in a real browser against the real server, as `make run` starts it.

A journey finds things as people do, by role and label. On a failure the page is photographed into
`test-results/`. Nothing here reaches past the page into the database.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from harness.chromium import DESK, FLAGS, PHONE, chromium
from harness.site import ROOT
from harness.site import Site as Site  # journeys name it from here
from tests.conftest import in_ci
from tests.second_try import crash

# Said on the console, where `someone` hears it: each breach as the page itself is told of it.
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (breach) =>
    console.error("Content Security Policy:", breach.effectiveDirective, breach.blockedURI));"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    # Last, also after what pytest-django has put last: while Playwright has its loop in this
    # thread, Django lets nobody at the database.
    items.sort(key=lambda item: here in item.path.parents)
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if chromium() is None and not in_ci():
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium here: install the package `chromium`")
                )


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One running site for all journeys that do not stop it; each has readers of its own."""
    running = Site(tmp_path_factory.mktemp("site"))
    running.start()
    yield running
    running.stop()


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


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = chromium()
    assert path, "These tests need Chromium: install the package `chromium`."
    running = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield running
    running.close()


type NewReader = Callable[..., Page]


@pytest.fixture
def someone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[NewReader]:
    """Makes one person's browser after another: `someone(site, javascript=False)` is a page.

    Any request to another host, any breach of the content security policy and any error in a
    script fails the journey that caused it.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def new(
        site: Site,
        *,
        javascript: bool = True,
        worker: bool = True,
        dark: bool = False,
        wide: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport=DESK if wide else PHONE,  # type: ignore[arg-type]  # a TypedDict by shape
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            service_workers="allow" if worker else "block",
            has_touch=not wide,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(10_000)
        context.add_init_script(TELL_VIOLATIONS)
        contexts.append(context)

        def watch(page: Page) -> None:
            # Also where the journey waits in vain for a page that is gone, and hears nothing of it.
            page.on("crash", lambda _: request.node.stash.setdefault(crash, "Page crashed"))
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
        folder = ROOT / "test-results"
        folder.mkdir(exist_ok=True)
        for number, page in enumerate(page for context in contexts for page in context.pages):
            name = re.sub(r"\W+", "-", request.node.name)
            with suppress(PlaywrightError):  # a page that crashed cannot be photographed
                page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if call.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]  # for the photograph
    return report
