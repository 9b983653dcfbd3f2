"""What journeys that write have in common: opening the leaf, agreeing, and looking afterwards."""

import re
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import Locator, Page, Request, Route, expect

from harness.site import Site
from tests.browser import phrases

SECTION = "/read/the-continual-pursuit-of-breakthrough/hingy/"
OPENING = "/read/the-continual-pursuit-of-breakthrough/opening/"
WRITING = "/reflect/the-continual-pursuit-of-breakthrough/hingy/"
CHOICE = "Which choice in front of you does your next season hinge on?"
SAVED = re.compile(r"^\s*Saved (\w+ \w+, )?\d\d:\d\d\s*$")
KEPT = phrases.KEPT_HERE
NO_NETWORK = phrases.NOT_SAVED_OFFLINE
UNREACHABLE = phrases.NOT_SAVED_YET
FAILING = phrases.NOT_SAVED_FAILING
OPENING_WRITING = WRITING.replace("hingy", "opening")
BETWEEN_LOOKS = 0.03  # seconds
SEVERAL = 8  # questions at once, so that each process of a site answers one of them
NOTHING_OUTLIVES_THE_PAGE = """{
    const through = window.fetch;
    window.fetch = (url, options) =>
        options?.keepalive ? Promise.reject(new Error("cut")) : through(url, options);
}"""


def open_leaf(page: Page, section: str = SECTION) -> Any:
    """Read to the end of the section; the first box there."""
    page.goto(section)
    page.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()
    return page.locator("form.reflection textarea").first


def write_on_its_page(page: Page, path: str, text: str, *, seconds: int = 10) -> None:
    """Write into the first box of a section's own page, script or not, and see it sent."""
    page.goto(path)
    with page.expect_response(
        lambda answer: answer.request.method == "POST", timeout=seconds * 1000
    ):
        page.get_by_role("textbox").first.fill(text)
        by_script = page.locator("html[data-script]").count() > 0
        if not by_script or page.get_by_text(phrases.FORM_OF_NOBODY).count():
            page.locator("#save").click()
    page.wait_for_load_state()
    if by_script:
        expect(page.locator(".state .kept:not(.waiting)").first).to_be_visible()
        storage_settles(page)


def state(page: Page) -> Any:
    return page.locator(".state").first


def agree(page: Page, text: str = "To begin with.", section: str = SECTION) -> Any:
    """Write and agree: from here on words are saved by themselves."""
    box = open_leaf(page, section)
    box.fill(text)
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    expect(state(page)).to_have_text(SAVED)
    return box


def on_the_server(page: Page, path: str = WRITING, *, nth: int = 0) -> str:
    """What the server has of a box, read without a script and so without drafts."""
    html = page.context.request.get(path).text()
    found = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", html, re.DOTALL)
    assert found
    return str(found[nth])


def saved(page: Page, text: str, path: str = WRITING) -> None:
    """The words are on the server, and the page says so."""
    eventually(lambda: on_the_server(page, path), text)
    expect(state(page)).to_have_text(SAVED)


def wordings(page: Page) -> set[str]:
    """Everything that the history of the first box shows."""
    link = re.search(r"/history/[^/]+/", page.context.request.get(WRITING).text())
    shown = page.context.request.get(link[0]).text() if link else ""
    return set(re.findall(r"[^<>]+", shown))


def eventually(
    look: Callable[[], object],
    expected: object,
    seconds: float = 10,
    *,
    heard_by: Page | None = None,
) -> None:
    """Look again and again until it is as expected.

    What Python itself has heard of a page, its requests and routes, changes only while Playwright
    waits: say by `heard_by` that this is such a look.
    """
    end = time.monotonic() + seconds
    while (found := look()) != expected:
        assert time.monotonic() < end, found
        if heard_by is None:
            time.sleep(BETWEEN_LOOKS)
        else:
            heard_by.wait_for_timeout(BETWEEN_LOOKS * 1000)


# One step of a chain of work on the device. Each transaction queues behind what is under way.
ONE_STEP = """async () => {
    const db = await new Promise((done) => {
        const request = indexedDB.open("devotional:writing", 1);
        request.onupgradeneeded = () => {
            for (const shelf of ["drafts", "sending"]) {
                request.result.createObjectStore(shelf, { keyPath: "key" });
            }
        };
        request.onsuccess = () => done(request.result);
    });
    const step = (name) => new Promise((done) => {
        const transaction = db.transaction(name, "readwrite");
        transaction.oncomplete = done;
        transaction.objectStore(name).count();
    });
    for (let number = 0; number < 12; number += 1) {
        for (const name of db.objectStoreNames) await step(name);
        await navigator.locks?.query();
    }
    db.close();
}"""


def storage_settles(page: Page) -> None:
    """Wait until what scripts have begun on the device's storage is done.

    Transactions on a store take turns. So a chain of our own that is longer than any of theirs and
    begins after it ends after it too.
    """
    page.evaluate(ONE_STEP)


def pass_time(page: Page, seconds: int) -> None:
    """Let time pass on a page whose clock is installed, with all that is due and what it begins.

    Second by second: a timer that sets the next one is heard as often as it would be.
    """
    under_way: set[Request] = set()
    heard: dict[Any, Callable[[Request], None]] = {
        "request": lambda request: under_way.add(request),
        "requestfinished": lambda request: under_way.discard(request),
        "requestfailed": lambda request: under_way.discard(request),
    }
    for event, hear in heard.items():
        page.on(event, hear)
    for _ in range(seconds):
        page.clock.fast_forward(1000)
        storage_settles(page)
        eventually(lambda: len(under_way), 0, heard_by=page)
    storage_settles(page)
    for event, hear in heard.items():
        page.remove_listener(event, hear)


def look_for_what_waits(page: Page) -> None:
    """Have the page look anew for what waits on the device, and wait until it has."""
    with page.expect_request_finished(lambda sent: sent.url.endswith("/account/who/")):
        page.evaluate("dispatchEvent(new Event('online'))")
    storage_settles(page)


def save_beside(page: Page, text: str) -> None:
    """Write into the second box and see it saved: by then the form has sent what was due before.

    A form sends one save at a time. What waits is sent at the latest when the first of two is.
    """
    for words in (f"{text} And", text):
        page.locator("form.reflection textarea").nth(1).fill(words)
        eventually(lambda words=words: on_the_server(page, nth=1), words)  # type: ignore[misc]
        expect(page.locator(".state").nth(1)).to_have_text(SAVED)


def everywhere(site: Site, path: str) -> set[str]:
    """What stands at `path`, from several connections at once: each process answers one of them."""

    def ask(_number: int) -> str:
        with urllib.request.urlopen(f"{site.url}{path}", timeout=10) as reply:  # noqa: S310
            return str(reply.read().decode())

    with ThreadPoolExecutor(SEVERAL) as askers:
        return set(askers.map(ask, range(SEVERAL)))


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


def act_on(answer: Locator, name: str) -> None:
    """Open the three dots of one answer, and choose what is to be done."""
    answer.locator(".dots > summary").click()
    menu = answer.get_by_role("list").last
    menu.get_by_role("link", name=name).or_(menu.get_by_role("button", name=name)).click()
