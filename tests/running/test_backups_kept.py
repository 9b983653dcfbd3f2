"""What else is promised of backups: how long they last, what is noticed, and what is never lost."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from devotional.lib import backups
from devotional.lib.backups.form import PARTIAL, migrations, opened
from devotional.readers.privacy import BACKUPS_FOR
from harness.databases import Database
from harness.first_start import add_static_files
from harness.server import free_port, running
from tests.upgrade.states import backup_in, done, everything, manage, new_machine, refused, words


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return backup_in(tmp_path)


@pytest.fixture
def data(tmp_path: Path, backup: Path) -> Path:
    """A site with something in every table."""
    folder = new_machine(tmp_path / "data")
    done(folder, "restore", backup)
    return folder


# No longer than readers are told


def test_readers_are_told_what_is_done() -> None:
    assert backups.KEPT_FOR == BACKUPS_FOR


@pytest.mark.parametrize("days", ["0", "31", "3650", "-1", "٣", "1.5"])
def test_no_backup_is_kept_longer_by_wish(days: str, tmp_path: Path) -> None:
    said = manage(new_machine(tmp_path / "data"), "backup", f"--keep={days}")
    assert said.returncode == 2
    assert said.stderr.endswith(": must be 1 to 30: readers are told that none lasts longer\n")


def put_remains(data: Path) -> list[Path]:
    """A backup from too long ago, and what commands left that were killed; all hold words."""
    old = backups.name_for(datetime.now(UTC) - timedelta(days=31), "replaced")
    remains = [
        data / "backups" / old,
        data / "backups" / f"{PARTIAL}of_back",
        data / f"{PARTIAL}of_rest",
        data / f"{PARTIAL}of_rest-journal",
    ]
    (data / "backups").mkdir(exist_ok=True)
    for file in remains:
        file.write_text("words")
    return remains


def test_they_go_also_where_no_backup_is_made_any_more(data: Path, backup: Path) -> None:
    def remain() -> list[bool]:
        return [file.exists() for file in remains]

    remains = put_remains(data)
    done(data, "prune_guests", "--dry-run")
    assert remain() == [True] * 4
    done(data, "prune_guests", "--allow-many")
    assert remain() == [False] * 4
    put_remains(data)
    done(data, "restore", backup)
    assert remain() == [False] * 4
    put_remains(data)
    add_static_files(data)
    with running(data, free_port()):
        assert remain() == [False] * 4


# What is noticed


def test_one_changed_letter_is_noticed(data: Path, backup: Path) -> None:
    """It lies in a name, which is not sealed; SQLite's own check finds nothing wrong with it."""
    whole = backup.read_bytes()
    assert whole.count("Thursdays 🕯".encode()) == 1
    backup.write_bytes(whole.replace("Thursdays 🕯".encode(), "Tuesdayss 🕯".encode()))
    with closing(sqlite3.connect(backup)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    before = everything(data)
    assert refused(data, "restore", backup) == (
        f"CommandError: {backup} doesn't hold what was put in. It is damaged."
    )
    assert everything(data) == before


@pytest.mark.only_on("sqlite", "files and their locks")
def test_a_restore_waits_for_nobody_who_writes(data: Path, backup: Path) -> None:
    """Else what another command was just writing would go to a file that has no name any more."""
    before = everything(data)
    with closing(sqlite3.connect(Database(data).file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert refused(data, "restore", backup) == (
            f"CommandError: {Database(data).file} is in use by another process."
        )
    assert everything(data) == before
    assert list(data.rglob("*.backup*")) == []


@pytest.mark.only_on("postgresql", "a file is copied as it is, whatever is in it")
def test_of_a_newer_database_no_partial_backup_is_made(data: Path, tmp_path: Path) -> None:
    """This code doesn't know all of its columns."""
    Database(data).change(
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('devotional', '9999_to_come', '2030-01-01')"
    )
    assert refused(data, "backup", tmp_path / "one.backup") == (
        "CommandError: The database was made by a newer version: its migration "
        "devotional.9999_to_come isn't known here. Update the site's code first."
    )
    assert not (tmp_path / "one.backup").exists()


# What is never lost


@pytest.mark.only_on("sqlite", "a file that is damaged, and what lies beside it")
def test_a_damaged_database_is_kept_as_it_is(data: Path, backup: Path) -> None:
    file = Database(data).file
    file.write_bytes(b"damaged")
    done(data, "restore", backup)
    assert everything(data)["sealed"] == words()["sealed"]
    (aside,) = (data / "backups").iterdir()
    assert aside.read_bytes() == b"damaged"


def test_two_in_one_second_have_two_names(settings: Settings, tmp_path: Path) -> None:
    """Else what a second restore replaces would take the place of what the first had replaced."""
    settings.DATA = tmp_path
    backups.folder().mkdir()
    now = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    made = []
    for why in ("", "", "", "replaced", "replaced"):
        made.append(backups.new_file(now, why))
        made[-1].touch()
    assert [file.name.removeprefix("devotional-20260304T050607Z") for file in made] == [
        ".backup",
        "-2.backup",
        "-3.backup",
        "-replaced.backup",
        "-replaced-2.backup",
    ]
    assert backups.forget_old(now + timedelta(days=31)) == 5


def test_going_back_begins_with_a_backup_too(data: Path) -> None:
    """Some columns go with it."""
    before = everything(data)["sealed"]
    said = done(data, "migrate", "devotional", "0006", "--verbosity=1")
    (made,) = (data / "backups").iterdir()
    assert f"Backup before the migration: {made}" in said
    with opened(made) as database:
        assert ("devotional", "0007_group_planned_at") in migrations(database)
    done(data, "migrate", "--verbosity=0")
    assert everything(data)["sealed"] == before
