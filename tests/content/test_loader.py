"""R9: the running site notices changes, in time and without making anyone wait."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from devotional.content import loader
from devotional.content.library import Library
from devotional.content.loader import current_library, forget_library
from harness.waiting import PATIENCE, eventually
from tests.content.conftest import Write

TEXT = "---\ntitle: Doors\n---\nText 0.\n"


@pytest.fixture(autouse=True)
def watched(folder: Path, last_good: Path, settings: Settings) -> Iterator[None]:
    settings.CONTENT_DIR, settings.CONTENT_LAST_GOOD = folder, last_good
    forget_library()
    yield
    forget_library()


def shown() -> str:
    devotional = current_library().devotional("doors")
    return devotional.sections[0].html if devotional else ""


def becomes(expected: str, look: Callable[[], object] = shown) -> bool:
    """R9 allows five seconds."""
    return eventually(lambda: look() == expected, 5)


def test_a_changed_file_shows_within_five_seconds(write: Write) -> None:
    write(TEXT, "doors.md")
    assert shown() == "<p>Text 0.</p>"
    write(TEXT.replace("0", "1"), "doors.md")
    assert becomes("<p>Text 1.</p>")


def test_the_first_visit_after_a_quiet_night_sees_the_change(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "LOOK_EVERY", 0.0)
    write(TEXT, "doors.md")
    assert shown() == "<p>Text 0.</p>"
    write(TEXT.replace("0", "1"), "doors.md")
    assert shown() == "<p>Text 1.</p>"


def test_a_broken_file_leaves_the_text_up_until_it_is_mended(write: Write) -> None:
    write(TEXT, "doors.md")
    assert shown() == "<p>Text 0.</p>"
    write(TEXT.replace("title", "titel"), "doors.md")
    assert becomes("E004", lambda: "".join(p.code for p in current_library().problems[:1]))
    assert shown() == "<p>Text 0.</p>"
    write(TEXT.replace("0", "2"), "doors.md")
    assert becomes("<p>Text 2.</p>")
    assert current_library().problems == ()


def test_a_removed_file_goes(write: Write) -> None:
    path = write(TEXT, "doors.md")
    assert shown() == "<p>Text 0.</p>"
    path.unlink()
    assert becomes("")


def test_between_looks_nothing_is_read_and_the_same_library_is_handed_out(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "LOOK_EVERY", 3600.0)
    write(TEXT, "doors.md")
    first = current_library()
    write(TEXT.replace("0", "1"), "doors.md")
    assert current_library() is first


def test_a_folder_that_is_not_there_yet(folder: Path, write: Write) -> None:
    folder.rmdir()
    assert current_library().devotionals == ()
    folder.mkdir()
    write(TEXT, "doors.md")
    assert becomes("<p>Text 0.</p>")


def test_another_folder_in_the_settings_is_another_library(
    write: Write, tmp_path: Path, settings: Settings
) -> None:
    write(TEXT, "doors.md")
    assert shown() == "<p>Text 0.</p>"
    (tmp_path / "other").mkdir()
    settings.CONTENT_DIR = tmp_path / "other"
    settings.CONTENT_LAST_GOOD = None
    assert shown() == ""


def test_a_file_that_is_taken_away_and_put_back_never_leaves_the_shelf(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some editors and deployments replace a file in two steps."""
    monkeypatch.setattr(loader, "LOOK_EVERY", 0.0)
    path = write(TEXT, "doors.md")
    assert shown() == "<p>Text 0.</p>"
    path.unlink()
    putting_back = threading.Timer(0.02, write, (TEXT.replace("0", "1"), "doors.md"))
    putting_back.start()
    seen = {shown() for _ in range(3)}
    putting_back.join(PATIENCE)
    assert seen == {"<p>Text 1.</p>"}


def test_others_go_on_while_one_reads(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "LOOK_EVERY", 0.0)
    write(TEXT, "doors.md")
    before = current_library()
    write(TEXT + "Every *word* counts.\n\n" * 20_000, "doors.md")
    seen: list[Library] = []
    one = threading.Thread(target=lambda: seen.append(current_library()))
    one.start()
    assert eventually(lambda: loader._watch is not None and loader._watch._reading.locked())
    assert current_library() is before
    assert one.is_alive()
    one.join(PATIENCE)
    assert seen == [current_library()] != [before]


def test_many_threads_start_with_one_reading(write: Write) -> None:
    write(TEXT + "Every *word* counts.\n\n" * 1000, "doors.md")
    start = threading.Barrier(16)
    seen: list[Library] = []

    def visit() -> None:
        start.wait(PATIENCE)
        seen.append(current_library())

    threads = [threading.Thread(target=visit) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [library is seen[0] for library in seen] == [True] * 16


@pytest.mark.parametrize("name", ["CONTENT_DIR", "CONTENT_LAST_GOOD"])
def test_whatever_happens_in_reading_no_page_fails(
    write: Write, settings: Settings, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """A path that no operating system takes stands for what nobody thought of."""
    write(TEXT, "doors.md")
    setattr(settings, name, "no\0path")
    assert current_library().devotionals == ()
    assert current_library().devotionals == ()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
