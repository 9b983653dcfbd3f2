"""Coming back: write, begin again with empty boxes, meet the first words, change one's mind."""

import re

from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import act_on, write_on_its_page
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import assert_no_violations

ID = "the-continual-pursuit-of-breakthrough"
WRITE = f"/reflect/{ID}/hingy/"
READINGS = f"/readings/{ID}/"
CHOICE = "Which choice in front of you does your next season hinge on?"
FIRST = "Whether I call my brother."
SECOND = "Something I could not have written a year ago."


def write(page: Page, text: str) -> None:
    write_on_its_page(page, WRITE, text)


def test_a_second_reading(site: Site, someone: NewReader) -> None:
    """Begin again, undo it, begin again and write; both answers stand under the question."""
    page = someone(site, javascript=False)
    page.goto("/readings/")
    expect(page.get_by_text(phrases.NOTHING_HERE_YET)).to_be_visible()
    write(page, FIRST)

    page.goto("/readings/")
    expect(page.get_by_role("heading", name="Breakthrough is Hingy")).to_be_visible()
    expect(page.get_by_text(FIRST)).to_be_visible()
    page.get_by_role("button", name=phrases.BEGIN_AGAIN).click()
    expect(page).to_have_url(re.compile(f"/read/{ID}/opening/#again$"))
    page.goto(WRITE)
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value("")

    page.goto(READINGS)
    expect(page.get_by_role("button", name=phrases.BEGIN_AGAIN)).to_have_count(0)
    page.get_by_role("button", name="Go back to the first time through").click()
    page.goto(WRITE)
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value(FIRST)

    page.goto(READINGS)
    page.get_by_role("button", name=phrases.BEGIN_AGAIN).click()
    expect(page.get_by_text("A new time through begins here.")).to_be_visible()
    write(page, SECOND)
    page.goto(READINGS)
    expect(page.get_by_text(SECOND)).to_be_visible()
    expect(page.get_by_text(FIRST)).to_be_visible()
    act_on(page.get_by_role("article").last, "Edit")
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value(FIRST)


def test_many_taps_begin_one_reading(site: Site, someone: NewReader) -> None:
    """A bad network and an impatient thumb: eight requests at once."""
    page = someone(site)
    write(page, FIRST)
    page.goto(READINGS)
    statuses = page.evaluate(
        """async () => {
            const form = document.querySelector('form[action$="/begin/"]');
            const send = () => fetch(form.action, {method: "POST", body: new FormData(form)});
            const all = await Promise.all(Array.from({length: 8}, send));
            return all.map((each) => each.status);
        }"""
    )
    assert statuses == [200] * 8
    page.goto(READINGS)
    expect(page.get_by_text("Your second time through has begun.")).to_be_visible()


def test_earlier_words_are_compared_and_put_back(site: Site, someone: NewReader) -> None:
    """Change the words, see what became of them, put them back, and put the newer back again."""
    for dark in (False, True):
        page = someone(site, javascript=dark, dark=dark, wide=dark)
        write(page, f"{FIRST} On Thursday, by phone.")
        write(page, f"{FIRST} Not yet; he called me first, and everything turned.")
        page.goto(READINGS)
        if dark:
            assert_no_violations(page)
        act_on(page.get_by_role("article"), phrases.EARLIER_VERSIONS)
        page.get_by_role("link", name="Compare with now").click()
        expect(page.locator(".compared del")).to_have_text("On Thursday, by phone.")
        if dark:
            assert_no_violations(page)
        page.get_by_role("button", name="Restore").click()
        note = page.get_by_text("Restored. The version it replaced is kept below.")
        expect(note).to_be_visible()
        now = page.get_by_role("region", name="Now")
        expect(now).to_contain_text("On Thursday, by phone.")
        page.goto(WRITE)
        expect(page.get_by_label(CHOICE, exact=True)).to_have_value(
            f"{FIRST} On Thursday, by phone."
        )


def test_a_cleared_box_is_put_back(site: Site, someone: NewReader) -> None:
    """Clearing a box is undoable, also days later."""
    page = someone(site, javascript=False)
    write(page, f"{FIRST} On Thursday, by phone.")
    write(page, "")
    page.goto(READINGS)
    act_on(page.get_by_role("article"), phrases.EARLIER_VERSIONS)
    expect(page.get_by_text("You cleared this on")).to_be_visible()
    empty = page.get_by_role("region", name="Empty now")
    empty.get_by_role("button", name=phrases.RESTORE).click()
    expect(page.get_by_text("Restored. Your words are back.")).to_be_visible()
    expect(page.get_by_role("region", name="Now")).to_contain_text("On Thursday, by phone.")
