"""The essay that is served: its author's words, each of them, in their order."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from devotional.content.library import Devotional
from devotional.content.loader import read_devotional
from devotional.content.sanitise import words

REFERENCE = Path(__file__).with_name("essay.txt")


@pytest.fixture
def essay() -> Devotional:
    folder = Path(settings.BASE_DIR) / "content"
    return read_devotional(folder / "the-continual-pursuit-of-breakthrough.md")


def alike(text: str) -> list[str]:
    """Words, with the typography taken out of them."""
    for signs, plain in (("‘’", "'"), ("“”", '"'), ("–—", "-")):
        text = re.sub(f"[{signs}]", plain, text)
    return text.replace("…", "...").split()


def test_every_word_is_the_authors(essay: Devotional) -> None:
    shown = " ".join(f"{section.title} {words(section.html)}" for section in essay.sections)
    assert alike(shown) == alike(REFERENCE.read_text(encoding="utf-8"))


def test_no_author_is_made_up(essay: Devotional) -> None:
    assert (essay.author, essay.published, essay.updated) == ("", None, None)


def test_its_sections_and_questions_keep_their_ids(essay: Devotional) -> None:
    """Answers belong to these ids: a change here is a change in every reader's journal."""
    assert [
        (section.id, section.title, section.label, [prompt.id for prompt in section.prompts])
        for section in essay.sections
    ] == [
        (
            "opening",
            "The Continual Pursuit of Breakthrough",
            "The pursuit",
            ["becoming", "healing"],
        ),
        ("hingy", "Breakthrough is Hingy", "Hingy", ["choice", "pivot"]),
        ("gradual", "Breakthrough is Gradual", "Gradual", ["lighter", "cultivate"]),
    ]


def test_each_section_has_two_questions_for_a_group(essay: Devotional) -> None:
    assert [len(section.together) for section in essay.sections] == [2, 2, 2]


def test_quotes_turn_the_right_way(essay: Devotional) -> None:
    shown = "".join(section.html for section in essay.sections)
    # The source gives the two-paragraph quotation one opening mark and one closing mark.
    assert re.findall(r"[“”]\w*", words(shown)) == [
        *("“sudden", "”", "“life", "”"),
        *("“Breakthrough", "”"),
    ]
    assert re.findall(r"[\"'‘]|--|\.\.\.", words(shown)) == []
