"""A folder to write devotionals into, and the two ways to look at what came of one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from devotional.content.library import Devotional
from devotional.content.loader import ContentError, read_devotional

type Write = Callable[..., Path]
type Read = Callable[[str], Devotional]
type Complaints = Callable[[str], list[tuple[int, str]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "content"
    made.mkdir()
    return made


@pytest.fixture
def last_good(tmp_path: Path) -> Path:
    return tmp_path / "last-good"


@pytest.fixture
def write(folder: Path) -> Write:
    """`write(text, "name.md")` puts a file into the content folder."""

    def write_file(text: str | bytes, name: str = "sample.md") -> Path:
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_file


@pytest.fixture
def read(write: Write) -> Read:
    """The devotional that a body makes; front matter is added where there is none."""

    def read_text(text: str) -> Devotional:
        if not text.startswith(("---", "\ufeff")):
            text = f"---\ntitle: Sample\n---\n{text}"
        return read_devotional(write(text))

    return read_text


@pytest.fixture
def complaints(write: Write) -> Complaints:
    """The line and kind of everything wrong in a file, in order."""

    def complaints_about(text: str) -> list[tuple[int, str]]:
        try:
            read_devotional(write(text))
        except ContentError as error:
            return [(problem.line, problem.code) for problem in error.problems]
        return []

    return complaints_about
