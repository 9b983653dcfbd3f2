"""`backup` beside a running site and `restore`: one whole file, everything in it, nothing lost.

The site has a reader with one of everything, made over HTTP.
"""

import contextlib
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devotional.lib import backups
from devotional.lib.backups.form import MANIFEST, migrations, opened, tables, write_manifest
from harness.databases import SERVER, Database
from harness.first_start import add_static_files
from harness.full_reader import FIRST, Furnished, furnish, site_to_furnish
from harness.http_client import DEVOTIONAL
from harness.server import copy, free_port, running
from harness.site import ROOT
from harness.waiting import PATIENCE, eventually

LEFT_OUT = {"django_session", "devotional_limits"}

type Rows = dict[str, list[tuple[object, ...]]]


@dataclass
class Kept:
    """A site that was backed up while it ran, and what its database held then."""

    data: Path
    backup: Path
    rows: Rows
    reader: Furnished
    said: str


def manage(data: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA": str(data)} | Database(data).variables | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def rows_of(file: Path) -> Rows:
    """Every row of every table that a backup keeps."""
    with opened(file) as database:
        names = set(tables(database)) - LEFT_OUT - {"django_migrations"}
        rows: Rows = {
            name: sorted(database.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608
            for name in names
        }
        # Tables that were made anew for the rows were migrated at another time.
        rows["django_migrations"] = sorted(migrations(database))
        return rows


def stands(data: Path) -> Rows:
    """Every row of the database of a data folder; PostgreSQL's as a backup has them."""
    if not SERVER:
        return rows_of(Database(data).file)
    file = data.parent / f"looked-at-{time.monotonic_ns()}"
    assert manage(data, "backup", str(file)).returncode == 0
    return rows_of(file)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("backups")
    with site_to_furnish(folder) as (site, mailbox):
        reader = furnish(site, mailbox)
        backup = folder / "one.backup"
        said = manage(site.data, "backup", str(backup))
        assert (said.returncode, said.stderr) == (0, "")
        yield Kept(site.data, backup, stands(site.data), reader, said.stdout)


@pytest.fixture(scope="module")
def restored(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's data folder once more, made of the backup; to be copied."""
    folder = tmp_path_factory.mktemp("restored") / "data"
    folder.mkdir(mode=0o700)
    Database(folder).begin_empty()
    for name in ("keyring", "secret_key"):
        shutil.copy(kept.data / name, folder / name)
    assert manage(folder, "restore", str(kept.backup)).returncode == 0
    return folder


@pytest.fixture
def data(kept: Kept, tmp_path: Path) -> Path:
    """A new machine's data folder: it has the key ring and nothing else."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    Database(folder).begin_empty()
    shutil.copy(kept.data / "keyring", folder / "keyring")
    return folder


@pytest.fixture
def stopped(restored: Path, tmp_path: Path) -> Path:
    """A copy of the site's data folder, on which nothing runs."""
    return copy(restored, tmp_path / "stopped")


def test_it_is_one_whole_file_that_gives_nothing_away(kept: Kept) -> None:
    assert kept.rows["devotional_share"]
    assert kept.rows["devotional_hinge"]
    assert kept.rows["devotional_deleted"]
    assert rows_of(kept.backup) == kept.rows
    with opened(kept.backup) as database:
        for table in LEFT_OUT:
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    assert stat.S_IMODE(kept.backup.stat().st_mode) == 0o600
    whole = kept.backup.read_bytes()
    assert FIRST.encode()[:30] not in whole
    for line in (kept.data / "keyring").read_text().splitlines():
        assert line.encode() not in whole
    assert f"{backups.examine(kept.backup).count} rows in {kept.backup}" in kept.said
    assert "The key ring" in kept.said
    assert [file.name for file in kept.backup.parent.glob("*.backup*")] == ["one.backup"]


def test_restored_elsewhere_the_reader_is_at_home(kept: Kept, data: Path) -> None:
    said = manage(data, "restore", str(kept.backup))
    assert (said.returncode, said.stderr) == (0, "")
    assert stands(data) == kept.rows
    for file in data.glob("devotional.sqlite3"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    add_static_files(data)
    with running(data, free_port()) as server:
        at_home = kept.reader.reader
        port, at_home.port = at_home.port, server.port
        try:
            at_home.close()
            assert FIRST[-30:] in at_home.get("/journal/").body.decode()
        finally:
            at_home.close()
            at_home.port = port
        assert server.stop() == 0


def test_what_was_there_before_is_kept(kept: Kept, stopped: Path) -> None:
    Database(stopped).change("DELETE FROM devotional_hinge")
    without = stands(stopped)
    said = manage(stopped, "restore", str(kept.backup))
    assert stands(stopped) == kept.rows
    (before,) = (stopped / "backups").iterdir()
    assert rows_of(before) == without
    assert f"What was there before: {before}" in said.stdout
    assert manage(stopped, "restore", str(before)).returncode == 0
    assert stands(stopped) == without


@pytest.mark.only_on("sqlite", "its file can be damaged by itself")
def test_a_damaged_database_is_put_aside_as_it_is(kept: Kept, stopped: Path) -> None:
    (stopped / "devotional.sqlite3").write_bytes(b"not a database" * 100)
    assert manage(stopped, "restore", str(kept.backup)).returncode == 0
    assert stands(stopped) == kept.rows
    (before,) = (stopped / "backups").iterdir()
    assert before.read_bytes() == b"not a database" * 100


def test_what_was_erased_since_stays_erased(kept: Kept, stopped: Path) -> None:
    add_static_files(stopped)
    with running(stopped, free_port()) as server:
        waits = kept.reader.waits  # a guest of the same site, by their cookie
        port, waits.port = waits.port, server.port
        try:
            waits.close()
            waits.fill("/erase/reader/")
        finally:
            waits.close()
            waits.port = port
        assert server.stop() == 0
    erased = stands(stopped)
    assert len(erased["devotional_reader"]) == len(kept.rows["devotional_reader"]) - 1
    said = manage(stopped, "restore", str(kept.backup))
    assert said.returncode == 0
    assert "1 erasures noted since" in said.stdout
    again = stands(stopped)
    assert again["devotional_reader"] == erased["devotional_reader"]
    assert again["devotional_membership"] == erased["devotional_membership"]


@pytest.mark.only_on("postgresql", "the way from one to the other needs both")
def test_from_one_database_to_the_other_and_back(kept: Kept, data: Path, tmp_path: Path) -> None:
    """What was written on PostgreSQL stands on SQLite, and on another PostgreSQL, row by row."""
    without = {"DATABASE_URL": ""}
    assert manage(data, "restore", str(kept.backup), **without).returncode == 0
    assert rows_of(Database(data).file) == kept.rows
    moved = tmp_path / "moved.backup"
    assert manage(data, "backup", str(moved), **without).returncode == 0
    assert (backups.examine(kept.backup).made_from, backups.examine(moved).made_from) == (
        "postgresql",
        "sqlite",
    )
    assert manage(data, "restore", str(moved)).returncode == 0
    assert stands(data) == kept.rows
    add_static_files(data)
    with running(data, free_port()) as server:  # and it counts on from there
        page = kept.reader.reader
        port, page.port = page.port, server.port
        try:
            page.close()
            assert FIRST[-30:] in page.get("/journal/").body.decode()
            page.fill(
                "/groups/new/",
                name="Another",
                first_name="Lavinia",
                devotional=DEVOTIONAL,
                rhythm="7",
                weekday="3",
                meets_at="19:30",
                time_zone="Europe/London",
            )
        finally:
            page.close()
            page.port = port
        assert server.stop() == 0


# What is refused, in one line, with nothing changed


def refused(folder: Path, file: Path) -> str:
    """What `restore` says, once it is sure that it has changed nothing."""
    rows = stands(folder) if folder.name == "stopped" else None  # else nothing is there yet
    before = {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    said = manage(folder, "restore", str(file))
    after = {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    after.pop(folder / "server.lock", None)
    before.pop(folder / "server.lock", None)
    assert after == before
    assert rows is None or stands(folder) == rows
    assert said.returncode == 1
    (line,) = said.stderr.splitlines()
    return line


def test_beside_a_running_site(kept: Kept) -> None:
    said = manage(kept.data, "restore", str(kept.backup))
    assert said.returncode == 1
    assert "Another server is already running" in said.stderr
    assert stands(kept.data) == kept.rows


def test_a_file_that_is_none(stopped: Path, tmp_path: Path) -> None:
    nothing, text = tmp_path / "nothing", tmp_path / "text"
    text.write_text("words " * 1000)
    other = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE something (id)")
        database.commit()
    assert refused(stopped, nothing) == f"CommandError: There is no backup {nothing}."
    assert f"{text} is not a backup, or is damaged" in refused(stopped, text)
    assert "is not a backup that `manage.py backup` made" in refused(stopped, other)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_a_damaged_one(part: float, kept: Kept, stopped: Path, tmp_path: Path) -> None:
    whole = bytearray(kept.backup.read_bytes())
    at = int(len(whole) * part) // 4096 * 4096
    whole[at : at + 4096] = os.urandom(4096)
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(whole)
    assert "damaged" in refused(stopped, damaged)


def test_one_that_was_cut_short(kept: Kept, stopped: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.backup"
    short.write_bytes(kept.backup.read_bytes()[:-8192])
    assert "damaged" in refused(stopped, short)


def test_one_with_fewer_rows_than_it_says(kept: Kept, stopped: Path, tmp_path: Path) -> None:
    fewer = tmp_path / "fewer.backup"
    shutil.copy(kept.backup, fewer)
    with opened(fewer, to_write=True) as database:
        database.execute("DELETE FROM devotional_hinge")
        database.commit()
    assert "doesn't hold as many rows as it says" in refused(stopped, fewer)


def test_one_of_a_newer_version(kept: Kept, stopped: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.backup"
    shutil.copy(kept.backup, newer)
    with opened(newer, to_write=True) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('devotional', '9999_to_come', '2030-01-01 00:00:00')"
        )
        database.execute(f"DROP TABLE {MANIFEST}")
        write_manifest(database, datetime.now(UTC), "sqlite")
        database.commit()
    assert "its migration devotional.9999_to_come isn't known here" in refused(stopped, newer)


def test_one_that_the_key_ring_does_not_open(kept: Kept, stopped: Path, data: Path) -> None:
    (data / "keyring").unlink()
    assert f"The key ring {data / 'keyring'} is missing" in refused(data, kept.backup)
    add_static_files(data)
    with running(data, free_port()) as other:  # has made a ring of its own
        assert other.stop() == 0
    shutil.copy(data / "keyring", stopped / "keyring")
    assert "does not open what is stored here" in refused(stopped, kept.backup)


def test_a_backup_never_replaces_a_file(kept: Kept, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("something of the host's")
    said = manage(kept.data, "backup", str(there))
    assert said.stderr == (
        f"CommandError: {there} is there already. A backup never replaces a file.\n"
    )
    assert there.read_text() == "something of the host's"


def test_before_there_is_a_database_there_is_no_backup(tmp_path: Path) -> None:
    Database(tmp_path / "new").begin_empty()
    said = manage(tmp_path / "new", "backup")
    assert (said.returncode, "There is no database yet" in said.stderr) == (1, True)
    assert list(tmp_path.rglob("*.backup")) == []


def test_the_old_ones_go_and_nothing_else(stopped: Path) -> None:
    folder = stopped / "backups"
    folder.mkdir()
    now = datetime.now(UTC)
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    others = ["notes.txt", "devotional-old.backup", "devotional-20200101T000000Z.backup.gpg"]
    gone = [
        backups.name_for(old),
        backups.name_for(old, "replaced"),
        f"{backups.name_for(old, 'replaced')}-wal",
    ]
    stay = [backups.name_for(young), backups.name_for(young, "before-migration"), *others]
    for name in (*gone, *stay):
        (folder / name).write_text(name)
    said = manage(stopped, "backup")
    assert "3 older than 30 days removed" in said.stdout
    (new,) = {file.name for file in folder.iterdir()} - set(stay)
    assert backups.examine(folder / new).count > 0
    assert set(stay) <= {file.name for file in folder.iterdir()}


# Killed in the middle


def killed(data: Path, after: float, *words: str) -> None:
    """Run a command and end it as a loss of power would, `after` seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):  # by SIGKILL
        subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATA": str(data)} | Database(data).variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=after,
        )


def alone(data: Path) -> None:
    """Wait until PostgreSQL has noticed that whoever was killed is gone."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'devotional' "
    others += "AND datname = current_database()"
    assert not SERVER or eventually(lambda: Database(data).ask(others) == [(0,)])


def test_nothing_half_stands_in_place_of_something_whole(kept: Kept, stopped: Path) -> None:
    """Wherever a backup or a restore is cut off, what stands is whole: the old or the new."""
    chance = random.Random(20)  # noqa: S311
    Database(stopped).change("DELETE FROM devotional_hinge")
    without = stands(stopped)
    begun = time.monotonic()
    assert manage(stopped, "backup", str(stopped / "whole.backup")).returncode == 0
    lasts = time.monotonic() - begun
    for number in range(6):
        file = stopped / f"{number}.backup"
        killed(stopped, lasts * chance.uniform(0.3, 1.1), "backup", str(file))
        assert not file.exists() or rows_of(file) == without
        killed(stopped, lasts * chance.uniform(0.4, 1.6), "restore", str(kept.backup))
        alone(stopped)
        now = stands(stopped)
        assert now in (without, kept.rows)
        if now == kept.rows:
            assert manage(stopped, "restore", str(stopped / "whole.backup")).returncode == 0
    assert manage(stopped, "restore", str(kept.backup)).returncode == 0
    assert stands(stopped) == kept.rows
