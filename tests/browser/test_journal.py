"""Looking back in the journal: find a word, delete, think better of it, and let it be gone."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import phrases
from tests.browser.actions import act_on, eventually, open_leaf, records, write_on_its_page
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

ID = "the-continual-pursuit-of-breakthrough"
CHOICE = "Which choice in front of you does your next season hinge on?"
HINGY, OPENING = f"/reflect/{ID}/hingy/", f"/reflect/{ID}/opening/"
BROTHER = "Whether I call my bröther. " + "It takes a long breath. " * 40
MORNING = "The mornings in the kitchen."
SLOW = 30_000  # ms


def write(page: Page, path: str, text: str) -> None:
    write_on_its_page(page, path, text, seconds=30)


def test_an_empty_journal_knows_what_waits_on_this_device(site: Site, someone: NewReader) -> None:
    """Typed without agreeing: nothing is saved, and nothing is said to be nowhere."""
    page = someone(site)
    open_leaf(page).fill(MORNING)
    eventually(lambda: len(records(page)), 1)
    for path in ("/journal/", "/readings/"):
        page.goto(path)
        expect(page.get_by_text("One answer is waiting on this device.")).to_be_visible()
        expect(page.get_by_text(phrases.NOTHING_HERE_YET)).to_be_hidden()
    page.get_by_role("link", name="Read and save it").click()
    expect(page).to_have_url(re.compile("/hingy/#reflect$"))


@pytest.mark.parametrize("javascript", [True, False])
def test_what_was_written_is_found_and_let_go(
    javascript: bool, site: Site, someone: NewReader
) -> None:
    """Write in two sections, find a word, delete, undo, delete again and erase it now."""
    page = someone(site, javascript=javascript)
    page.goto("/journal/")
    expect(page.get_by_text(phrases.NOTHING_HERE_YET)).to_be_visible()
    write(page, HINGY, BROTHER)
    write(page, OPENING, MORNING)

    page.goto(f"/read/{ID}/")
    page.goto("/")
    page.get_by_role("link", name="Journal", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_label("Search what you wrote").fill("BROTHER")
    page.get_by_label("Search what you wrote").press("Enter")
    expect(page.locator("#count")).to_have_text("1 answer")
    expect(page.locator("mark")).to_have_text(["bröther"])
    page.get_by_role("searchbox").fill("kitchen")
    page.get_by_role("button", name=phrases.SEARCH).click()
    expect(page.locator("mark")).to_have_text(["kitchen"])
    assert "kitchen" not in page.url
    page.get_by_role("link", name="Show in journal").click()
    if javascript:  # Back finds again what was found; without a script the browser asks first
        page.go_back()
        expect(page.locator("mark")).to_have_text(["kitchen"])
        assert page.url.endswith("/journal/search/")
        page.goto("/journal/")
        page.goto("/journal/search/")
        expect(page.get_by_role("searchbox")).to_have_value("")

    page.goto("/journal/")
    mine = page.get_by_role("article").filter(has_text=MORNING)
    act_on(mine, "Delete")
    if javascript:
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_focused()
        undo.click()
        expect(mine).to_be_focused()
    else:
        expect(page.get_by_text(phrases.DELETED)).to_be_visible()
        page.get_by_role("button", name=phrases.RESTORE).click()
    expect(mine.get_by_text(MORNING)).to_be_visible()

    page.goto("/journal/")
    act_on(mine, "Delete")
    expect(page.get_by_text(phrases.DELETED)).to_be_visible()
    page.goto("/journal/")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="Recently deleted").click()
    page.locator("summary").filter(has_text="Delete for good").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Deleted for good.")).to_be_visible()
    expect(page.get_by_text("Nothing deleted in the last day.")).to_be_visible()
    page.goto(OPENING)
    expect(page.get_by_role("textbox").first).to_have_value("")


def test_a_long_entry_is_folded_and_opens(site: Site, someone: NewReader) -> None:
    """Without a script: the words are folded, and one tap shows all of them."""
    page = someone(site, javascript=False)
    write(page, HINGY, BROTHER)
    page.goto("/journal/")
    words = page.locator(".own")
    folded = words.bounding_box()
    page.get_by_text("Show all").click()
    unfolded = words.bounding_box()
    assert folded
    assert unfolded
    assert unfolded["height"] > folded["height"] * 1.5
    expect(page.get_by_text("Show less", exact=True)).to_be_visible()


def test_a_deletion_without_an_answer_is_not_called_undone(site: Site, someone: NewReader) -> None:
    """The server may have done it, and its answer was lost."""
    page = someone(site)
    write(page, HINGY, BROTHER)
    page.goto("/journal/")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/journal/**", lose)
    act_on(page.get_by_role("article"), "Delete")
    said = "The site didn’t answer. Please reload the page to see whether it was done."
    expect(page.get_by_text(said)).to_be_visible()
    page.unroute("**/journal/**")
    page.reload()
    expect(page.get_by_text(BROTHER)).to_have_count(0)


def test_without_a_network_it_says_so(site: Site, someone: NewReader) -> None:
    """A deletion that never arrives changes nothing, and says so."""
    page = someone(site)
    write(page, HINGY, BROTHER)
    page.goto("/journal/")
    page.context.set_offline(True)
    act_on(page.get_by_role("article"), "Delete")
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
    page.get_by_role("button", name=phrases.SEARCH).click()
    expect(page.locator("mark").first).to_be_visible()
    accessible(page)
    page.goto("/journal/")
    accessible(page)
    page.locator(".dots > summary").first.click()
    accessible(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    accessible(page)


def test_the_three_dots_close_by_escape_and_by_a_tap_elsewhere(
    site: Site, someone: NewReader
) -> None:
    """And Escape gives the focus back; without a script they close by themselves."""
    page = someone(site)
    write(page, HINGY, BROTHER)
    write(page, OPENING, MORNING)
    page.goto("/journal/")
    dots = page.locator(".dots > summary")
    expect(dots.first).to_have_accessible_name(re.compile("Actions for “Who is the person"))
    menus = page.locator(".menu")
    dots.first.press("Enter")
    expect(menus.first).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menus.first).to_be_hidden()
    expect(dots.first).to_be_focused()
    dots.first.click()
    dots.nth(1).press("Enter")
    expect(menus.first).to_be_hidden()
    expect(menus.nth(1)).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(menus.nth(1)).to_be_hidden()


def test_each_day_is_headed_once_as_the_reader_counts_it(site: Site, someone: NewReader) -> None:
    """Written on two days for the server, on one where the reader is; and the other way round."""
    page = someone(site, zone="Pacific/Auckland")
    write(page, HINGY, BROTHER)
    write(page, OPENING, MORNING)
    times = [("2025-03-03 10:00:00", "hingy"), ("2025-03-02 12:00:00", "opening")]
    dated = "UPDATE devotional_reflection SET written_at = ? WHERE section = ?"
    site.database.change(dated, times)
    page.goto("/journal/")
    expect(page.locator(".day h2:visible")).to_have_text(["3 March 2025"])
    times = [("2025-03-03 23:30:00", "hingy"), ("2025-03-03 08:00:00", "opening")]
    site.database.change(dated, times)
    page.goto("/journal/")
    expect(page.locator(".day h2:visible")).to_have_text(["4 March 2025", "3 March 2025"])


def test_on_paper_there_are_the_words_and_nothing_to_press(site: Site, someone: NewReader) -> None:
    """By date and by part: no search, no menus, no links; long words whole, with their question."""
    page = someone(site)
    write(page, HINGY, BROTHER)
    write(page, OPENING, MORNING)
    for path in ("/journal/", "/readings/"):
        page.goto(path)
        page.emulate_media(media="print")
        pressed = page.locator("a, button, summary, input").filter(visible=True)
        expect(pressed).to_have_count(0)
        words = page.locator(".own").filter(has_text="bröther")
        assert words.evaluate("own => own.scrollHeight <= own.clientHeight + 1")
        short = page.get_by_role("article").filter(has_text=MORNING)
        assert short.evaluate("answer => getComputedStyle(answer).breakInside") == "avoid"
        question = page.locator(".question-then").first
        assert question.evaluate("asked => getComputedStyle(asked).breakAfter") == "avoid"
        page.emulate_media(media="screen")
