"""A2: `manage.py check` names file, line and reason, and changes nothing."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from devotional.content.loader import load_library
from tests.content.conftest import Write

GOOD = "---\ntitle: Doors\n---\nText.\n\n### Reflect\n\n- Which? {: #which }\n"


@pytest.fixture(autouse=True)
def checked(folder: Path, last_good: Path, settings: Settings) -> None:
    settings.CONTENT_DIR, settings.CONTENT_LAST_GOOD = folder, last_good


def messages() -> list[tuple[str | None, str]]:
    return [(message.id, message.msg) for message in run_checks(tags=["content"])]


def test_good_content_passes(write: Write) -> None:
    write(GOOD, "doors.md")
    assert messages() == []


def test_the_content_that_is_served_passes(real_content: Path) -> None:
    assert messages() == []


def test_each_problem_is_an_error(write: Write) -> None:
    write("---\nauthr: A\n---\nText.\n", "doors.md")
    write(GOOD.replace("Text.", "<blink>Text.</blink>"), "walls.md")
    assert messages() == [
        (
            "devotional.E004",
            "content/doors.md:1: the devotional has no title: add a line title: and its name",
        ),
        (
            "devotional.E005",
            "content/doors.md:2: 'authr' isn't known here: take it out, or use one of title, "
            "author, language, summary, closing, published, updated, opening, retired, order",
        ),
        (
            "devotional.E015",
            "content/walls.md:4: <blink> isn't allowed: take it out, or write &lt; if you mean "
            "the sign itself",
        ),
    ]


def test_a_vanished_id_is_told_from_the_copies(write: Write, folder: Path, last_good: Path) -> None:
    write(GOOD, "doors.md")
    load_library(folder, last_good=last_good)
    write(GOOD.replace("#which", "#what"), "doors.md")
    assert [(id_, text[:20]) for id_, text in messages()] == [
        ("devotional.E012", "content/doors.md:4: ")
    ]
    assert (last_good / "doors.md").read_text() == GOOD


def test_the_command_fails_and_says_where(write: Write) -> None:
    write(GOOD.replace("title", "titel"), "doors.md")
    with pytest.raises(SystemCheckError, match=r"content/doors\.md:2: 'titel' isn't known here"):
        call_command("check", tags=["content"])


def test_it_writes_nothing(write: Write, last_good: Path) -> None:
    write(GOOD, "doors.md")
    messages()
    assert last_good.exists() is False


def test_an_empty_folder_is_worth_a_warning() -> None:
    assert messages() == [("devotional.W001", "content/: there is no devotional to read.")]


def test_a_missing_folder_is_an_error(folder: Path) -> None:
    folder.rmdir()
    assert messages() == [
        (
            "devotional.E001",
            "content/:1: the folder of devotionals can't be read: make it, or look at its "
            "permissions",
        )
    ]
