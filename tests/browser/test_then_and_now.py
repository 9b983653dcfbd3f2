"""November beside March: the same question, answered in two readings."""

import pytest
from playwright.sync_api import Page, expect

from harness.chromium import DESK, PHONE
from tests.browser import phrases
from tests.browser.actions import write_on_its_page
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

pytestmark = pytest.mark.only_on("sqlite", "what it asks the database is asked on both")

ID = "the-continual-pursuit-of-breakthrough"
WRITE = f"/reflect/{ID}/hingy/"
READINGS = f"/readings/{ID}/"
PAGE = f"/hinges/then-and-now/{ID}/hingy/choice/"
CHOICE = "Which choice in front of you does your next season hinge on?"
MARCH = "Whether I call my brother."
NOVEMBER = "He called me first, and everything turned."


def write(page: Page, text: str) -> None:
    write_on_its_page(page, WRITE, text)


def let_months_pass(site: Site) -> None:
    """Date what was written: the first in March, the second in November."""
    days = ((1, "2025-03-03 09:00:00"), (2, "2025-11-24 09:00:00"))
    site.database.change(
        "UPDATE devotional_reflection SET written_at = ?, begun_at = ? WHERE reading_id IN "
        "(SELECT id FROM devotional_reading WHERE number = ?)",
        [(day, day, number) for number, day in days],
    )


def test_november_stands_beside_march(site: Site, someone: NewReader) -> None:
    """Alone at first; then a second reading, and both side by side, or one under the other."""
    page = someone(site, javascript=False)
    write(page, MARCH)
    page.goto(READINGS)
    expect(page.get_by_role("link", name=phrases.THEN_AND_NOW)).to_have_count(0)
    page.goto(PAGE)
    expect(page.get_by_text("Nothing to put beside it yet.")).to_be_visible()
    page.get_by_role("button", name=phrases.BEGIN_AGAIN).click()
    write(page, NOVEMBER)
    let_months_pass(site)
    page.goto(READINGS)
    page.get_by_role("link", name=phrases.THEN_AND_NOW).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CHOICE)
    then = page.get_by_role("region", name="3 March 2025 First time through")
    now = page.get_by_role("region", name="24 November 2025 Second time through")
    expect(then).to_contain_text(MARCH)
    expect(now).to_contain_text(NOVEMBER)
    for size, beside in ((PHONE, False), (DESK, True)):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict by shape
        first, second = then.bounding_box(), now.bounding_box()
        assert first
        assert second
        assert (first["y"] == second["y"]) is beside
        assert (first["x"] + first["width"] <= second["x"]) is beside
        assert second["y"] >= first["y"] + (0 if beside else first["height"])


def test_one_answer_alone_can_be_used_by_everyone(site: Site, someone: NewReader) -> None:
    """As two beside each other can."""
    page = someone(site)
    write(page, MARCH)
    page.goto(PAGE)
    accessible(page)
