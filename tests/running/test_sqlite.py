"""How SQLite is opened: the journal by the library's version, and the rest always."""

import sqlite3
from pathlib import Path

import pytest
from django.db import connections
from django.db.utils import ConnectionHandler

from devotional.lib.sqlite import ROLLBACK_JOURNAL, WRITE_AHEAD_LOG, journal_for, options


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
