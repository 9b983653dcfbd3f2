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
            assert not [words for words in (*ours, "Turn over") if words in front]
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


def test_the_whole_text_is_printed_on_as_few_pages_as_it_needs(
    site: Site, someone: NewReader
) -> None:
    """From the cover's link: parts one after another, pages numbered, nothing of the screen."""
    page = someone(site)
    page.goto(f"/read/{ESSAY}/")
    page.get_by_role("link", name="Print").click()
    page.wait_for_url(f"**/print/{ESSAY}/")
    for paper in PAPER:
        pages = printed(page, paper)
        assert [page.split(" ", 1)[0] for page in pages] == ["1", "2", "3"]
        everything = " ".join(pages)
        places = [everything.index(title) for title in shown(page, "h1, .chapter > h2")]
        assert places == sorted(places)
        asked = shown(page, ".asked")
        assert asked[0] in pages[0]  # the first question follows the text
        for words in asked:
            assert everything.count(words) == 1
        assert re.findall("Privacy|handout|Back to", everything) == []


def section_on_paper(page: Page, paper: Any, written: list[str]) -> list[str]:
    """The pages of the section that is open, which hold the text, what was written and no more."""
    pages = [sheet.split(" ", 1)[1] for sheet in printed(page, paper)]  # without their numbers
    head = shown(page, ".opening > *")
    text, (first, second) = shown(page, ".prose > p"), shown(page, ".leaf .asked")
    words = [*head, *text, "Reflect", first, written[0], second, written[1]]
    assert " ".join(pages) == " ".join(filter(None, words))
    return pages


def test_a_section_prints_with_what_was_written_and_nothing_of_the_site(
    site: Site, someone: NewReader
) -> None:
    """By *Print* and by the browser's own menu; once more after there are two times through."""
    page = someone(site)
    page.add_init_script("window.print = () => { window.printed = true; };")
    agree(page, "Whether I finally have the conversation with my brother.")
    expect(page.get_by_text(phrases.PRIVATE_TO_YOU)).to_be_visible()
    for paper in PAPER:
        written = ["Whether I finally have the conversation with my brother.", ""]
        assert len(section_on_paper(page, paper, written)) == 1
    page.get_by_role("link", name="Print").click()
    assert page.evaluate("window.printed")
    assert page.url.endswith("/hingy/")
    assert page.locator(".printed").count() == 0  # the copies for the paper are gone


def test_a_long_answer_begins_below_its_question_and_is_parted_between_lines(
    site: Site, someone: NewReader
) -> None:
    page = someone(site)
    lines = [f"Line {n} of what I wrote." for n in range(1, 33)]
    agree(page, "\n".join(lines))
    for paper in PAPER:
        first, second = section_on_paper(page, paper, [" ".join(lines), ""])
        question = shown(page, ".leaf .asked")[0]
        assert f"Reflect {question} {lines[0]} {lines[1]} {lines[2]}" in first
        assert lines[-1] in second


def test_what_nobody_has_opened_yet_prints_with_lines_to_write_on(
    site: Site, someone: NewReader
) -> None:
    """From the top of the section, before the boxes were fetched; and without a script."""
    for javascript in (True, False):
        page = someone(site, javascript=javascript)
        page.goto(f"/read/{ESSAY}/hingy/")
        assert len(section_on_paper(page, "A4", ["", ""])) == 1


def test_without_a_script_print_leads_to_a_page_of_that_section(
    site: Site, someone: NewReader
) -> None:
    page = someone(site, javascript=False)
    page.goto(f"/read/{ESSAY}/hingy/")
    page.get_by_role("link", name="Print").click()
    page.wait_for_url(f"**/print/{ESSAY}/hingy/")
    text, questions = shown(page, ".prose > p"), shown(page, ".asked")
    assert len(questions) == 2
    for paper in PAPER:
        (only,) = printed(page, paper)
        for words in [*shown(page, "h1"), *text, *questions]:
            assert words in only
        assert re.findall("Privacy|handout|Back to|Gradual", only) == []
