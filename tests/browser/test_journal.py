"""Looking back in the journal: find a word, delete, think better of it, and let it be gone."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import phrases
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

ID = "the-continual-pursuit-of-breakthrough"
CHOICE = "Which choice in front of you does your next season hinge on?"
HINGY, OPENING = f"/reflect/{ID}/hingy/", f"/reflect/{ID}/opening/"
BROTHER = "Whether I call my bröther. " + "It takes a long breath. " * 40
MORNING = "The mornings in the kitchen."
SLOW = 30_000  # ms


def write(page: Page, path: str, text: str) -> None:
    """Write in the first box of a section's own page and wait for the answer."""
    page.goto(path)
    page.get_by_role("textbox").first.fill(text)
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=SLOW):
        page.get_by_role("button", name=re.compile("save", re.IGNORECASE)).click()
    page.wait_for_load_state()


@pytest.mark.parametrize("javascript", [True, False])
def test_what_was_written_is_found_and_let_go(
    javascript: bool, site: Site, someone: NewReader
) -> None:
    """Write in two sections, find a word, delete, undo, delete again and erase it now."""
    page = someone(site, javascript=javascript)
    page.goto("/journal/")
    expect(page.get_by_text(phrases.NOTHING_IS_HERE_YET)).to_be_visible()
    write(page, HINGY, BROTHER)
    write(page, OPENING, MORNING)

    page.goto(f"/read/{ID}/")
    page.goto("/")
    page.get_by_role("link", name="Your journal").click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_label("Find a word").fill("BROTHER")
    page.get_by_role("button", name=phrases.FIND).click()
    expect(page.locator("#count")).to_have_text("1 reflection")
    expect(page.locator("mark")).to_have_text(["bröther"])
    page.get_by_role("searchbox").fill("kitchen")
    page.get_by_role("button", name=phrases.FIND).click()
    expect(page.locator("mark")).to_have_text(["kitchen"])
    assert "kitchen" not in page.url
    page.get_by_role("link", name="In the journal").click()
    if javascript:  # Back finds again what was found; without a script the browser asks first
        page.go_back()
        expect(page.locator("mark")).to_have_text(["kitchen"])
        assert page.url.endswith("/journal/search/")
        page.goto("/journal/")
        page.goto("/journal/search/")
        expect(page.get_by_role("searchbox")).to_have_value("")

    page.goto("/journal/")
    mine = page.get_by_role("article").filter(has_text=MORNING)
    mine.get_by_role("button", name="Delete").click()
    if javascript:
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_focused()
        undo.click()
        expect(mine).to_be_focused()
    else:
        expect(page.get_by_text("Deleted. It can be put back for a day.")).to_be_visible()
        page.get_by_role("button", name="Put back").click()
    expect(mine.get_by_text(MORNING)).to_be_visible()

    page.goto("/journal/")
    mine.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted. It can be put back for a day.")).to_be_visible()
    page.goto("/journal/")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Deleted in the last day").click()
    page.get_by_text("Erase now").click()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Gone for good.")).to_be_visible()
    expect(page.get_by_text("Nothing is waiting here.")).to_be_visible()
    page.goto(OPENING)
    expect(page.get_by_role("textbox").first).to_have_value("")


def test_a_long_entry_is_folded_and_opens(site: Site, someone: NewReader) -> None:
    """Without a script: the words are folded, and one tap shows all of them."""
    page = someone(site, javascript=False)
    write(page, HINGY, BROTHER)
    page.goto("/journal/")
    words = page.locator(".own")
    folded = words.bounding_box()
    page.get_by_text("Read on").click()
    unfolded = words.bounding_box()
    assert folded
    assert unfolded
    assert unfolded["height"] > folded["height"] * 1.5
    expect(page.get_by_text("Fold", exact=True)).to_be_visible()


def test_a_deletion_without_an_answer_is_not_called_undone(site: Site, someone: NewReader) -> None:
    """The server may have done it, and its answer was lost."""
    page = someone(site, worker=False)
    write(page, HINGY, BROTHER)
    page.goto("/journal/")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/journal/**", lose)
    page.get_by_role("button", name="Delete").click()
    said = "The site didn’t answer. Please reload the page to see whether it was done."
    expect(page.get_by_text(said)).to_be_visible()
    page.unroute("**/journal/**")
    page.reload()
    expect(page.get_by_text(BROTHER)).to_have_count(0)


def test_without_a_network_it_says_so(site: Site, someone: NewReader) -> None:
    """A deletion that never arrives changes nothing, and says so."""
    page = someone(site, worker=False)
    write(page, HINGY, BROTHER)
    page.goto("/journal/")
    page.context.set_offline(True)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("You’re offline, so this can’t be done now.")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_what_was_found_and_what_was_deleted_is_open_to_everyone(
    site: Site, someone: NewReader
) -> None:
    """By the rules for access, as every page is."""
    page = someone(site)
    write(page, HINGY, BROTHER)
    page.goto("/journal/search/")
    page.get_by_role("searchbox").fill("the")
    page.get_by_role("button", name=phrases.FIND).click()
    expect(page.locator("mark").first).to_be_visible()
    accessible(page)
    page.goto("/journal/")
    page.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    accessible(page)
