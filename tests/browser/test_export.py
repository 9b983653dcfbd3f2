"""Taking everything away: what was typed, downloaded, opened and compared byte for byte (K10)."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.actions import agree
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible
from tests.journal.export_reader import Taken

TYPED = (
    "  Two spaces before, three after.   \n\n"
    "---\ntags: [not, yours]\n---\n# A heading of mine\n\n```\na fence that stays open\n\n"
    "👨‍👩‍👧‍👦 ❤️‍🔥 café cafe\u0301 \u202eright to left\u202c שלום עולם\u2028after a separator\n"
    "<!-- words: 3 bytes --> & <b>not bold</b> \\ \t %% [[link]]\n\n"
)
SECTION = "The Continual Pursuit of Breakthrough/Reading 1/2 Hingy.md"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütentürschlüssel " * 3


@pytest.mark.parametrize("javascript", [True, False])
def test_everything_is_taken_as_it_was_typed(
    site: Site, someone: NewReader, tmp_path: Path, javascript: bool
) -> None:
    """Write odd words, take everything, open it: the very same, in the Markdown and in the JSON."""
    page = someone(site)
    typed = agree(page, TYPED).input_value()
    if not javascript:
        cookies = page.context.cookies()
        page = someone(site, javascript=False)
        page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they came
    page.goto("/export/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    assert re.fullmatch(r"my-words-\d{4}-\d\d-\d\d\.zip", download.value.suggested_filename)
    taken = Taken(Path(download.value.path()).read_bytes())
    assert taken.words(SECTION)[0] == typed == TYPED
    assert taken.reflections()[0]["text"] == typed


def test_the_files_tell_the_hours_of_the_reader_s_own_clock(site: Site, someone: NewReader) -> None:
    page = someone(site, zone="Pacific/Auckland")
    agree(page, TYPED)
    page.goto("/export/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    taken = Taken(Path(download.value.path()).read_bytes())
    assert re.search(r", \d\d:\d\d NZ[DS]T\*", taken.markdown[SECTION])


def test_the_pages_say_what_there_is(site: Site, someone: NewReader) -> None:
    """With nothing yet, and with long words; what is folded is opened by its own button."""
    page = someone(site)
    page.goto("/export/")
    expect(page.get_by_text("There’s nothing to download yet.")).to_be_visible()
    agree(page, LONG)
    page.goto("/export/")
    page.get_by_text("What’s in it").click()
    expect(page.get_by_text("the earlier versions that were kept")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Open the page to print").click()
    expect(page.get_by_text(LONG.strip())).to_be_visible()
    expect(page.get_by_text("That’s everything.")).to_be_visible()
