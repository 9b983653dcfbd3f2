"""A3: what the authors' page teaches is what the site reads."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from devotional.content.frontmatter import KEYS
from devotional.content.library import Prompt
from devotional.content.sanitise import words
from tests.content.conftest import Read


@pytest.fixture
def readme() -> str:
    return (Path(settings.BASE_DIR) / "content/README.md").read_text(encoding="utf-8")


def block(readme: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_its_example_is_a_devotional(readme: str, read: Read) -> None:
    devotional = read(block(readme, "markdown"))
    assert [(section.id, section.label) for section in devotional.sections] == [
        ("opening", "Doors"),
        ("hinges", "Hinges"),
    ]
    opening, hinges = devotional.sections
    assert [prompt.id for prompt in opening.prompts] == ["before", "closed"]
    assert opening.together == ("Which doors do we hold open for one another?",)
    assert hinges.prompts == (Prompt("turn", "What does this day turn on?"),)
    assert words(hinges.html) == (
        "Everything turns on something small. "
        "A note. It stands below the section that uses it, wherever you write it."
    )


def test_its_list_of_retired_ids_can_be_read(readme: str, read: Read) -> None:
    text = f"---\ntitle: Sample\n{block(readme, 'yaml')}---\nText.\n"
    assert read(text).retired == frozenset({"hinges", "opening/closed"})


def test_it_names_every_key(readme: str) -> None:
    assert [key for key in KEYS.split(", ") if f"`{key}`" not in readme] == []
