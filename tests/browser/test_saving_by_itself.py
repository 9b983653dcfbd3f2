"""Type and walk away: drafts first, then saves, until the server has the words (W4, W5)."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import phrases
from tests.browser.actions import (
    CHOICE,
    KEPT,
    NO_NETWORK,
    OPENING,
    SAVED,
    WRITING,
    agree,
    eventually,
    new_page,
    on_the_server,
    open_leaf,
    operation,
    pass_time,
    posts,
    press,
    records,
    save_beside,
    saved,
    state,
    storage_settles,
)
from tests.browser.conftest import NewReader, Site


def test_type_and_walk_away(site: Site, someone: NewReader) -> None:
    """About a second after the last key it is saved, and the device keeps no draft of it."""
    page = someone(site)
    box = agree(page)
    box.press_sequentially(" And on.")
    expect(state(page)).to_have_text(phrases.SAVED_ON_DEVICE)
    saved(page, "To begin with. And on.")
    eventually(lambda: records(page), [])


def test_words_go_out_while_someone_types_on(site: Site, someone: NewReader) -> None:
    """Without a pause in typing, at least every five seconds."""
    page = someone(site)
    page.clock.install()
    box = agree(page)
    sent = posts(page)
    page.clock.pause_at(time.time() + 60)
    type_for(page, box, 4.5)
    assert sent == []
    type_for(page, box, 1)
    eventually(lambda: on_the_server(page).startswith("To begin with.word"), True)
    assert len(sent) == 1
    type_for(page, box, 3.5)
    assert len(sent) == 1
    type_for(page, box, 2)
    eventually(lambda: len(sent), 2, heard_by=page)


def type_for(page: Page, box: Any, seconds: float) -> None:
    """Type without a pause, for so long by the clock of a page whose clock stands."""
    for _ in range(int(seconds * 2)):
        box.press_sequentially("word ")
        page.clock.run_for(500)
        storage_settles(page)


def test_leaving_the_page_at_once_saves(site: Site, someone: NewReader) -> None:
    page = someone(site)
    box = agree(page)
    box.fill("Typed and gone.")
    page.goto("/")
    eventually(lambda: on_the_server(page), "Typed and gone.")
    # The answer was lost with the page: asked for again as the same save, and then nothing is left.
    open_leaf(page)
    eventually(lambda: records(page), [])
    assert page.locator("[name^=version-]").first.input_value() == "2"


@pytest.mark.service_worker
def test_leaving_does_not_wait_for_the_service_worker(site: Site, someone: NewReader) -> None:
    """However busy the worker: on the way through it, a save that outlives its page is lost."""
    page = someone(site)
    box = agree(page)
    eventually(lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"), True)
    page.context.service_workers[0].evaluate(
        """() => addEventListener("fetch", (event) => {
            const end = Date.now() + 2000;
            while (event.request.method === "POST" && Date.now() < end);
        })"""
    )
    box.fill("Typed and gone.")
    page.goto("about:blank")  # where nothing of ours is left that could send it later
    eventually(lambda: on_the_server(page), "Typed and gone.")


def test_a_draft_before_consent_survives(site: Site, someone: NewReader) -> None:
    """Nothing leaves the device before someone agrees, and the words are there after a reload."""
    page = someone(site)
    page.clock.install()
    sent = posts(page)
    box = open_leaf(page)
    box.fill("Not agreed yet.\n")
    expect(state(page)).to_have_text(KEPT)
    pass_time(page, 5)
    box = open_leaf(page)
    expect(box).to_have_value("Not agreed yet.\n")
    expect(state(page)).to_have_text(
        re.compile(r"^\s*Restored from this device, written \d\d:\d\d\s*$")
    )
    assert sent == []
    assert page.context.cookies() == []
    page.get_by_role("button", name="Agree and save").click()
    expect(state(page)).to_have_text(SAVED)
    eventually(lambda: records(page), [])


def test_a_draft_before_consent_becomes_the_new_reader_s(site: Site, someone: NewReader) -> None:
    """Typed after one section, agreed after another: both are theirs, and both arrive."""
    page = someone(site)
    open_leaf(page, OPENING).fill("First thoughts.")
    expect(state(page)).to_have_text(KEPT)
    agree(page)
    page.goto("/")
    opening = WRITING.replace("hingy", "opening")
    eventually(lambda: on_the_server(page, opening), "First thoughts.")
    eventually(lambda: records(page), [])


def test_double_submit(site: Site, someone: NewReader) -> None:
    page = someone(site)
    box = open_leaf(page)
    box.fill("Twice.")
    page.get_by_role("button", name="Agree and save").dblclick()
    expect(state(page)).to_have_text(SAVED)
    save_beside(page, "After both.")
    assert page.locator("[name^=version-]").first.input_value() == "1"
    assert len(page.context.cookies()) == 1


def test_over_the_limit(site: Site, someone: NewReader) -> None:
    """A counter from 80 KB; over 100 KB a clear message, and every word stays."""
    page = someone(site)
    box = agree(page)
    box.fill("ä" * 44_000)
    room = page.locator(".room")
    expect(room).to_have_text("About 6 thousand characters left")
    expect(state(page).locator(".kept time")).to_be_visible()
    eventually(lambda: on_the_server(page), "ä" * 44_000)
    expect(room).to_have_text("About 6 thousand characters left")  # also after the save
    box.fill("ä" * 51_000)
    expect(state(page)).to_have_text(re.compile("This is too long for one box"))
    expect(room).to_have_count(0)
    save_beside(page, "As long as it may be.")
    assert on_the_server(page) == "ä" * 44_000
    assert len(open_leaf(page).input_value()) == 51_000


def test_the_room_that_is_left_is_said_when_the_page_opens(site: Site, someone: NewReader) -> None:
    """In characters such as those that stand there, whatever they take."""
    page = someone(site)
    agree(page).fill("门" * 30_000)
    eventually(lambda: on_the_server(page), "门" * 30_000)
    expect(page.locator(".room")).to_have_text("About 3 thousand characters left")
    open_leaf(page)
    expect(page.locator(".room")).to_have_text("About 3 thousand characters left")
    page.locator("form.reflection textarea").first.fill("门" * 20_000)
    expect(page.locator(".room")).to_have_count(0)


def test_a_draft_too_long_is_not_sent_from_elsewhere(site: Site, someone: NewReader) -> None:
    page = someone(site)
    page.clock.install()
    agree(page).fill("ä" * 51_000)
    expect(state(page)).to_have_text(re.compile("This is too long for one box"))
    page = new_page(page)
    sent = posts(page)
    page.goto("/")
    pass_time(page, 5)
    assert sent == []


REFUSED = "Object.defineProperty(window, 'indexedDB', { get() { throw new Error('refused'); } });"
FULL = """IDBObjectStore.prototype.put = function () {
    throw new DOMException('no room', 'QuotaExceededError');
};"""


@pytest.mark.parametrize("storage", [REFUSED, FULL], ids=["no IndexedDB", "storage quota error"])
def test_without_storage_it_is_said_and_saved_all_the_same(
    storage: str, site: Site, someone: NewReader
) -> None:
    page = someone(site)
    page.add_init_script(storage)
    box = agree(page)
    box.fill("Nothing kept here.")
    expect(state(page)).to_have_text(SAVED)
    page.context.set_offline(True)
    box.fill("Only on this page.")
    expect(state(page)).to_have_text(re.compile("Not saved yet. Please keep this page open"))
    page.context.set_offline(False)
    saved(page, "Only on this page.")


def test_javascript_that_loads_after_typing_began(site: Site, someone: NewReader) -> None:
    """What was typed into the plain form before the script came is kept and saved like the rest."""
    page = someone(site)
    agree(page)
    waiting: list[Route] = []
    page.route("**/private*.js", lambda route: waiting.append(route))
    page.goto(WRITING, wait_until="commit")
    box = page.get_by_label(CHOICE, exact=True)
    box.fill("Typed before the script.")

    eventually(lambda: len(waiting), 1, heard_by=page)
    waiting[0].continue_()
    saved(page, "Typed before the script.")


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_a_day_off(hours: int, site: Site, browser: Browser, someone: NewReader) -> None:
    """Order is by versions: a device that thinks it is another day loses and overwrites nothing."""
    page = someone(site)
    page.clock.install(time=time.time() + hours * 3600)
    page.clock.resume()
    box = agree(page)
    page.context.set_offline(True)
    box.fill("On another day.")
    expect(state(page)).to_have_text(NO_NETWORK)
    page.context.set_offline(False)
    page.reload()
    eventually(lambda: on_the_server(page), "On another day.")


ODD = {
    "zwj": "family 👨‍👩‍👧‍👦 and 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "rtl": "שלום \u202eabc\u202c",
    "spaces": "  kept \n\n ",
    "surrogate": "broken \ud83d here",
    "nul": "nul \0 here",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts(text: str, site: Site, someone: NewReader) -> None:
    """The hash that the server answers is that of the words that were sent, so drafts go."""
    page = someone(site)
    box = agree(page)
    box.evaluate(
        "(box, text) => {"
        " box.value = text; box.dispatchEvent(new Event('input', { bubbles: true })); }",
        text,
    )
    expect(state(page)).to_have_text(SAVED)
    eventually(lambda: records(page), [])


def test_typed_and_taken_back_leaves_nothing(site: Site, someone: NewReader) -> None:
    page = someone(site)
    box = agree(page)
    box.press("End")
    box.press("x")
    box.press("Backspace")
    expect(state(page)).to_have_text("Saved.")
    eventually(lambda: records(page), [])
    box.fill("To begin with, and on.")
    expect(page.locator("#notice")).to_have_text("")
    saved(page, "To begin with, and on.")


def test_an_old_browser_saves_too(site: Site, someone: NewReader) -> None:
    """Without what iOS 15 lacks."""
    page = someone(site)
    page.add_init_script("delete AbortSignal.timeout; delete String.prototype.toWellFormed;")
    agree(page).fill("On an old phone.")
    saved(page, "On an old phone.")


def test_on_plain_http_a_reload_finds_the_draft(site: Site, someone: NewReader) -> None:
    """Without locks, and without a hash to compare."""
    page = someone(site)
    page.add_init_script(
        "Object.defineProperty(navigator, 'locks', { get() { return undefined; } });"
        "Object.defineProperty(crypto, 'subtle', { get() { return undefined; } });"
    )
    open_leaf(page).fill("Before consent.")
    expect(state(page)).to_have_text(KEPT)
    expect(open_leaf(page)).to_have_value("Before consent.")
    press(page, "Agree and save")
    saved(page, "Before consent.")


def test_without_htmx_the_form_sends_itself(site: Site, someone: NewReader) -> None:
    page = someone(site)
    page.route("**/htmx*.js", lambda route: route.abort())
    page.goto(WRITING)
    page.get_by_label(CHOICE, exact=True).fill("By the browser alone.")
    press(page, "Agree and save")
    expect(page).to_have_url(re.compile(r"/hingy/#saved$"))
    assert on_the_server(page) == "By the browser alone."


def test_what_the_version_before_kept_is_taken_up(site: Site, someone: NewReader) -> None:
    """The names of stores, keys and fields are data: a draft and a save without answer."""
    page = someone(site)
    agree(page)
    saved(page, "To begin with.")
    reader = page.locator("[name=writer]").input_value()
    prompt = page.locator("form.reflection textarea").first.get_attribute("data-prompt")
    version = int(page.locator(f"[name=version-{prompt}]").input_value())
    page.goto("/healthz")  # of this site, and without its scripts
    page.evaluate(KEEP_AS_BEFORE, [reader, prompt, version])
    sent = posts(page)
    page.goto(WRITING)
    saved(page, "Typed on since.")
    eventually(lambda: records(page), [])
    assert operation(sent[0]) == "5b0c6f5e-94a5-4b3e-9f0b-1f4f0d6a7c22"  # the same one again
    assert "Sent+and+never+answered." in (sent[0].post_data or "")


KEEP_AS_BEFORE = """async ([reader, prompt, version]) => {
    const place = {
        reader, devotional: "the-continual-pursuit-of-breakthrough", section: "hingy", reading: 1,
        tab: "3d7e6f34-0f6e-4a55-8b0e-6a0a2f9b5c11", session: "gone", at: Date.now() - 5_000,
    };
    const key = (of) => `devotional:${reader}:${place.devotional}:hingy:1:${of}:${place.tab}`;
    const text = "Typed on since.";
    const boxes = [{ prompt, text: "Sent and never answered.", version }];
    const op = "5b0c6f5e-94a5-4b3e-9f0b-1f4f0d6a7c22";
    localStorage.setItem("devotional:writer", JSON.stringify({ reader }));
    localStorage.setItem("devotional:closed-tabs", JSON.stringify([place.tab]));
    await new Promise((done) => {
        const request = indexedDB.open("devotional:writing", 1);
        request.onsuccess = () => {
            const both = request.result.transaction(["drafts", "sending"], "readwrite");
            both.objectStore("drafts").put({ ...place, key: key(prompt), prompt, text, version });
            both.objectStore("sending").put(
                { ...place, key: key(""), op, extra: {}, consent: "", boxes });
            both.oncomplete = () => { request.result.close(); done(); };
        };
    });
}"""
