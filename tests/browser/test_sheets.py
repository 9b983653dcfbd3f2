"""What comes out of the printer, on both sizes of paper (R7, T8)."""

import io
import re
import unicodedata
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import phrases
from tests.browser.actions import agree
from tests.browser.conftest import NewReader, Site

pytestmark = pytest.mark.only_on("sqlite", "the same pages are printed on both")

ESSAY = "the-continual-pursuit-of-breakthrough"
SECTIONS = ("opening", "hingy", "gradual")
PAPER = ("A4", "Letter")
LIGATURES = re.compile("[\ufb00-\ufb06]")


def printed(page: Page, paper: Any) -> list[str]:
    """The words of each page, their spaces evened out and their ligatures taken apart."""
    pdf = PdfReader(io.BytesIO(page.pdf(format=paper)))
    texts = [sheet.extract_text() for sheet in pdf.pages]
    return [" ".join(LIGATURES.sub(spelled_out, text).split()) for text in texts]


def spelled_out(ligature: re.Match[str]) -> str:
    """`ﬀ` as two letters: in an invitation they stand by chance."""
    return unicodedata.normalize("NFKC", ligature[0])


def shown(page: Page, where: str) -> list[str]:
    return [" ".join(words.split()) for words in page.locator(where).all_inner_texts()]


def scanned(page: Page) -> str:
    """What a camera reads off the screen."""
    code = page.get_by_role("img", name="QR code").screenshot()
    read = zxingcpp.read_barcode(Image.open(io.BytesIO(code)))
    assert read is not None
    return str(read.text)


def test_a_handout_is_one_sheet_with_a_code_that_leads_back(site: Site, someone: NewReader) -> None:
    """Text and private questions in front, the group's on the back, for each part and paper."""
    page = someone(site)
    page.add_init_script("window.print = () => { window.printed = true; };")
    for section in SECTIONS:
        page.goto(f"/handout/{ESSAY}/{section}/")
        address = f"{site.url}/read/{ESSAY}/{section}/"
        mine, ours = shown(page, ".front .asked"), shown(page, ".front ~ .side .asked")
        assert (len(mine), len(ours)) == (2, 2)
        for paper in PAPER:
            front, back = printed(page, paper)
            for words in [*shown(page, ".front .prose > p"), *mine]:
                assert words in front, (section, paper)
            for words in [*ours, address]:
                assert words in back, (section, paper)
            assert not [words for words in (*ours, "Turn the sheet") if words in front]
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(color_scheme="dark")
    assert scanned(page) == address


def test_the_leaders_handout_brings_people_to_the_group(site: Site, someone: NewReader) -> None:
    """The same sheet, private style sheets and all, with the invitation and without a name."""
    page = someone(site)
    page.goto(f"/groups/new/?of={ESSAY}")
    page.get_by_label(phrases.GROUP_NAME.name).fill("Magnolia Circle")
    page.get_by_label(phrases.FIRST_NAME.name).fill("Lavinia")
    page.get_by_role("button", name=phrases.MAKE_THE_GROUP.name).click()
    page.get_by_role("link", name=phrases.GROUPS).click()
    page.get_by_role("main").get_by_role("link", name="Magnolia Circle").click()
    page.get_by_role("link", name="Handout").click()
    invitation = scanned(page)
    assert invitation.startswith(f"{site.url}/j/")
    for paper in PAPER:
        front, back = printed(page, paper)
        assert "Do you ever envision the person you’re becoming?" in front
        assert invitation in back
        assert re.findall("Magnolia|Lavinia|Journal|Privacy", front + back) == []


def test_the_guide_is_one_page(site: Site, someone: NewReader) -> None:
    page = someone(site)
    for section in SECTIONS:
        page.goto(f"/guide/{ESSAY}/{section}/")
        for paper in PAPER:
            (only,) = printed(page, paper)
            for words in [*shown(page, ".asked-together li"), *shown(page, "h2")]:
                assert words in only, (section, paper)
            assert "Handout" not in only


def test_the_whole_text_is_printed_part_by_part(site: Site, someone: NewReader) -> None:
    """From the cover's link: each part begins a page, pages are numbered, nothing of the screen."""
    page = someone(site)
    page.goto(f"/read/{ESSAY}/")
    page.get_by_role("link", name="Print").click()
    page.wait_for_url(f"**/print/{ESSAY}/")
    for paper in PAPER:
        pages = printed(page, paper)
        assert [page.split(" ", 1)[0] for page in pages] == [str(n + 1) for n in range(len(pages))]
        starts = [sheet.split(" ", 1)[1] for sheet in pages]
        for title in shown(page, "h1, .chapter > h2"):
            assert len([start for start in starts if start.startswith(title)]) == 1, title
        everything = " ".join(pages)
        for words in shown(page, ".asked"):
            assert everything.count(words) == 1
        assert re.findall("Privacy|handout|Cover", everything) == []


def test_a_section_prints_with_what_was_written_on_its_lines(
    site: Site, someone: NewReader
) -> None:
    page = someone(site)
    agree(page, "Whether I finally have the conversation with my brother.")
    expect(page.get_by_text(phrases.PRIVATE_TO_YOU)).to_be_visible()
    for paper in PAPER:
        pages = printed(page, paper)
        everything = " ".join(pages)
        assert "Whether I finally have the conversation with my brother." in everything
        assert "You must be hingy when breakthrough happens" in pages[0]
        for chrome in (phrases.PRIVATE_TO_YOU, "Saved", "Go on", "Part 3", "Leader", "on paper"):
            assert chrome not in everything, chrome
