"""R9: a folder of files, some of them broken, and what stays on the shelf."""

import logging
import os
from pathlib import Path

import pytest

from devotional.content.library import Library
from devotional.content.loader import load_library
from devotional.content.shelf import Shelf
from tests.content.conftest import Write

GOOD = "---\ntitle: Doors\n---\nThe old text.\n\n### Reflect\n\n- Which? {: #which }\n"
NEW = GOOD.replace("old", "new")
BROKEN = "---\ntitel: Doors\n---\nThe broken text.\n"


@pytest.fixture
def load(folder: Path, last_good: Path) -> "Load":
    return Load(folder, last_good)


class Load:
    """Loads as a site would that was started anew: nothing in memory but what is handed over."""

    def __init__(self, folder: Path, last_good: Path) -> None:
        self.folder, self.last_good = folder, last_good

    def __call__(self, previous: Library | None = None) -> Library:
        return load_library(self.folder, last_good=self.last_good, previous=previous)


def texts(library: Library) -> dict[str, str]:
    return {devotional.id: devotional.sections[0].html for devotional in library.devotionals}


def told(library: Library) -> list[tuple[str, int, str]]:
    return [(problem.path.name, problem.line, problem.code) for problem in library.problems]


OLD_TEXT = {"doors": "<p>The old text.</p>"}
NEW_TEXT = {"doors": "<p>The new text.</p>"}


def test_a_changed_file_is_shown(write: Write, load: Load) -> None:
    write(GOOD, "doors.md")
    before = load()
    write(NEW, "doors.md")
    after = load(before)
    assert (texts(before), texts(after)) == (OLD_TEXT, NEW_TEXT)
    assert before.version != after.version


def test_a_broken_file_keeps_the_text_in_memory(write: Write, folder: Path) -> None:
    write(GOOD, "doors.md")
    before = load_library(folder, last_good=None)
    write(BROKEN, "doors.md")
    after = load_library(folder, last_good=None, previous=before)
    assert texts(after) == OLD_TEXT
    assert told(after) == [("doors.md", 1, "E004"), ("doors.md", 2, "E005")]
    assert after.version == before.version


def test_a_broken_file_keeps_its_text_across_a_restart(write: Write, load: Load) -> None:
    write(GOOD, "doors.md")
    load()
    write(BROKEN, "doors.md")
    assert texts(load()) == OLD_TEXT
    assert texts(load()) == OLD_TEXT


def test_a_new_broken_file_takes_nothing_else_down(write: Write, load: Load) -> None:
    write(GOOD, "doors.md")
    write(BROKEN, "walls.md")
    library = load()
    assert texts(library) == OLD_TEXT
    assert told(library) == [("walls.md", 1, "E004"), ("walls.md", 2, "E005")]


@pytest.mark.parametrize("broken", [b"\xff\xfe", b"", b"---\n", b"---\ntitle: [\n---\nText\n"])
def test_any_bytes_keep_the_old_text(write: Write, load: Load, broken: bytes) -> None:
    write(GOOD, "doors.md")
    before = load()
    write(broken, "doors.md")
    after = load(before)
    assert texts(after) == OLD_TEXT
    assert after.problems != ()


def test_a_folder_or_a_broken_link_in_a_files_place(write: Write, load: Load, folder: Path) -> None:
    path = write(GOOD, "doors.md")
    load()
    path.unlink()
    path.mkdir()
    (folder / "walls.md").symlink_to(folder / "nowhere")
    library = load()
    assert texts(library) == OLD_TEXT
    assert told(library) == [("doors.md", 1, "E001"), ("walls.md", 1, "E001")]


def test_a_removed_file_takes_its_text_and_copy_with_it(
    write: Write, load: Load, last_good: Path
) -> None:
    path = write(GOOD, "doors.md")
    before = load()
    path.unlink()
    assert texts(load(before)) == {}
    assert list(last_good.iterdir()) == []
    write(BROKEN, "doors.md")
    assert texts(load()) == {}


def test_a_missing_folder_empties_no_shelf(
    write: Write, load: Load, folder: Path, last_good: Path
) -> None:
    """As when a disk isn't mounted yet."""
    write(GOOD, "doors.md")
    load()
    folder.rename(folder.with_name("elsewhere"))
    library = load()
    assert texts(library) == OLD_TEXT
    assert told(library) == [("content", 1, "E001")]
    assert [path.name for path in last_good.iterdir()] == ["doors.md"]
    assert texts(load_library(folder, last_good=None, previous=library)) == OLD_TEXT
    assert texts(load_library(folder, last_good=None)) == {}


def test_notes_to_the_authors_are_no_devotionals(write: Write, load: Load) -> None:
    for name in ("README.md", "readme.md", "_draft.md", ".hidden.md", "notes.txt", "doors.md~"):
        write("No front matter.", name)
    assert load() == Library(version=load().version)
    assert load().problems == ()


def test_the_order_of_the_shelf(write: Write, load: Load) -> None:
    for name, title, order in [
        ("a", "Zeal", ""),
        ("b", "apples", ""),
        ("c", "Last", "order: 9\n"),
        ("d", "First", "order: -1\n"),
    ]:
        write(f"---\ntitle: {title}\n{order}---\nText.\n", f"{name}.md")
    assert [devotional.title for devotional in load().devotionals] == [
        *("First", "Last"),
        *("apples", "Zeal"),
    ]


class TestVanishedIds:
    TWO = (
        "---\ntitle: Doors\n---\nOpening.\n\n## A {: #a }\n\nA.\n\n### Reflect\n\n"
        "- One? {: #one }\n- Two? {: #two }\n\n## B {: #b }\n\nB.\n\n### Reflect\n\n- Q? {: #q }\n"
    )

    @pytest.mark.parametrize(
        ("old", "new", "line"),
        [
            pytest.param("- Two? {: #two }\n", "", 6, id="question"),
            pytest.param("{: #two }", "{: #three }", 6, id="question renamed"),
            pytest.param(TWO[TWO.index("## B") :], "", 1, id="section"),
            pytest.param("{: #b }", "{: #bb }", 1, id="section renamed"),
            pytest.param("Opening.\n", "", 1, id="opening"),
        ],
    )
    def test_is_a_problem_and_the_old_text_stays(
        self, write: Write, load: Load, old: str, new: str, line: int
    ) -> None:
        write(self.TWO, "doors.md")
        before = load()
        write(self.TWO.replace(old, new), "doors.md")
        assert told(load(before)) == [("doors.md", line, "E012")]
        assert told(load()) == [("doors.md", line, "E012")]
        assert load() == before

    def test_is_told_without_copies_too(self, write: Write, folder: Path) -> None:
        write(self.TWO, "doors.md")
        before = load_library(folder, last_good=None)
        write(self.TWO.replace("#two", "#three"), "doors.md")
        after = load_library(folder, last_good=None, previous=before)
        assert told(after) == [("doors.md", 6, "E012")]

    @pytest.mark.parametrize(
        ("gone", "retired"),
        [
            pytest.param("- Two? {: #two }\n", "a/two", id="question"),
            pytest.param(TWO[TWO.index("## B") :], "b", id="section, with its question"),
        ],
    )
    def test_is_fine_where_the_author_says_so(
        self, write: Write, load: Load, gone: str, retired: str
    ) -> None:
        write(self.TWO, "doors.md")
        before = load()
        text = self.TWO.replace(gone, "").replace("Doors\n", f"Doors\nretired:\n  - {retired}\n")
        write(text, "doors.md")
        after = load(before)
        assert told(after) == []
        assert after.version != before.version

    def test_the_reason_says_what_to_do(self, write: Write, load: Load) -> None:
        write(self.TWO, "doors.md")
        load()
        write(self.TWO.replace("#two", "#three"), "doors.md")
        assert str(load().problems[0]) == (
            "doors.md:6: 'a/two' is gone, and readers' answers belong to it; put it back or list "
            "it under retired: (if only its words are new, give it its old id: {: #two })"
        )

    def test_new_words_under_the_old_id_are_fine(self, write: Write, load: Load) -> None:
        write(self.TWO, "doors.md")
        load()
        write(self.TWO.replace("Two?", "Two, really?").replace("## B", "## Bee"), "doors.md")
        assert told(load()) == []

    def test_a_copy_that_can_no_longer_be_read_stands_in_nobodys_way(
        self, write: Write, load: Load, last_good: Path
    ) -> None:
        """As after an upgrade that grew stricter."""
        write(self.TWO, "doors.md")
        load()
        (last_good / "doors.md").write_text(BROKEN)
        write(GOOD, "doors.md")
        assert texts(load()) == OLD_TEXT
        assert (last_good / "doors.md").read_text() == GOOD

    def test_a_damaged_copy_leaves_the_comparison_to_memory(
        self, write: Write, load: Load, last_good: Path
    ) -> None:
        write(self.TWO, "doors.md")
        before = load()
        (last_good / "doors.md").write_text(BROKEN)
        write(self.TWO.replace("#two", "#three"), "doors.md")
        assert told(load(before)) == [("doors.md", 6, "E012")]


class TestLog:
    def lines(self, caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
        found = [(r.name, r.levelname, r.getMessage()) for r in caplog.records]
        caplog.clear()
        return found

    def test_names_each_problem_once(
        self, write: Write, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, logger="devotional.content")
        watched = Shelf(folder, None)
        write("---\ntitle: A\n---\n![a](//x/y)\n", "doors.md")
        library = watched.load()
        assert self.lines(caplog) == [
            (
                "devotional.content",
                "ERROR",
                "doors.md:4: the picture '//x/y' isn't on this site: put it in static/ and write "
                "/static/ before its name, so that reading loads nothing from anyone else",
            )
        ]
        library = watched.load(library)
        assert self.lines(caplog) == []
        write("---\ntitle: A\n---\n\n![a](//x/y)\n", "doors.md")
        library = watched.load(library)
        assert [line for *_, line in self.lines(caplog)] == [str(library.problems[0])]
        write(GOOD, "doors.md")
        assert (watched.load(library).problems, self.lines(caplog)) == ((), [])


class TestLastGoodCopies:
    def test_are_the_source_itself(self, write: Write, load: Load, last_good: Path) -> None:
        write(GOOD, "doors.md")
        write(BROKEN, "walls.md")
        load()
        kept = {path.name: path.read_text() for path in last_good.iterdir()}
        assert kept == {"doors.md": GOOD}

    def test_are_not_replaced_by_a_broken_one(
        self, write: Write, load: Load, last_good: Path
    ) -> None:
        write(GOOD, "doors.md")
        load()
        write(BROKEN, "doors.md")
        load()
        assert (last_good / "doors.md").read_text() == GOOD

    def test_that_cant_be_written_are_logged_and_nothing_more(
        self, write: Write, load: Load, last_good: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        last_good.write_text("a file where the folder should be")
        write(GOOD, "doors.md")
        library = load()
        assert (texts(library), library.problems) == (OLD_TEXT, ())
        assert [(record.levelname, record.name) for record in caplog.records] == [
            ("WARNING", "devotional.content")
        ]

    def test_a_read_only_shelf_writes_and_logs_nothing(
        self, write: Write, folder: Path, last_good: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        write(GOOD, "doors.md")
        write(BROKEN, "walls.md")
        Shelf(folder, last_good, read_only=True).load()
        assert (last_good.exists(), caplog.records) == (False, [])


def test_one_change_in_sixty_files_reads_one(write: Write, folder: Path) -> None:
    for number in range(60):
        write(GOOD, f"doors-{number}.md")
    watched = Shelf(folder, None)
    before = watched.load()
    write(NEW, "doors-7.md")
    after = watched.load(before)
    # What is read anew is a new object.
    assert [
        devotional.id
        for devotional in after.devotionals
        if devotional is not before.devotional(devotional.id)
    ] == ["doors-7"]
    assert len(after.devotionals) == 60
    assert texts(after)["doors-7"] == "<p>The new text.</p>"


def test_a_file_put_back_with_its_old_date_and_size_is_noticed(write: Write, folder: Path) -> None:
    path = write(GOOD, "doors.md")
    dates = path.stat()
    watched = Shelf(folder, None)
    before = watched.load()
    write(NEW, "doors.md")
    os.utime(path, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (dates.st_mtime_ns, dates.st_size)
    assert texts(watched.load(before)) == NEW_TEXT


def test_the_version_is_a_matter_of_what_pages_show(write: Write, folder: Path) -> None:
    write(GOOD, "doors.md")
    version = load_library(folder, last_good=None).version
    write(GOOD.replace("title: Doors", "title:   'Doors' # the same"), "doors.md")
    assert load_library(folder, last_good=None).version == version
    write(GOOD, "walls.md")
    both = load_library(folder, last_good=None).version
    assert both != version
    write(GOOD.replace("Doors", "Doors\norder: 1"), "walls.md")  # another place on the shelf
    assert load_library(folder, last_good=None).version != both
