"""Reading to the end and coming back: the path of light, the last page, and once more (R6)."""

import re

from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import OPENING, agree, open_leaf, state
from tests.browser.conftest import NewReader, Site
from tests.browser.phrases import ESSAY, GRADUAL, HINGY

END = "/end/the-continual-pursuit-of-breakthrough/"


def lit(page: Page) -> list[bool]:
    """Which dots of the cover's path are filled."""
    page.goto("/")
    parts = page.locator(".path li")
    expect(parts).to_have_count(3)
    return [
        bool(seen)
        for seen in parts.evaluate_all(
            "(parts) => parts.map((part) => part.classList.contains('was-read'))"
        )
    ]


def test_the_path_fills_as_one_reads(site: Site, someone: NewReader) -> None:
    page = someone(site)
    assert lit(page) == [False, False, False]
    page.goto(f"{ESSAY}/opening/")
    page.locator(".onward .next").click()
    page.wait_for_url(f"**{HINGY}")
    assert lit(page) == [True, False, False]
    expect(page.locator("[data-begin]")).to_have_text("Continue: Hingy")
    page.goto(GRADUAL)
    page.goto(END)
    assert lit(page) == [True, True, True]
    expect(page.locator("[data-begin]")).to_have_text("Read it again")


def test_the_last_part_leads_to_the_end(site: Site, someone: NewReader) -> None:
    """What one wrote, a day in one's own calendar, and others to read with."""
    page = someone(site)
    agree(page, "I sleep.", section=GRADUAL)
    page.get_by_role("link", name="Finish").click()
    page.wait_for_url(f"**{END}")
    expect(page.get_by_role("heading", level=1)).to_have_text("You’ve come to the end")
    expect(page.get_by_text("Come back in a while and meet who you were today.")).to_be_visible()
    with page.expect_download():
        page.get_by_role("link", name="a month").click()
    expect(page.get_by_text("Open the file to add it to your calendar.")).to_be_visible()
    page.get_by_role("link", name=re.compile("See what you wrote")).click()
    expect(page.get_by_text("I sleep.")).to_be_visible()


def test_months_later(site: Site, someone: NewReader) -> None:
    """From the cover to empty boxes, with what was written before beside the new answer."""
    page = someone(site)
    agree(page, "Someone afraid.", section=OPENING)
    page.goto(END)
    page.goto("/")
    page.get_by_role("link", name="Read it again").click()
    page.get_by_role("button", name=phrases.BEGIN_AGAIN).click()
    expect(page.get_by_text("Your boxes are empty; what you wrote before is kept.")).to_be_visible()
    box = open_leaf(page, OPENING)
    expect(box).to_have_value("")
    expect(page.get_by_text("Second time through")).to_be_visible()
    box.fill("Someone who listens.")
    expect(state(page)).to_contain_text("Saved")
    box = open_leaf(page, OPENING)
    expect(page.locator(".earlier")).to_contain_text("Someone afraid.")
    page.get_by_role("link", name="See then and now, side by side").click()
    expect(page.get_by_text("Someone afraid.")).to_be_visible()
    expect(page.get_by_text("Someone who listens.")).to_be_visible()


def test_the_cover_leads_to_a_half_written_box(site: Site, someone: NewReader) -> None:
    page = someone(site)
    open_leaf(page, OPENING).fill("Half a sen")
    expect(state(page)).to_have_text(phrases.KEPT_HERE)
    page.goto(HINGY)  # further on, and back to the cover
    page.goto("/")
    begin = page.locator("[data-begin]")
    expect(begin).to_have_text("Continue: The pursuit")
    begin.click()
    page.wait_for_url(re.compile(r"/opening/#reflect$"))
    expect(page.locator("form.reflection textarea").first).to_have_value("Half a sen")
