"""A browser of before an upgrade: its kept pages and open tabs save to the new server (W5, W9).

Its profile and its site were made by commit b6f588b (`tests/upgrade/make_b6f588b_browser.py`).
Whatever a page that was kept by that version runs are that version's scripts.
"""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from harness import shared
from harness.first_start import add_static_files
from harness.server import running
from tests.browser import phrases
from tests.browser.actions import SAVED, eventually, on_the_server
from tests.upgrade import b6f588b as kept

pytestmark = [
    pytest.mark.only_on("sqlite", "the site of that browser was on it"),
    pytest.mark.timeout(240),  # seconds, since one waits for the other
]

WRITING = f"/reflect/{kept.ESSAY}"
LONGEST = 60  # seconds: pages that were left ask again after 2, 4, 8 … 60 s
ON_THE_DEVICE = """async () => {
    const db = await new Promise((done) => {
        const request = indexedDB.open("devotional:writing", 1);
        request.onsuccess = () => done(request.result);
    });
    const all = (name) => new Promise((done) => {
        const request = db.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => done(request.result);
    });
    const found = { drafts: await all("drafts"), sending: await all("sending") };
    db.close();
    return found;
}"""
CACHES = "() => caches.keys()"
SCRIPT = "script[type=module]"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of the site, brought to where this version's server finds it."""
    add_static_files(tmp_path / "data")
    data, _profile = kept.unpack_browser(tmp_path)
    return data


@pytest.fixture
def browser_of_then(data: Path, playwright: Playwright) -> Iterator[BrowserContext]:
    with closing(kept.open_profile(playwright, data.parent / "profile")) as context:
        yield context


@pytest.fixture(autouse=True)
def _port() -> Iterator[None]:
    """The one port at which that browser knows its site, for one test at a time."""
    with shared.locked(shared.folder() / "port-of-b6f588b"):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers have it
            try:
                probe.bind(("127.0.0.1", kept.PORT))
            except OSError:
                pytest.fail(f"The browser that was kept needs port {kept.PORT}: something has it.")
        yield


def read_to_the_end(page: Page) -> None:
    """So that the form is asked for."""
    page.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()


def open_kept(context: BrowserContext, section: str) -> Page:
    """A page that the old service worker brings, with boxes of its own: no server is there."""
    page = context.new_page()
    page.goto(section)
    expect(page.locator("html[data-kept-copy]")).to_have_count(1)
    read_to_the_end(page)
    expect(page.locator("form.reflection[data-local]")).to_be_visible()
    return page


def box(page: Page, prompt: str) -> Any:
    return page.locator(f"form.reflection textarea[data-prompt={prompt}]")


def agree_anew(page: Page) -> None:
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click(timeout=LONGEST * 1000)


def kept_there(page: Page, section: str) -> list[str]:
    """What the server has in the boxes of a section."""
    part = section.rstrip("/").rpartition("/")[2]
    return [on_the_server(page, f"{WRITING}/{part}/", nth=nth) for nth in (0, 1)]


def test_pages_of_then_save_to_the_server_of_now(
    data: Path, browser_of_then: BrowserContext
) -> None:
    hingy = open_kept(browser_of_then, kept.HINGY)
    gradual = open_kept(browser_of_then, kept.GRADUAL)
    script = hingy.locator(SCRIPT).first.get_attribute("src")
    [cache] = hingy.evaluate(CACHES)
    expect(box(hingy, "pivot")).to_have_value(kept.DRAFT)

    with running(data, kept.PORT, **kept.RUN_BY) as server:
        # What was on the device arrives once its writer has agreed to the sentence of now.
        agree_anew(hingy)
        chosen = [kept.SAVED["choice"], kept.DRAFT]
        eventually(lambda: kept_there(hingy, kept.HINGY), chosen, LONGEST, heard_by=hingy)
        # Both pages are still the old ones, and go on saving.
        expect(box(gradual, "lighter")).to_be_visible()
        for page, prompt in ((hingy, "pivot"), (gradual, "lighter")):
            expect(page.locator("form.reflection[data-local]")).to_have_count(0, timeout=LONGEST)
            box(page, prompt).fill(f"Typed into {prompt} after the upgrade.")
            # A form that came before its writer agreed on the other page asks as well.
            if page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).is_visible():
                agree_anew(page)
            expect(page.locator(f"#state-{prompt} .kept")).to_have_text(SAVED)

        # The new service worker takes over. What was kept is there in its new words, and a tab that
        # is still open with the old script saves as before.
        hingy.reload()
        expect(hingy.locator(SCRIPT).first).not_to_have_attribute("src", str(script))
        eventually(lambda: hingy.evaluate(CACHES) == [cache], False, LONGEST, heard_by=hingy)
        eventually(lambda: len(hingy.evaluate(CACHES)), 1, LONGEST, heard_by=hingy)
        box(gradual, "lighter").fill("Typed under the new service worker.")
        expect(gradual.locator("#state-lighter .kept")).to_have_text(SAVED)
        lighter = ["Typed under the new service worker.", ""]
        eventually(lambda: kept_there(gradual, kept.GRADUAL), lighter, heard_by=gradual)

        # What the old page had in vain tried to send before its writer agreed anew is sent now.
        becoming = [kept.SENT_IN_VAIN, ""]
        eventually(lambda: kept_there(hingy, kept.OPENING), becoming, LONGEST, heard_by=hingy)

        hingy.get_by_role(
            "heading", name=phrases.REFLECT.name, exact=True
        ).scroll_into_view_if_needed()
        expect(box(hingy, "pivot")).to_have_value("Typed into pivot after the upgrade.")
        expect(box(hingy, "choice")).to_have_value(kept.SAVED["choice"])
        assert hingy.evaluate(ON_THE_DEVICE) == {"drafts": [], "sending": []}
        assert server.stop() == 0
    for section in (kept.OPENING, kept.HINGY, kept.GRADUAL):
        open_kept(browser_of_then, section)


def test_what_the_device_kept_is_sent_by_the_pages_of_now(
    data: Path, browser_of_then: BrowserContext
) -> None:
    with running(data, kept.PORT, **kept.RUN_BY) as server:
        page = browser_of_then.new_page()
        page.goto(kept.HINGY)
        expect(page.locator("html[data-kept-copy]")).to_have_count(0)  # so with today's scripts
        page.get_by_role(
            "heading", name=phrases.REFLECT.name, exact=True
        ).scroll_into_view_if_needed()
        expect(box(page, "pivot")).to_have_value(kept.DRAFT)
        agree_anew(page)
        chosen = [kept.SAVED["choice"], kept.DRAFT]
        eventually(lambda: kept_there(page, kept.HINGY), chosen, LONGEST, heard_by=page)
        becoming = [kept.SENT_IN_VAIN, ""]
        eventually(lambda: kept_there(page, kept.OPENING), becoming, LONGEST, heard_by=page)
        nothing: dict[str, list[Any]] = {"drafts": [], "sending": []}
        eventually(lambda: page.evaluate(ON_THE_DEVICE), nothing, LONGEST, heard_by=page)
        assert server.stop() == 0
