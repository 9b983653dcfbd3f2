"""A clock that is 400 days ahead: every command and a start, and nothing is lost (S11, B14)."""

import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devotional.lib import backups
from harness.databases import ROOT, Database
from harness.server import environment, free_port, running

AHEAD = {"PYTHONPATH": str(Path(__file__).parent / "ahead")}
READERS = 12
NOT_BELIEVED = "so nothing is erased by its age"


def manage(data: Path, *words: str | Path, **variables: str) -> tuple[int, str]:
    """The exit code of a command, and all that it said."""
    said = subprocess.run(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=ROOT,
        env=environment(data) | variables,
        capture_output=True,
        text=True,
    )
    return said.returncode, said.stdout + said.stderr


def seed(data: Path, *, days: int = 0) -> None:
    """Readers who were here in the last two months and answered on paper, and backups."""
    database, now = Database(data), datetime.now(UTC)
    seen = [(now - timedelta(days=days + each * 5)).date() for each in range(READERS)]
    ids = [uuid.uuid4() for _ in seen]
    shown = [each if database.variables else each.hex for each in ids]
    database.change(
        "INSERT INTO devotional_reader (id, consent_version, made_at, seen_on) "
        "VALUES (?, '', ?, ?)",
        [
            (each, f"{day} 12:00:00+00:00", day.isoformat())
            for each, day in zip(shown, seen, strict=True)
        ],
    )
    database.change(
        "INSERT INTO devotional_reading (reader_id, devotional, number, begun_at) "
        "VALUES (?, 'on-doors', 1, '2026-01-01 12:00:00+00:00')",
        [(each,) for each in shown],
    )
    database.change(
        "INSERT INTO devotional_onpaper (reader_id, reading_id, section) "
        "SELECT reader_id, id, 'opening' FROM devotional_reading"
    )
    folder = data / "backups"
    folder.mkdir(exist_ok=True)
    for each in range(3):
        file = folder / backups.name_for(now - timedelta(days=days + each))
        file.write_bytes(b"a backup")
    lines = f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ} gone {uuid.uuid4()}\n"
    (data / "erasures").write_text(lines)


def counted(data: Path) -> int:
    ((number,),) = Database(data).ask("SELECT count(*) FROM devotional_reader")
    return int(number)


def kept(data: Path) -> set[str]:
    return {file.name for file in (data / "backups").glob("*.backup")}


def test_every_command_and_a_start_under_a_clock_that_is_ahead(data: Path, tmp_path: Path) -> None:
    seed(data)
    elsewhere = tmp_path / "good.backup"
    assert manage(data, "backup", elsewhere)[0] == 0
    before, noted = kept(data), (data / "erasures").read_text()
    with running(data, free_port(), **AHEAD) as server:
        assert any(NOT_BELIEVED in line for line in server.lines)
        assert server.stop() == 0
    assert NOT_BELIEVED in manage(data, "backup", **AHEAD)[1]
    # Somebody came by meanwhile, and is noted as of that day.
    Database(data).change(
        "UPDATE devotional_reader SET seen_on = ? WHERE seen_on = (SELECT max(seen_on) FROM "
        "devotional_reader)",
        [((datetime.now(UTC) + timedelta(days=400)).date().isoformat(),)],
    )
    for command in ("prune_guests", "backup", "replay_erasures", "migrate", "prune_guests"):
        code, said = manage(data, command, **AHEAD)
        assert code == (command == "prune_guests"), said
        assert "Traceback" not in said
    assert NOT_BELIEVED in manage(data, "restore", elsewhere, **AHEAD)[1]
    assert manage(data, "prune_guests", **AHEAD)[0] == 1
    assert counted(data) == READERS
    assert before <= kept(data)
    assert (data / "erasures").read_text() == noted
    # Put right, everything goes on by itself.
    code, said = manage(data, "prune_guests", "--allow-many")
    assert (code, NOT_BELIEVED in said) == (0, False), said


def test_a_host_says_that_the_clock_is_right(data: Path) -> None:
    """The site was off for long: one line asks, and one flag answers it for all commands."""
    (data / "clock").write_text(f"{(datetime.now(UTC) - timedelta(days=400)).isoformat()}\n")
    seed(data, days=400)
    code, said = manage(data, "prune_guests")
    assert (code, len(said.splitlines())) == (1, 1)
    assert "--clock-is-right" in said
    assert (counted(data), len(kept(data))) == (READERS, 3)
    code, said = manage(data, "prune_guests", "--clock-is-right")
    assert code == 1
    assert said == (
        f"CommandError: {READERS} of {READERS} readers who wrote or joined something would be "
        "erased at once, so nobody is. Look whether the clock and the database are right; if they "
        "are: manage.py prune_guests --allow-many\n"
    )
    assert counted(data) == READERS
    assert manage(data, "prune_guests", "--allow-many")[0] == 0
    assert counted(data) == 0


@pytest.mark.parametrize("flags", [(), ("--keep", "1")])
def test_the_newest_backup_is_never_removed(data: Path, flags: tuple[str, ...]) -> None:
    """Also where it is past its time and no more are made; what was only put aside is none."""
    assert manage(data, "backup")[0] == 0
    (made,) = (data / "backups").iterdir()
    now = datetime.now(UTC)
    old = made.rename(made.with_name(backups.name_for(now - timedelta(days=40))))
    aside = made.with_name(backups.name_for(now - timedelta(days=35), "replaced"))
    aside.write_bytes(b"damaged")
    assert manage(data, "prune_guests")[0] == 0
    assert list((data / "backups").iterdir()) == [old]
    assert manage(data, "backup", *flags)[0] == 0
    assert old not in set((data / "backups").iterdir())


def test_a_backup_from_before_a_mistaken_pruning_comes_back_whole(
    data: Path, tmp_path: Path
) -> None:
    seed(data)
    good = tmp_path / "good.backup"
    assert manage(data, "backup", good)[0] == 0
    Database(data).change("UPDATE devotional_reader SET seen_on = '2020-01-01'")
    assert manage(data, "prune_guests", "--clock-is-right", "--allow-many")[0] == 0
    assert counted(data) == 0
    assert manage(data, "restore", good)[0] == 0
    assert counted(data) == READERS
    with running(data, free_port()) as server:
        assert server.stop() == 0
    assert counted(data) == READERS
