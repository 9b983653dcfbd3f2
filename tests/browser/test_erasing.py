"""Erasing in a real browser: two pages, a calm end, and no trace on the device or the disk."""

import re
import uuid

from playwright.sync_api import Route, expect

from tests.browser import phrases
from tests.browser.actions import WRITING, agree, eventually, open_leaf, records, saved
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import assert_no_violations

WORDS = "What I would never say aloud."


def kept(site: Site) -> dict[str, list[bytes]]:
    """The ids, seals and hashes in the database, by table."""
    ids = [str(row[0]) for row in site.database.ask("SELECT id FROM devotional_reader")]
    rows = site.database.ask("SELECT id, sealed FROM devotional_reflection")
    names = [name for id_ in [*ids, *(row[0] for row in rows)] for name in spelled(id_)]
    return {"names": names, "seals": [row[1][:64] for row in rows]}


def spelled(id_: str) -> list[bytes]:
    return [uuid.UUID(id_).hex.encode(), str(uuid.UUID(id_)).encode(), uuid.UUID(id_).bytes]


def left(site: Site, marks: dict[str, list[bytes]]) -> list[bytes]:
    everything = site.database.everything()
    return [
        mark
        for kind in marks.values()
        for mark in kind
        if mark in everything or mark.hex().encode() in everything
    ]


def test_write_and_erase_everything(own_site: Site, someone: NewReader) -> None:
    """Write, erase oneself: nothing there, Back shows nothing, the disk has no trace."""
    page = someone(own_site)
    agree(page, WORDS)
    saved(page, WORDS)
    marks = kept(own_site)
    assert len(left(own_site, marks)) > len(marks["seals"]) >= 1

    page.goto("/privacy/")
    page.get_by_role("link", name="Erase", exact=True).click()
    page.wait_for_url("**/erase/")
    page.get_by_role("link", name="Erase everything and my account").click()
    expect(page.get_by_text("This deletes one answer")).to_be_visible()
    page.get_by_role("button", name="Erase everything and my account").click()
    expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    assert_no_violations(page)

    assert page.context.cookies() == []
    assert left(own_site, marks) == []
    page.go_back()
    expect(page.get_by_text("This deletes one answer")).to_have_count(0)
    expect(page.get_by_text(WORDS)).to_have_count(0)
    page.goto(WRITING)
    expect(page.locator("textarea").first).to_have_value("")
    expect(page.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    assert records(page) == []


def test_a_browser_that_wipes_early_still_comes_to_the_end(site: Site, someone: NewReader) -> None:
    """It wipes at the server's word before the answer stands: no news to the page that asked."""
    page = someone(site)
    agree(page, WORDS)
    page.goto("/erase/reader/")
    other = page.context.new_page()
    other.goto("/privacy/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text))
    page.evaluate("addEventListener('storage', () => console.log('wiped'))")

    def wipe_first(route: Route) -> None:
        answer = route.fetch()
        other.evaluate("localStorage.clear()")
        eventually(lambda: "wiped" in heard, True, heard_by=other)
        route.fulfill(response=answer)

    page.route("**/erase/reader/", wipe_first)
    page.get_by_role("button", name="Erase everything and my account").click()
    expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    assert not [url for url in asked if url.endswith("/account/who/")]


def test_erase_only_the_words_without_javascript(own_site: Site, someone: NewReader) -> None:
    """The reader stays, is not asked for consent again, and begins with empty boxes."""
    page = someone(own_site, javascript=False, wide=True, dark=True)
    page.goto(WRITING)
    page.locator("textarea").first.fill(WORDS)
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    marks = kept(own_site)
    page.goto("/erase/")
    page.get_by_role("link", name="Erase everything I wrote").click()
    page.get_by_role("link", name=phrases.CANCEL).click()
    page.get_by_role("link", name="Erase everything I wrote").click()
    page.get_by_role("button", name="Erase everything I wrote").click()
    expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    assert left(own_site, marks) == []
    page.goto(WRITING)
    expect(page.locator("textarea").first).to_have_value("")
    expect(page.get_by_role("button", name=phrases.SAVE.name, exact=True)).to_be_visible()


def test_consent_is_shown_and_withdrawn(site: Site, someone: NewReader) -> None:
    """From *Who can read this?* to the sentence, its day, and the way out."""
    page = someone(site, dark=True)
    agree(page, WORDS)
    page.get_by_text(phrases.PRIVATE_TO_YOU).click()
    page.get_by_role("link", name="More about privacy").click()
    assert_no_violations(page)
    page.get_by_role("link", name="See what you agreed to").click()
    expect(page.get_by_text(re.compile(r"You agreed on \d+ \w+ \d{4}\."))).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("link", name="Withdraw and erase").click()
    page.get_by_role("button", name="Erase everything and my account").click()
    expect(page.get_by_role("heading", name="Erased")).to_be_visible()
    page.goto("/consent/")
    expect(page.get_by_text("You haven’t agreed to anything in this browser")).to_be_visible()
    expect(open_leaf(page)).to_have_value("")
