"""Sheets, guide and meeting mode: made from the text alone, with no word of it changed (R7, T8)."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from devotional.content.loader import current_library
from devotional.lib.qr import qr_svg
from devotional.library.sheet_views import ANY_TEXT, handout_of
from tests.library.test_public_pages import plain, words

ESSAY = Path(__file__).parent.parent / "content" / "essay.txt"
ESSAY_ID = "the-continual-pursuit-of-breakthrough"
KINDS = ("handout", "guide", "meeting")


def page(path: str) -> str:
    reply = Client().get(path)
    assert reply.status_code == 200, path
    return str(reply.content.decode())


def asked(html: str) -> list[str]:
    """The questions with room to write below them."""
    return [unescape(each) for each in re.findall(r'<p class="asked">(.*?)</p>', html)]


def test_the_page_to_print_holds_the_essay_and_not_a_word_more(real_content: Path) -> None:
    html = page(f"/print/{ESSAY_ID}/")
    read: list[str] = []
    parts = r'<h1>(.*?)</h1>|<h2>(.*?)</h2>|<div class="prose">(.*?)</div>'
    for found in re.findall(parts, html, re.S):
        read += [] if "Reflect" in found else words("".join(found))
    assert plain(read) == plain(ESSAY.read_text().split())


def test_the_page_to_print_asks_what_the_sections_ask(content: Path) -> None:
    html = page("/print/on-doors/")
    assert asked(html) == [
        "Which door is before you?",
        "Which one closed?",
        "What does this day turn on?",
    ]
    assert html.count('class="lines"') == 3


def test_each_part_can_be_found_on_the_page_to_print(content: Path) -> None:
    """By its own address in what was bookmarked before parts had pages of their own."""
    html = page("/print/on-doors/")
    for section in ("opening", "hinges", "thresholds"):
        assert f'id="part-{section}"' in html


def test_a_part_leads_to_a_page_to_print_that_holds_it_alone(content: Path) -> None:
    for section, questions in (
        ("opening", ["Which door is before you?", "Which one closed?"]),
        ("hinges", ["What does this day turn on?"]),
        ("thresholds", []),
    ):
        (link,) = re.findall(r'href="(/print/[^"]+)"', page(f"/read/on-doors/{section}/"))
        assert link == f"/print/on-doors/{section}/"
        html = page(link)
        assert asked(html) == questions
        assert re.findall(r'id="part-(\w+)"', html) == [section]
    assert Client().get("/print/on-doors/nothing/").status_code == 404
    assert Client().get("/print/nothing/opening/").status_code == 404


def test_a_handout_has_the_private_questions_in_front_and_those_for_all_on_the_back(
    content: Path, settings: Settings
) -> None:
    settings.SITE_URL = "https://chapel.example"
    front, back = page("/handout/on-doors/opening/").split('class="fold"')
    assert "A door is a wall that changed its mind." in front
    assert asked(front) == ["Which door is before you?", "Which one closed?"]
    assert asked(back) == ["Which doors do we hold open for others?"]
    link = "https://chapel.example/read/on-doors/opening/"
    assert re.findall(r'<p class="address"[^>]*>(.*?)</p>', back) == [link]
    assert qr_svg(link, title="QR code for the address beside it") in back


def test_a_handout_leads_where_its_maker_says(content: Path) -> None:
    """The same sheet, with a group's invitation for an address."""
    devotional = current_library().devotionals[0]
    sheet = handout_of(devotional, devotional.sections[0], link="https://chapel.example/j/abc")
    assert sheet["link"] == "https://chapel.example/j/abc"
    assert sheet["code"] == qr_svg(
        "https://chapel.example/j/abc", title="QR code for the address beside it"
    )


def test_the_guide_orders_an_evening_whose_minutes_add_up(content: Path) -> None:
    html = page("/guide/on-doors/opening/")
    steps = re.findall(r'<b>([^<]+)</b> <span class="long">(\d+) min</span>', html)
    assert [step for step, _ in steps] == ["Welcome", "Read aloud", "Silence", "Together", "Close"]
    assert f"about {sum(int(minutes) for _, minutes in steps)} minutes" in html
    assert "<li>Which doors do we hold open for others?</li>" in html


def test_a_long_text_is_given_the_time_that_it_takes_aloud(content: Path) -> None:
    file = content / "on-doors.md"
    file.write_text(file.read_text().replace("changed its mind.", "changed its mind. " * 1000))
    devotional = current_library().devotionals[0]
    (minutes,) = re.findall(
        r'Read aloud</b> <span class="long">(\d+) min', page("/guide/on-doors/opening/")
    )
    assert int(minutes) > devotional.sections[0].minutes > 10


def test_a_meeting_asks_one_question_after_another_without_a_script_too(
    real_content: Path,
) -> None:
    html = page(f"/meeting/{ESSAY_ID}/gradual/")
    section = current_library().devotionals[0].sections[2]
    shown = re.findall(r'<h2 id="asked-\d" tabindex="-1">(.*?)</h2>', html)
    assert [unescape(each) for each in shown] == list(section.together)
    assert re.findall(r'rel="(\w+)" href="(#[^"]+)"', html) == [
        ("next", "#question-2"),
        ("prev", "#question-1"),
    ]
    assert re.findall(r'class="slide" id="([^"]+)"', html) == ["question-1", "question-2"]


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_is_asked_a_question_that_fits_any_text_is(kind: str, content: Path) -> None:
    assert str(ANY_TEXT) in unescape(page(f"/{kind}/on-doors/thresholds/"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["on-doors/nothing", "nothing/opening"])
def test_what_there_is_no_text_for_there_is_no_sheet_for(
    kind: str, path: str, content: Path
) -> None:
    assert Client().get(f"/{kind}/{path}/").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_none_of_them_has_a_box_to_write_in_or_anything_inline(kind: str, content: Path) -> None:
    """A sheet or a screen that everyone looks at never shows one reader's words."""
    html = page(f"/{kind}/on-doors/opening/")
    assert re.findall(r"<textarea|<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|hx-", html) == []
