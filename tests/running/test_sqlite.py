"""How SQLite is opened: the journal by the library's version, and the rest always."""

import sqlite3
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from devotional.lib.sqlite import (
    ROLLBACK_JOURNAL,
    WRITE_AHEAD_LOG,
    Journal,
    in_force,
    journal_for,
    options,
)
from harness.server import free_port, running

pytestmark = pytest.mark.only_on("sqlite", "how its file is opened")

SOUND = {WRITE_AHEAD_LOG: (3, 51, 3), ROLLBACK_JOURNAL: (3, 40, 1)}  # a version that chooses each


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 40, 1), ROLLBACK_JOURNAL),
        ((3, 44, 5), ROLLBACK_JOURNAL),
        ((3, 44, 6), WRITE_AHEAD_LOG),
        ((3, 44, 9), WRITE_AHEAD_LOG),
        ((3, 45, 0), ROLLBACK_JOURNAL),
        ((3, 46, 1), ROLLBACK_JOURNAL),
        ((3, 50, 6), ROLLBACK_JOURNAL),
        ((3, 50, 7), WRITE_AHEAD_LOG),
        ((3, 51, 0), ROLLBACK_JOURNAL),
        ((3, 51, 2), ROLLBACK_JOURNAL),
        ((3, 51, 3), WRITE_AHEAD_LOG),
        ((3, 52, 0), WRITE_AHEAD_LOG),
        ((4, 0, 0), WRITE_AHEAD_LOG),
    ],
)
def test_the_journal_is_chosen_by_version(version: tuple[int, int, int], journal: object) -> None:
    assert journal_for(version) == journal


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 3)])
def test_options(version: tuple[int, int, int]) -> None:
    journal = journal_for(version)

    assert options(version) == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": f"PRAGMA journal_mode = {journal.mode}; "
        f"PRAGMA synchronous = {journal.synchronous}; PRAGMA secure_delete = ON",
    }


def test_what_is_chosen_is_said_in_words() -> None:
    assert str(WRITE_AHEAD_LOG) == "write-ahead log, synchronous FULL"
    assert str(ROLLBACK_JOURNAL) == "rollback journal, synchronous EXTRA"


def opened(file: Path, journal: Journal) -> BaseDatabaseWrapper:
    """A connection to `file` with the options of a library that chooses `journal`."""
    chosen = options(SOUND[journal]) | {"timeout": 0.1}
    default = connections.settings["default"] | {"NAME": file, "OPTIONS": chosen}
    return ConnectionHandler({"default": default})["default"]


@pytest.mark.django_db
@pytest.mark.parametrize("before", [None, WRITE_AHEAD_LOG, ROLLBACK_JOURNAL])
@pytest.mark.parametrize("journal", [WRITE_AHEAD_LOG, ROLLBACK_JOURNAL])
def test_what_is_chosen_is_in_force_whatever_the_file_had(
    tmp_path: Path, before: Journal | None, journal: Journal
) -> None:
    file = tmp_path / "devotional.sqlite3"
    if before:  # as by another version of the library, with a row that must be kept
        earlier = opened(file, before)
        with earlier.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (word)")
            cursor.execute("INSERT INTO kept VALUES ('here')")
        earlier.close()
    connection = opened(file, journal)

    assert in_force(connection) == journal
    if before:
        with connection.cursor() as cursor:
            assert cursor.execute("SELECT word FROM kept").fetchall() == [("here",)]
    connection.close()


@pytest.mark.django_db
def test_a_journal_that_others_still_use_is_not_changed_under_them(tmp_path: Path) -> None:
    """It is refused aloud: `serve` stops with this line, and nothing runs on half of a change."""
    other = opened(tmp_path / "devotional.sqlite3", WRITE_AHEAD_LOG)
    with other.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (word)")

    late = sqlite3.connect(tmp_path / "devotional.sqlite3", timeout=0.1)
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        late.executescript(options(SOUND[ROLLBACK_JOURNAL])["init_command"])
    late.close()
    assert in_force(other) == WRITE_AHEAD_LOG
    other.close()


@pytest.mark.django_db
def test_what_is_in_force_is_told_and_not_what_was_asked_for(tmp_path: Path) -> None:
    connection = opened(tmp_path / "devotional.sqlite3", WRITE_AHEAD_LOG)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = MEMORY")
        cursor.execute("PRAGMA synchronous = OFF")

    assert in_force(connection) == Journal("MEMORY", "OFF")
    assert str(in_force(connection)) == "memory journal, synchronous OFF"
    connection.close()


def test_the_start_says_what_is_in_force(data: Path) -> None:
    """Also for a file that came from a machine with another library."""
    file = data / "devotional.sqlite3"
    other = sqlite3.connect(file)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE kept (word)")
    other.close()

    with running(data, free_port()) as server:
        said = next(line for line in server.lines if line.startswith("database:"))
        assert server.stop() == 0

    journal = journal_for(sqlite3.sqlite_version_info[:3])
    assert said == f"database:  SQLite {sqlite3.sqlite_version}, {journal}"
    other = sqlite3.connect(file)
    assert other.execute("PRAGMA journal_mode").fetchone() == (journal.mode.lower(),)
    other.close()


@pytest.mark.django_db
def test_a_connection_is_opened_so_and_makes_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "data" / "devotional.sqlite3"
    handler = ConnectionHandler({"default": {**connections.settings["default"], "NAME": file}})
    connection = handler["default"]

    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.close()

    journal = journal_for(sqlite3.sqlite_version_info[:3])
    assert found == {
        "journal_mode": journal.mode.lower(),
        "synchronous": {"FULL": 2, "EXTRA": 3}[journal.synchronous],
        "secure_delete": 1,
        "foreign_keys": 1,
    }
    assert waits == 10_000
    assert vars(connection)["transaction_mode"] == "IMMEDIATE"
    assert file.parent.stat().st_mode & 0o777 == 0o700
