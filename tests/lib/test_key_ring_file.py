"""The key ring's file: added to, parted, and never lost half-way."""

import os
import stat
from pathlib import Path

import pytest

from devotional.lib.encryption import (
    KeyRing,
    KeyRingError,
    add_key,
    ensure_key_ring,
    retire_keys,
)

ADVICE = "Without this file nothing written can be read. Keep a copy apart from the backups."
PLACE = ("note", "reader-1", "row-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ensure_key_ring(tmp_path / "keyring")
    return tmp_path / "keyring"


def ids(path: Path) -> list[str]:
    """The ids of the keys in a file, in their order."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    return [line[:8] for line in lines if line and not line.startswith("#")]


def test_a_new_ring_is_its_advice_and_one_key(path: Path) -> None:
    advice, key = path.read_text().splitlines()
    assert advice == f"# {ADVICE}"
    assert key[:8] == KeyRing.load(path).newest_id
    assert len(key) == 8 + 1 + 44  # an id of four bytes, and 256 bits


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    path = tmp_path / "one" / "two" / "keyring"
    assert ensure_key_ring(path) is True
    assert len(KeyRing.load(path).ids) == 1


def test_a_new_key_comes_first_and_is_named(path: Path) -> None:
    first, second, third = *ids(path), add_key(path), add_key(path)
    assert ids(path) == [third, second, first]
    assert path.read_text().endswith("\n")
    assert KeyRing.load(path).newest_id == third


def test_spaces_around_a_key_are_no_damage(path: Path) -> None:
    advice, key = path.read_text().splitlines()
    path.write_text(f"{advice}\n   \n  {key} \n")
    assert KeyRing.load(path).newest_id == key[:8]
    newest = add_key(path)
    assert ids(path) == [newest, key[:8]]
    (older,) = retire_keys(path, keep=frozenset(), to=path.with_name("retired"))
    assert older == key[:8]
    assert ids(path) == [newest]


def test_a_ring_that_cannot_be_replaced_stays_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: what was there is there, and nothing beside it."""
    beside: list[str] = []
    fsync = os.fsync

    def full(descriptor: int) -> None:
        if beside:
            return fsync(descriptor)
        beside.extend(entry.name for entry in path.parent.iterdir() if entry != path)
        raise OSError("No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        add_key(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring"]
    # The new one was written in the same folder, from where it can take the name at once.
    assert [name[:9] for name in beside] == [".keyring-"]
    monkeypatch.undo()
    add_key(path)  # and its folder is not left locked
    assert len(ids(path)) == 2


def test_older_keys_move_to_a_ring_of_their_own(path: Path) -> None:
    first, second, third, fourth = *ids(path), add_key(path), add_key(path), add_key(path)
    rings = KeyRing.load(path)
    sealed = rings.seal("words", bound_to=PLACE)
    retired = path.with_name("retired")
    gone = retire_keys(path, keep=frozenset({second}), to=retired)
    assert gone == [third, first]
    assert ids(path) == [fourth, second]
    assert path.read_text().startswith(f"# {ADVICE}\n{fourth}:")
    assert path.read_text().endswith("\n")
    assert ids(retired) == [third, first]
    assert retired.read_text().startswith(
        f"# Retired: opens backups from before, nothing newer.\n{third}:"
    )
    for file in (path, retired):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        KeyRing.load(file)
    assert KeyRing.load(path).open(sealed, bound_to=PLACE) == "words"


def test_the_newest_key_is_never_retired(path: Path) -> None:
    before = path.read_bytes()
    retired = path.with_name("retired")
    assert retire_keys(path, keep=frozenset(), to=retired) == []
    assert retire_keys(path, keep=frozenset(ids(path)), to=retired) == []
    assert (path.read_bytes(), retired.exists()) == (before, False)


def test_retired_keys_are_not_laid_over_another_file(path: Path) -> None:
    add_key(path)
    before = path.read_bytes()
    taken = path.with_name("taken")
    taken.write_text("something else")
    with pytest.raises(KeyRingError) as caught:
        retire_keys(path, keep=frozenset(), to=taken)
    assert str(caught.value) == f"{taken} is there already. Retired keys go to a new file."
    assert (path.read_bytes(), taken.read_text()) == (before, "something else")


def test_a_ring_behind_a_link_is_parted_where_it_lies(path: Path, tmp_path: Path) -> None:
    add_key(path)
    link = tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(path)
    assert len(retire_keys(link, keep=frozenset(), to=tmp_path / "retired")) == 1
    assert link.is_symlink()
    assert len(ids(path)) == 1


def test_what_is_no_file_is_said_to_be_unreadable(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError) as caught:
        KeyRing.load(tmp_path)
    assert str(caught.value) == f"The key ring {tmp_path} can't be read by this user."
    assert caught.value.__context__ is None
