"""What journeys that write have in common: opening the leaf, agreeing, and looking afterwards."""

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Request, Route, expect

SECTION = "/read/the-continual-pursuit-of-breakthrough/hingy/"
OPENING = "/read/the-continual-pursuit-of-breakthrough/opening/"
WRITING = "/reflect/the-continual-pursuit-of-breakthrough/hingy/"
CHOICE = "Which choice in front of you does your next season hinge on?"
SAVED = re.compile(r"^\s*Saved (\w+ \w+, )?\d\d:\d\d\s*$")
KEPT = "Kept on this device"
NO_NETWORK = "Not saved yet: no network, kept here"
OPENING_WRITING = WRITING.replace("hingy", "opening")
NOTHING_OUTLIVES_THE_PAGE = """{
    const through = window.fetch;
    window.fetch = (url, options) =>
        options?.keepalive ? Promise.reject(new Error("cut")) : through(url, options);
}"""


def open_leaf(page: Page, section: str = SECTION) -> Any:
    """Read to the end of the section; the first box there."""
    page.goto(section)
    page.get_by_role("heading", name="Reflect", exact=True).scroll_into_view_if_needed()
    return page.locator("form.reflection textarea").first


def state(page: Page) -> Any:
    return page.locator(".state").first


def agree(page: Page, text: str = "To begin with.", section: str = SECTION) -> Any:
    """Write and agree: from here on words are saved by themselves."""
    box = open_leaf(page, section)
    box.fill(text)
    page.get_by_role("button", name="Agree and save").click()
    expect(state(page)).to_have_text(SAVED)
    return box


def on_the_server(page: Page, path: str = WRITING) -> str:
    """What the server has, read without a script and so without drafts."""
    html = page.context.request.get(path).text()
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", html, re.DOTALL)
    assert found
    return found[1]


def saved(page: Page, text: str, path: str = WRITING) -> None:
    """The words are on the server, and the page says so."""
    eventually(lambda: on_the_server(page, path), text)
    expect(state(page)).to_have_text(SAVED)


def wordings(page: Page) -> set[str]:
    """Everything that the history of the first box shows."""
    link = re.search(r"/history/[^/]+/", page.context.request.get(WRITING).text())
    shown = page.context.request.get(link[0]).text() if link else ""
    return set(re.findall(r"[^<>]+", shown))


def eventually(look: Callable[[], object], expected: object, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while (found := look()) != expected:
        assert time.monotonic() < end, found
        time.sleep(0.1)


def records(page: Page) -> list[dict[str, Any]]:
    """Everything that this device keeps of the writing."""
    kept: list[dict[str, Any]] = page.evaluate(
        """async () => {
            const db = await new Promise((done) => {
                const request = indexedDB.open("devotional:writing");
                request.onsuccess = () => done(request.result);
            });
            const all = [];
            for (const name of db.objectStoreNames) {
                all.push(...await new Promise((done) => {
                    const request = db.transaction(name).objectStore(name).getAll();
                    request.onsuccess = () => done(request.result);
                }));
            }
            db.close();
            return all;
        }"""
    )
    return kept


def posts(page: Page) -> list[Request]:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    return sent


def operation(request: Request) -> str:
    found = re.search(r"(?:^|&)op=([^&]+)", request.post_data or "")
    return found[1] if found else ""


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def first_box(page: Page) -> str:
    return page.locator("form.reflection textarea").first.input_value()


def lose_answers(page: Page) -> None:
    """What is sent arrives and is carried out; its answer never comes."""

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.fallback()

    page.route("**/reflect/**", lose)


def new_page(page: Page) -> Page:
    """The same browser, later: the page was closed and another one is opened."""
    context = page.context
    page.close()
    return context.new_page()
