"""Every state that a leaf can be in: axe finds nothing, and nothing sticks out (B11)."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import agree, open_leaf, saved
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

pytestmark = pytest.mark.only_on("sqlite", "the same leaf looks the same on both")

ESSAY = "the-continual-pursuit-of-breakthrough"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütentürschlüssel " * 3 + "שלום " * 40


def conflict(page: Page) -> None:
    box = agree(page, "To begin with.")
    other = page.context.new_page()
    open_leaf(other).fill(LONG)
    saved(other, LONG)
    other.close()
    box.fill("Written here meanwhile.")
    expect(page.locator(".both")).to_be_visible()


def cleared(page: Page) -> None:
    agree(page).fill("")
    expect(page.get_by_role("button", name=phrases.UNDO)).to_be_visible()


def unknown(page: Page) -> None:
    box = agree(page)
    page.context.clear_cookies()
    box.fill("Nobody knows me.")
    expect(page.get_by_text(phrases.COOKIE_IS_GONE)).to_be_visible()


def no_network(page: Page) -> None:
    page.route("**/panel/", lambda route: route.abort())
    open_leaf(page).fill("Kept on this device.")
    expect(page.get_by_text(phrases.KEPT_HERE, exact=True)).to_be_visible()


def second_reading(page: Page) -> None:
    agree(page, LONG)
    page.goto(f"/readings/{ESSAY}/")
    page.get_by_role("button", name=phrases.BEGIN_AGAIN).click()
    box = open_leaf(page)
    expect(box).to_have_value("")
    expect(page.get_by_text("What you wrote on")).to_be_visible()
    box.fill("In March.")
    saved(page, "In March.")
    open_leaf(page)
    expect(page.locator("details.earlier")).to_have_attribute("open", "")


STATES: dict[str, Callable[[Page], Any]] = {
    state.__name__: state
    for state in (
        conflict,
        cleared,
        unknown,
        no_network,
        second_reading,
    )
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_axe_and_width(state: Callable[[Page], Any], site: Site, someone: NewReader) -> None:
    """One walk into each state, then looked at in light and dark and three widths."""
    page = someone(site)
    state(page)
    accessible(page)


def test_two_texts_without_javascript(site: Site, someone: NewReader) -> None:
    """The choice of three is three plain buttons."""
    page = someone(site, javascript=False)
    writing = f"/reflect/{ESSAY}/hingy/"
    page.goto(writing)
    page.locator("textarea").first.fill("First.")
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    stale = page.context.new_page()
    stale.goto(writing)
    page.goto(writing)
    page.locator("textarea").first.fill("From one page.")
    page.get_by_role("button", name=phrases.SAVE.name, exact=True).click()
    stale.locator("textarea").first.fill("From the other.")
    stale.get_by_role("button", name=phrases.SAVE.name, exact=True).click()
    expect(stale.locator(".both .words")).to_have_text("From one page.")
    expect(stale.locator("textarea").first).to_have_value("From the other.")
    stale.get_by_role("button", name=phrases.KEEP_BOTH).click()
    stale.goto(writing)
    expect(stale.locator("textarea").first).to_have_value("From one page.\n\nFrom the other.")
    stale.locator("textarea").first.fill("")
    stale.get_by_role("button", name=phrases.SAVE.name, exact=True).click()
    stale.goto(writing)
    stale.get_by_role("button", name=phrases.UNDO).click()
    stale.goto(writing)
    expect(stale.locator("textarea").first).to_have_value("From one page.\n\nFrom the other.")
