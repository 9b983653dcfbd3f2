"""Turning points: marked with the mouse or by tapping, true after an edit, printed on one sheet."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.actions import act_on, write_on_its_page
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

pytestmark = pytest.mark.only_on("sqlite", "what it asks the database is asked on both")

ID = "the-continual-pursuit-of-breakthrough"
WRITE = f"/reflect/{ID}/hingy/"
CHOICE = "Which choice in front of you does your next season hinge on?"
TEXT = "I waited all year. I will call my brother on Thursday. If he hangs up, I will have called."
QUOTE = "I will call my brother on Thursday."


def write(page: Page, text: str) -> None:
    write_on_its_page(page, WRITE, text)


def open_marking(page: Page) -> None:
    page.goto(f"/readings/{ID}/")
    act_on(page.get_by_role("article"), "hinge")
    expect(page.get_by_role("button", name="Mark these words")).to_be_visible()


def drag_over(page: Page, words: str) -> None:
    """Select `words` with the mouse, as on a laptop."""
    ends = page.evaluate(
        """(words) => {
            const walk = document.createTreeWalker(document.querySelector(".choosing"), 4);
            const nodes = [];
            while (walk.nextNode()) nodes.push(walk.currentNode);
            const text = nodes.map((node) => node.data).join("");
            const range = document.createRange();
            const point = (at) => {
                for (const node of nodes) {
                    if (at <= node.data.length) return [node, at];
                    at -= node.data.length;
                }
            };
            range.setStart(...point(text.indexOf(words)));
            range.setEnd(...point(text.indexOf(words) + words.length));
            const rects = [...range.getClientRects()].filter((rect) => rect.width);
            const [first, last] = [rects[0], rects.at(-1)];
            const middle = (rect) => rect.top + rect.height / 2;
            return [first.left, middle(first), last.right, middle(last)];
        }""",
        words,
    )
    page.mouse.move(ends[0], ends[1])
    page.mouse.down()
    page.mouse.move(ends[2] - 5, ends[3], steps=4)
    page.mouse.move(ends[2], ends[3], steps=4)
    page.mouse.up()


def mark(page: Page) -> None:
    page.get_by_role("button", name="Mark these words").click()
    expect(page.get_by_text("Marked. See all your hinges")).to_be_visible()


def test_any_words_are_marked_with_the_mouse(site: Site, someone: NewReader) -> None:
    """Select part of a sentence, and part of two; what was selected is what is marked."""
    page = someone(site, wide=True)
    write(page, f"Before 👩‍👩‍👧‍👦 it. {TEXT}")
    for words in ("call my brother", "brother on Thursday. If he"):
        open_marking(page)
        drag_over(page, words)
        expect(page.get_by_role("main").get_by_role("status")).to_have_text(
            f"You’ve chosen: “{words}”"
        )
        # A drag is no tap: no sentence is chosen by it.
        expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
        mark(page)
    page.get_by_role("link", name="See all your hinges").click()
    expect(page.get_by_role("blockquote")).to_have_text(
        ["call my brother", "brother on Thursday. If he"]
    )


def test_other_words_are_chosen_before_marking(site: Site, someone: NewReader) -> None:
    """Tap one sentence, then a later one, think again, and tap another."""
    page = someone(site)
    write(page, TEXT)
    open_marking(page)
    said = page.get_by_role("main").get_by_role("status")
    page.get_by_text("I waited all year.").tap()
    page.get_by_text("If he hangs up").tap()
    expect(said).to_have_text(f"You’ve chosen: “{TEXT}”")
    page.get_by_role("button", name="Start over").tap()
    expect(said).to_be_hidden()
    page.get_by_text(QUOTE).tap()
    expect(said).to_have_text(f"You’ve chosen: “{QUOTE}”")
    mark(page)
    expect(page.get_by_role("blockquote")).to_have_text(QUOTE)


def test_a_sentence_is_marked_without_a_script_and_taken_off(
    site: Site, someone: NewReader
) -> None:
    """By keyboard and without JavaScript: mark, find it on the path, take it off, mark it again."""
    page = someone(site, javascript=False)
    page.goto("/hinges/")
    expect(page.get_by_text("A hinge is a line you wrote")).to_be_visible()
    write(page, TEXT)
    open_marking(page)
    page.get_by_role("checkbox", name=QUOTE).press("Space")
    mark(page)
    page.goto("/hinges/")
    expect(page.get_by_role("blockquote")).to_have_text(QUOTE)
    act_on(page.get_by_role("main"), "Remove this hinge")
    expect(page.get_by_role("heading", name="Hinge removed")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("blockquote")).to_have_text(QUOTE)
    page.goto("/hinges/")
    expect(page.get_by_role("blockquote")).to_have_text(QUOTE)


def test_after_an_edit_the_truth_is_told(site: Site, someone: NewReader) -> None:
    """Words that moved are shown where they are; words that changed, as they were marked."""
    page = someone(site, javascript=False)
    write(page, TEXT)
    open_marking(page)
    page.get_by_text(QUOTE).click()
    mark(page)
    write(page, f"It is November. {TEXT}")
    page.goto("/hinges/")
    expect(page.get_by_text("I waited all year.", exact=True)).to_be_visible()
    expect(page.get_by_text("as you marked them")).to_have_count(0)
    write(page, "He called me first.")
    page.goto("/hinges/")
    expect(page.get_by_role("blockquote")).to_have_text(QUOTE)
    expect(
        page.get_by_text("You’ve changed these words since. Here they are as you marked them on")
    ).to_be_visible()


def test_a_dozen_hinges_print_on_one_sheet(site: Site, someone: NewReader) -> None:
    """One, six and twelve long ones, on A4 and on Letter."""
    page = someone(site, wide=True)
    sentence = "and so it turned on a thing that nobody else in that room could have seen at all, "
    write(page, "\n".join(f"Number {number}: {sentence * 4}" for number in range(12)))
    open_marking(page)
    for number in range(12):
        page.get_by_text(f"Number {number}:").click(position={"x": 30, "y": 12})
        mark(page)
        if number + 1 not in (1, 6, 12):
            continue
        address = page.url.partition("#")[0]
        page.goto("/hinges/")
        expect(page.get_by_role("blockquote")).to_have_count(number + 1)
        for paper in ("A4", "Letter"):
            sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)))
            assert sheets == 1, (number + 1, paper)
        page.goto(address)


def test_marking_can_be_used_by_everyone(site: Site, someone: NewReader) -> None:
    """Between the pages: words chosen, words marked, and a mark taken off, some of them long."""
    page = someone(site)
    write(page, f"{TEXT} {'unbroken' * 60} {'word ' * 80}")
    open_marking(page)
    page.get_by_text(QUOTE).click()
    accessible(page)
    mark(page)
    page.get_by_text("unbroken").first.click(position={"x": 5, "y": 5})
    mark(page)
    accessible(page)
    write(page, f"{TEXT} {'word ' * 80}")
    page.goto("/hinges/")
    act_on(page.locator(".turn").first, "Remove this hinge")
    expect(page.get_by_role("heading", name="Hinge removed")).to_be_visible()
    accessible(page)
