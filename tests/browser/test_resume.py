"""Where this device stopped: kept on it, offered by cover and shelf, found again (R6)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import eventually, everywhere
from tests.browser.conftest import NewReader, Site

pytestmark = pytest.mark.only_on("sqlite", "pages for everyone ask no database")

ID = "the-continual-pursuit-of-breakthrough"
ESSAY = f"/read/{ID}"
LONG = "---\ntitle: On Walking\n---\n\n{}\n\n## Further\n\nA last word.\n"
PARAGRAPHS = [f"Step {number}. " + "One foot and then the other. " * 30 for number in range(12)]


def scroll_to(page: Page, words: str) -> None:
    """Put the paragraph that begins so at the top, as a hand would, and rest."""
    page.evaluate(
        """(words) => {
            const all = [...document.querySelectorAll(".prose > *")];
            all.find((each) => each.textContent.startsWith(words)).scrollIntoView();
        }""",
        words,
    )
    eventually(
        lambda: [kept for kept in places(page) if kept["words"].startswith(words)] != [], True
    )


def places(page: Page) -> list[Any]:
    kept = page.evaluate("localStorage.getItem('devotional:places')")
    return list(json.loads(kept or "{}").values())


def place(page: Page, devotional: str) -> Any:
    kept = page.evaluate("localStorage.getItem('devotional:places')")
    return json.loads(kept or "{}").get(devotional)


@pytest.fixture
def walking(tmp_path: Path) -> Iterator[Site]:
    """A site with a second, longer text."""
    running = Site(tmp_path)
    (running.content / "on-walking.md").write_text(LONG.format("\n\n".join(PARAGRAPHS)))
    running.start()
    yield running
    running.stop()


def begins(site: Site) -> set[tuple[str, ...]]:
    """How the paragraphs of the second text begin, in each process of the site."""
    return {
        tuple(re.findall(r"<p>(S.{6})", html))
        for html in everywhere(site, "/read/on-walking/opening/")
    }


def stopped_at(page: Page) -> str:
    """The paragraph that has the focus, where it stands at the top of the window."""
    found = page.evaluate(
        """() => {
            const at = document.activeElement;
            const top = at.getBoundingClientRect().top;
            return [at.className, top >= 0 && top < 60, at.textContent.trim().slice(0, 7)];
        }"""
    )
    assert found[:2] == ["stopped-here", True]
    return str(found[2])


def test_continue_leads_to_the_paragraph(walking: Site, someone: NewReader) -> None:
    """From the cover and the shelf; the address is clean afterwards, and a reload keeps still."""
    page = someone(walking)
    page.goto("/read/on-walking/opening/")
    scroll_to(page, "Step 5.")
    for start in ("/read/on-walking/", "/"):
        page.goto(start)
        page.get_by_role("link", name="Continue: On Walking").click()
        expect(page).to_have_url(f"{walking.url}/read/on-walking/opening/")
        assert stopped_at(page) == "Step 5."
    page.keyboard.press("Tab")  # on from here, not from the top
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") > 0
    assert page.evaluate("!!document.activeElement.closest('.onward, .leaf')")


def test_an_edited_text_is_continued_at_the_same_words_or_the_nearest(
    walking: Site, someone: NewReader
) -> None:
    page = someone(walking)
    page.goto("/read/on-walking/opening/")
    scroll_to(page, "Step 9.")
    file = walking.content / "on-walking.md"
    for paragraphs, found in [
        (["Something new.", *PARAGRAPHS], "Step 9."),
        (PARAGRAPHS[2:], "Step 9."),
        (PARAGRAPHS[:5], "Step 4."),
    ]:
        file.write_text(LONG.format("\n\n".join(paragraphs)))
        eventually(lambda: begins(walking), {tuple(words[:7] for words in paragraphs)})
        page.evaluate(
            "sessionStorage.kept ??= localStorage.getItem('devotional:places');"
            "localStorage.setItem('devotional:places', sessionStorage.kept)"
        )
        page.goto("/read/on-walking/opening/?" + found + "#continue")
        focused = page.evaluate("document.activeElement.textContent.trim().slice(0, 7)")
        assert focused == found


def test_a_place_is_kept_only_where_the_reader_moved(site: Site, someone: NewReader) -> None:
    """Opening the first part is no place yet; going on is; looking back is none until a step."""
    page = someone(site)
    page.goto(f"{ESSAY}/opening/")
    page.goto("/")
    assert place(page, ID) is None
    expect(page.get_by_role("link", name=phrases.BEGIN.name)).to_be_visible()
    page.goto(f"{ESSAY}/opening/")
    scroll_to(page, "However, in order")
    page.goto("/")
    page.get_by_role("link", name="Continue: The pursuit").click()
    expect(page.locator(".stopped-here")).to_be_focused()
    page.goto(f"{ESSAY}/gradual/")
    page.goto("/")
    expect(page.get_by_role("link", name=phrases.CONTINUE_GRADUAL)).to_be_visible()
    page.goto(f"{ESSAY}/opening/")
    page.goto("/")
    expect(page.get_by_role("link", name=phrases.CONTINUE_GRADUAL)).to_be_visible()
    assert page.context.cookies() == []


def test_a_finished_part_offers_the_next(site: Site, someone: NewReader) -> None:
    page = someone(site)
    page.goto(f"{ESSAY}/opening/")
    page.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()
    page.mouse.wheel(0, 600)
    eventually(lambda: (place(page, ID) or {}).get("section"), "hingy")
    page.goto("/")
    link = page.get_by_role("link", name="Continue: Hingy")
    expect(link).to_have_attribute("href", f"{site.url}{ESSAY}/hingy/")
    link.click()
    assert page.evaluate("scrollY") == 0
    page.goto(f"{ESSAY}/gradual/")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    eventually(lambda: place(page, ID)["block"] > 0, True)
    page.goto("/")
    expect(page.get_by_role("link", name=phrases.CONTINUE_GRADUAL)).to_be_visible()


def test_leaving_at_once_keeps_the_place_too(site: Site, someone: NewReader) -> None:
    """Also without a moment of rest, and the place of a kept copy is as good."""
    page = someone(site)
    page.goto(f"{ESSAY}/opening/")
    page.evaluate("document.querySelectorAll('.prose > *')[3].scrollIntoView()")
    page.goto("/")
    assert place(page, ID)["block"] == 3


def test_a_section_that_is_gone_is_not_offered(site: Site, someone: NewReader) -> None:
    page = someone(site)
    page.goto("/")
    page.evaluate(
        """localStorage.setItem("devotional:places", JSON.stringify({
            "the-continual-pursuit-of-breakthrough": { section: "gone", label: "Gone", block: 2 },
        }))"""
    )
    page.reload()
    expect(page.get_by_role("link", name=phrases.BEGIN.name)).to_be_visible()
    page.evaluate("localStorage.setItem('devotional:places', 'null')")
    page.reload()
    expect(page.get_by_role("link", name=phrases.BEGIN.name)).to_be_visible()
    page.goto(f"{ESSAY}/hingy/#continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Breakthrough is Hingy")
