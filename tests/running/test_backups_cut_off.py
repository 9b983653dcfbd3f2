"""A backup or a restore that is killed at any step leaves what is whole, and nothing half (S5)."""

from pathlib import Path

import pytest

from devotional.lib.backups import examine
from devotional.lib.backups.form import PARTIAL
from harness.databases import SERVER, Database
from harness.server import eventually
from tests.running.cutting import cutting
from tests.upgrade.states import backup_in, done, environment, new_machine

PARTS = 4


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return backup_in(tmp_path)


@pytest.fixture
def data(tmp_path: Path, backup: Path) -> Path:
    """A site with something in every table."""
    folder = new_machine(tmp_path / "data")
    done(folder, "restore", backup)
    return folder


def rows(data: Path) -> list[tuple[object, ...]]:
    """What the two states below differ in, and what they have in common."""
    database = Database(data)
    return [
        *database.ask("SELECT section FROM devotional_readit ORDER BY id"),
        *database.ask("SELECT id, sealed FROM devotional_reflection ORDER BY id"),
    ]


def held_by(file: Path) -> dict[str, int]:
    """How many rows of which table a backup holds, if it is whole."""
    return examine(file).rows


def chosen(steps: list[str]) -> list[str]:
    """The last ones, which put in place, and some of those that only prepare.

    Fewer with PostgreSQL, where each cut is a connection to make and one to be missed.
    """
    every, last = (20, 10) if SERVER else (8, 40)
    return [*steps[:-last:every], *steps[-last:]]


def alone(data: Path) -> None:
    """Wait until PostgreSQL has noticed that whoever was killed is gone."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'devotional' "
    others += "AND datname = current_database()"
    assert not SERVER or eventually(lambda: Database(data).ask(others) == [(0,)])


def test_a_backup_that_is_killed_at_any_step(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    with cutting(environment(data)) as cutter:
        steps = chosen(cutter.steps("backup", folder / "whole.backup"))
        (whole,) = folder.iterdir()
        before = held_by(whole)
        whole.unlink()
        killed = 0
        for step in steps:
            killed += cutter.cut(step, "backup", whole)
            if whole.exists():  # it has its name, so it is whole
                assert held_by(whole) == before
                whole.unlink()
        assert killed == len(steps) > 5
        assert cutter.steps("backup", folder / "whole.backup")
    assert list(folder.iterdir()) == [whole]  # and no parts are left


@pytest.mark.parametrize("part", range(PARTS))
def test_a_restore_that_is_killed_at_any_step(part: int, data: Path, backup: Path) -> None:
    """In parts that run side by side, each with every so manieth step."""
    new = rows(data)
    Database(data).change("UPDATE devotional_readit SET section = 'thresholds'")
    old = rows(data)
    assert old != new
    told: list[bool] = []
    with cutting(environment(data)) as cutter:
        assert cutter.steps("backup", data / "old.backup")
        steps = chosen(cutter.steps("restore", backup))[part::PARTS]
        assert cutter.steps("restore", data / "old.backup")
        for step in steps:
            if told and told[-1]:
                assert cutter.steps("restore", data / "old.backup")
            assert cutter.cut(step, "restore", backup)
            alone(data)
            now = rows(data)
            assert now in (old, new), step
            told.append(now == new)
        assert cutter.steps("restore", backup)
    assert rows(data) == new
    assert list(data.glob(f"{PARTIAL}*")) == []
    # It was met both before and after the new one was in place.
    assert set(told) == {False, True}
