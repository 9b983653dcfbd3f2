"""What every test stands on: a small library of its own, and the people who use the site.

The actors are real browsers to the server: they hold cookies, send an Origin as browsers do, and
write by filling in the form they were given.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from devotional.content.loader import forget_library
from harness import shared
from harness.actors import Browser
from harness.databases import SERVER
from harness.site import Site

pytest_plugins = ["pytester"]

Site.usual["WORKERS"] = "1"  # starts in half of the time; what is about several asks for them

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


def pytest_configure(config: pytest.Config) -> None:
    """What is made once for all processes of a run goes with the process that began it."""
    config.add_cleanup(shared.begin())


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


SERVED = [Path(__file__).parent / name for name in ("browser", "reliability", "running", "upgrade")]
# Where servers start, and where the first of a run makes what all others begin with.
STARTING = [
    Path(__file__).parent / name for name in ("deploy", "reliability", "running", "upgrade")
]
LIMIT = 240  # seconds there; pyproject.toml has the limit of all other tests


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
    for item in items:
        starts = any(folder in item.path.parents for folder in STARTING)
        if starts and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LIMIT))
    if theirs:
        config.hook.pytest_deselected(items=theirs)
        items[:] = [item for item in items if item not in theirs]


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
    """Someone who will lead a group; see `tests.groups.factories`."""
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
