"""The key ring and the rows: proven at start, rotated without a word lost or moved (S6)."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from devotional.lib.encryption import (
    KeyRing,
    KeyRingError,
    Tampered,
    add_key,
    default_ring,
    ensure_key_ring,
)
from devotional.readers.guests import make_guest
from devotional.readers.sealed import SealedText
from devotional.reflections import keys
from devotional.reflections.models import KeyCheck, Reflection, Revision
from harness.actors import Browser

EARLIER = "The canary of the first reader."

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(reader: Browser, other_reader: Browser) -> dict[str, str]:
    """Rows of two readers, a revision among them: their texts by row."""
    reader.write("opening", closed="It was a garden door.")
    reader.write("opening", before="What stands now.")
    keys.prove_key_ring()
    return texts()


def all_rows() -> list[SealedText]:
    return [*Reflection.objects.all(), *Revision.objects.all()]


def texts() -> dict[str, str]:
    return {str(row): row.text for row in all_rows()}


def sealed() -> dict[str, bytes]:
    return {str(row): bytes(row.sealed) for row in all_rows()}


def key_ids() -> set[str]:
    return {default_ring().key_id_of(row.sealed) for row in all_rows()}


def rotate(*words: str) -> int:
    """Run the command; return its exit status."""
    try:
        call_command("rotate_keys", *words)
    except SystemExit as end:
        return int(str(end.code))
    return 0


def nothing(rotation: keys.Rotation) -> None:
    pass


# At start


def test_a_new_database_is_given_a_ring_and_a_check(tmp_path: Path, settings: Settings) -> None:
    settings.KEY_RING = tmp_path / "new"
    assert keys.prove_key_ring() is True
    assert keys.prove_key_ring() is False
    default_ring().verify_check_value(KeyCheck.objects.get().sealed)


def test_rows_alone_ask_for_their_ring(written: dict[str, str], key_ring: Path) -> None:
    KeyCheck.objects.all().delete()
    key_ring.unlink()
    with pytest.raises(KeyRingError, match="is missing"):
        keys.prove_key_ring()
    assert not key_ring.exists()


@pytest.mark.parametrize("revisions_only", [False, True])
def test_a_database_from_before_the_check_is_proven_on_its_rows(
    written: dict[str, str], tmp_path: Path, settings: Settings, revisions_only: bool
) -> None:
    KeyCheck.objects.all().delete()
    if revisions_only:
        Reflection.objects.update(sealed=b"damaged")
    right, settings.KEY_RING = settings.KEY_RING, tmp_path / "other"
    ensure_key_ring(settings.KEY_RING)
    with pytest.raises(KeyRingError, match="does not open what is stored here"):
        keys.prove_key_ring()
    assert not KeyCheck.objects.exists()

    settings.KEY_RING = right
    keys.prove_key_ring()
    default_ring().verify_check_value(KeyCheck.objects.get().sealed)


def test_a_later_start_only_reads(
    written: dict[str, str], django_assert_num_queries: Callable[[int], Any]
) -> None:
    """So a worker also starts while another process holds the write lock."""
    with django_assert_num_queries(1):
        keys.prove_key_ring()


# Rotation


def test_after_a_rotation_all_is_sealed_with_the_new_key_and_says_the_same(
    written: dict[str, str], key_ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (old,) = key_ids()
    before = sealed()
    assert rotate() == 0
    assert texts() == written
    assert key_ids() == {default_ring().newest_id} != {old}
    assert [key for key, value in sealed().items() if value == before[key]] == []
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"A new key is on the key ring {key_ring}. Keep a new copy of it.",
        f"{len(written)} rows sealed with the new key; none of an older key is left.",
        "The older keys stay on the ring, since backups from before need them. To move them to a"
        " file of their own: manage.py rotate_keys --retire FILE",
    ]
    assert said.err == ""


def test_the_check_is_of_the_new_key_before_the_first_row_is(
    written: dict[str, str], key_ring: Path, tmp_path: Path
) -> None:
    old = KeyRing.load(Path(shutil.copy(key_ring, tmp_path / "copy")))
    keys.begin_rotation()
    (check,) = KeyCheck.objects.all()
    default_ring().verify_check_value(check.sealed)
    with pytest.raises(KeyRingError, match="does not open"):
        old.verify_check_value(check.sealed)


def test_broken_off_between_batches_it_is_gone_on_with(
    written: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BATCH", 1)

    def break_off(rotation: keys.Rotation) -> None:
        if rotation.resealed == 2:
            raise KeyboardInterrupt

    keys.begin_rotation()
    with pytest.raises(KeyboardInterrupt):
        keys.reseal_rows(break_off)
    assert len(key_ids()) == 2
    assert texts() == written

    ring = default_ring().ids
    assert rotate("--resume") == 0
    assert default_ring().ids == ring
    assert key_ids() == {default_ring().newest_id}
    assert texts() == written


def test_broken_off_within_a_batch_nothing_of_the_batch_is_done(written: dict[str, str]) -> None:
    updates = 0

    def break_off(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal updates
        if sql.startswith("UPDATE"):
            updates += 1
            if updates == 2:
                raise KeyboardInterrupt
        return execute(sql, *rest)

    keys.begin_rotation()
    before = sealed()
    with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(break_off):
        keys.reseal_rows(nothing)
    assert sealed() == before
    assert keys.reseal_rows(nothing).resealed == len(written)
    assert texts() == written


def test_interrupted_by_hand_it_says_how_to_go_on(
    written: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "reflection" in sql:
            raise KeyboardInterrupt
        return execute(sql, *rest)

    with connection.execute_wrapper(interrupt):
        assert rotate() == 130
    assert capsys.readouterr().err == (
        "Interrupted. Nothing is lost. Go on with: manage.py rotate_keys --resume\n"
    )
    assert rotate("--resume") == 0
    assert len(default_ring().ids) == 2


def test_a_save_between_reading_and_replacing_goes_first(
    written: dict[str, str], reader: Browser
) -> None:
    keys.begin_rotation()
    (batch,) = keys.older_rows(Reflection)
    assert reader.write("opening", before="Written in between.").status_code == 200
    rotation = keys.Rotation()
    keys.reseal_batch(Reflection, batch, rotation)

    assert (rotation.resealed, rotation.overtaken) == (len(batch) - 1, 1)
    assert reader.texts()["before"] == "Written in between."


def test_a_row_of_the_old_key_that_appears_meanwhile_is_met_too(
    written: dict[str, str], key_ring: Path, tmp_path: Path
) -> None:
    """As by a process that sealed before the new key was there, and committed after it."""
    old = KeyRing.load(Path(shutil.copy(key_ring, tmp_path / "copy")))
    late = Revision.objects.get()
    late.id = UUID(int=0)  # first by id, and so behind where the walk is
    late.sealed = old.seal("Late.", bound_to=late.bound_to)

    def appear(rotation: keys.Rotation) -> None:
        if rotation.resealed == len(written):  # the last batch of the first round
            late.save(force_insert=True)

    keys.begin_rotation()
    assert keys.reseal_rows(appear).resealed == len(written) + 1
    assert key_ids() == {default_ring().newest_id}
    assert Revision.objects.get(pk=late.pk).text == "Late."


def test_what_cannot_be_opened_is_named_and_the_rest_goes_on(
    written: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    altered, foreign, *_ = Reflection.objects.order_by("pk")
    ensure_key_ring(tmp_path / "other")
    other = KeyRing.load(tmp_path / "other").seal("canary", bound_to=foreign.bound_to)
    record = bytes(altered.sealed)
    cut = record[:-1] + bytes([record[-1] ^ 1])
    Reflection.objects.filter(pk=altered.pk).update(sealed=cut)
    Reflection.objects.filter(pk=foreign.pk).update(sealed=other)

    assert rotate() == 1

    now = sealed()
    assert (now.pop(str(altered)), now.pop(str(foreign))) == (cut, other)
    assert {default_ring().key_id_of(record) for record in now.values()} == {
        default_ring().newest_id
    }
    assert capsys.readouterr().err.splitlines() == [
        *sorted(f"Can't be opened, so left as it was: {row}" for row in (altered, foreign)),
        "2 rows can't be opened with this key ring.",
    ]


def test_a_row_moved_before_a_rotation_is_not_made_at_home_by_it(written: dict[str, str]) -> None:
    mine, theirs = Reflection.objects.filter(prompt="before").order_by("reader__made_at")
    Reflection.objects.filter(pk=theirs.pk).update(sealed=mine.sealed)  # to another reader and row
    Revision.objects.update(reader=theirs.reader)
    assert rotate() == 1
    for moved in (Reflection.objects.get(pk=theirs.pk), Revision.objects.get()):
        with pytest.raises(Tampered):
            _ = moved.text


def test_a_row_moved_after_a_rotation_stays_shut(written: dict[str, str]) -> None:
    assert rotate() == 0
    mine, theirs = Reflection.objects.filter(prompt="before").order_by("reader__made_at")
    theirs.sealed = mine.sealed
    mine.reader = make_guest()
    for moved in (mine, theirs):
        with pytest.raises(Tampered):
            _ = moved.text


def test_every_table_of_sealed_texts_is_rotated() -> None:
    named = {model.__name__ for model in keys.sealed_models()}
    assert named == {"Reflection", "Revision", "Hinge", "Deleted", "Invitation", "Feed", "Share"}


# Retiring


def test_older_keys_are_moved_out_when_no_row_needs_them(
    written: dict[str, str], tmp_path: Path, key_ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (old,) = key_ids()
    backup = Revision.objects.get()
    assert rotate() == 0
    assert rotate("--retire", str(tmp_path / "retired")) == 0

    assert KeyRing.load(key_ring).ids == default_ring().ids == {default_ring().newest_id}
    assert texts() == written
    keys.prove_key_ring()
    # What left the ring is a ring of its own, for its owner alone, and opens what a backup holds.
    retired = KeyRing.load(tmp_path / "retired")
    assert retired.ids == {old}
    assert retired.open(backup.sealed, bound_to=backup.bound_to) == EARLIER
    assert f"1 key moved to {tmp_path / 'retired'}." in capsys.readouterr().out
    assert rotate("--retire", str(tmp_path / "again")) == 0
    assert not (tmp_path / "again").exists()


def test_a_key_that_a_row_needs_stays(
    written: dict[str, str], tmp_path: Path, key_ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_key(key_ring)
    before = key_ring.read_text()
    assert rotate("--retire", str(tmp_path / "retired")) == 1
    assert capsys.readouterr().err == (
        f"{len(written)} rows are still sealed with an older key. "
        "Run: manage.py rotate_keys --resume\n"
    )
    assert key_ring.read_text() == before
    assert not (tmp_path / "retired").exists()


def test_retired_keys_go_to_a_new_file_outside_of_the_data(
    written: dict[str, str], tmp_path: Path, key_ring: Path, settings: Settings
) -> None:
    assert rotate() == 0
    before = key_ring.read_text()
    (tmp_path / "taken").write_text("something else")
    assert rotate("--retire", str(tmp_path / "taken")) == 1
    assert rotate("--retire", str(settings.DATA / "retired")) == 1
    assert key_ring.read_text() == before
    assert (tmp_path / "taken").read_text() == "something else"
    assert not (settings.DATA / "retired").exists()
