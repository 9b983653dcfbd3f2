"""What every test stands on: a small library of its own, and the people who use the site.

The actors are real browsers to the server: they hold cookies, send an Origin as browsers do, have
CSRF checks on, and write by filling in the form they were given.
"""

import os
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from devotional.content.loader import forget_library
from devotional.lib.http import forget_pages
from tests.databases import SERVER
from tests.second_try import pytest_runtest_makereport as pytest_runtest_makereport
from tests.second_try import pytest_runtest_protocol as pytest_runtest_protocol
from tests.second_try import pytest_terminal_summary as pytest_terminal_summary

pytest_plugins = ["pytester"]

ORIGIN = "http://testserver"

DOORS = """\
---
title: On Doors
author: A. Carpenter
summary: Two short pieces about doors.
---

A door is a wall that changed its mind.

### Reflect

- Which door is before you? {: #before }
- Which one closed? {: #closed }

### Together

- Which doors do we hold open for others?

## Hinges {: #hinges label="Hinge" }

Everything turns on something small.

### Reflect

- What does this day turn on? {: #turn }

## Thresholds {: #thresholds }

Nothing is asked here.
"""


class Fields(HTMLParser):
    """The fields of the forms in a page, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self._textarea: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "input" and at.get("name") and at.get("type") == "hidden":
            self.values[at["name"]] = at.get("value", "")
        if tag == "textarea" and "disabled" not in at:
            self._textarea = at["name"]
            self.values[self._textarea] = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            # HTML drops one newline right after the opening tag.
            self.values[self._textarea] = self.values[self._textarea].removeprefix("\n")
            self._textarea = None


class Browser(Client):
    """One person's browser."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True, headers={"origin": ORIGIN})

    def fields(self, path: str) -> dict[str, str]:
        """The fields of the form at `path`, filled as they were given."""
        return Fields(self.get(path).content.decode()).values

    def texts(self, path: str = "/reflect/on-doors/opening/panel/") -> dict[str, str]:
        """What stands in the boxes at `path`, by prompt."""
        return {
            name.removeprefix("text-"): value
            for name, value in self.fields(path).items()
            if name.startswith("text-")
        }

    def write(
        self, section: str = "opening", *, htmx: bool = True, change: Any = None, **texts: str
    ) -> Any:
        """Fill in the form of a section and send it: `write("opening", before="…")`."""
        path = f"/reflect/on-doors/{section}/"
        sent = self.fields(path + "panel/")
        sent |= {f"text-{prompt}": text for prompt, text in texts.items()}
        sent |= change or {}
        return self.send(path, sent, htmx=htmx)

    def send(self, path: str, fields: dict[str, str], *, htmx: bool = True) -> Any:
        return self.post(path, fields, headers={"hx-request": "true"} if htmx else None)


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """Commands close what they make to others; run in this process, they must not go on so."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Side by side, each process has a database in its own memory: no name is to be kept apart.

    pytest-django leaves Django's own SQLite backend alone, but does not know that ours is one too,
    and would name a file in a folder that is not there. On PostgreSQL the names differ already.
    """


SERVED = [Path(__file__).parent / name for name in ("browser", "reliability", "running")]


def needs_database(item: pytest.Item) -> bool:
    """Whether a test asks for a database, or is of those that start servers, which have one."""
    asked = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") is not None
    return bool(asked) or marked or any(folder in item.path.parents for folder in SERVED)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database, and on PostgreSQL what is about none.

    The run on SQLite has it: each test runs once at least, and twice where the database matters.
    """
    ours = "postgresql" if SERVER else "sqlite"
    theirs = [
        item
        for item in items
        if any(mark.args[0] != ours for mark in item.iter_markers("only_on"))
        or (SERVER and not needs_database(item))
    ]
    if theirs:
        config.hook.pytest_deselected(items=theirs)
        items[:] = [item for item in items if item not in theirs]


@pytest.fixture(autouse=True)
def _pages_anew() -> None:
    """Settings change between tests as they never do in a running site."""
    forget_pages()


@pytest.fixture
def content(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A content folder with the sample devotional, watched by the site."""
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "on-doors.md").write_text(DOORS)
    settings.CONTENT_DIR = folder
    settings.CONTENT_LAST_GOOD = tmp_path / "last-good"
    forget_library()
    yield folder
    forget_library()


@pytest.fixture
def real_content(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The content that is served: the essay itself."""
    settings.CONTENT_DIR = Path(settings.BASE_DIR) / "content"
    settings.CONTENT_LAST_GOOD = tmp_path / "last-good"
    forget_library()
    yield settings.CONTENT_DIR
    forget_library()


@pytest.fixture
def key_ring(tmp_path: Path, settings: Settings) -> Path:
    from devotional.lib.encryption import ensure_key_ring

    settings.KEY_RING = tmp_path / "keyring"
    ensure_key_ring(settings.KEY_RING)
    return tmp_path / "keyring"


@pytest.fixture
def new_browser(content: Path, key_ring: Path, db: None) -> Callable[[], Browser]:
    return Browser


@pytest.fixture
def guest(new_browser: Callable[[], Browser]) -> Browser:
    """Someone who has just arrived and agreed to nothing."""
    return new_browser()


@pytest.fixture
def reader(new_browser: Callable[[], Browser]) -> Browser:
    """Someone who agreed and wrote."""
    browser = new_browser()
    assert browser.write("opening", before="The canary of the first reader.").status_code == 200
    return browser


@pytest.fixture
def other_reader(new_browser: Callable[[], Browser]) -> Browser:
    """Someone else who agreed and wrote."""
    browser = new_browser()
    assert browser.write("opening", before="Words of the other reader.").status_code == 200
    return browser


@pytest.fixture
def leader(new_browser: Callable[[], Browser]) -> Browser:
    """Someone who will lead a group; see `tests.together`."""
    return new_browser()


@pytest.fixture
def groupmate(new_browser: Callable[[], Browser]) -> Browser:
    """Someone who will be in the leader's group."""
    return new_browser()


@pytest.fixture
def stranger(new_browser: Callable[[], Browser]) -> Browser:
    """Someone without a cookie who tries addresses."""
    return new_browser()


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")
