"""What is sealed opens for its own reader and row, with its own key, and for nothing else."""

import multiprocessing
import os
import pickle
import shutil
import stat
import threading
import traceback
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from devotional.lib.encryption import (
    EncryptionError,
    KeyRing,
    KeyRingError,
    Tampered,
    UnknownKey,
    add_key,
    check_value,
    default_ring,
    ensure_key_ring,
)
from harness.waiting import PATIENCE

PLACE = ("note", "reader-1", "row-1")
CANARY = "A canary that sings to nobody else."

texts = st.text(st.characters(codec="utf-8"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ensure_key_ring(tmp_path / "keyring")
    return tmp_path / "keyring"


@pytest.fixture
def ring(path: Path) -> KeyRing:
    return KeyRing.load(path)


@pytest.fixture(scope="module")
def lasting_ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """For hypothesis, which runs one test many times."""
    path = tmp_path_factory.mktemp("ring") / "keyring"
    ensure_key_ring(path)
    return KeyRing.load(path)


def key_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]


# Records


@hypothesis.settings(deadline=None)  # a busy machine is no failure
@given(text=texts, place=st.lists(texts, min_size=1, max_size=4))
def test_any_text_opens_as_it_was_sealed(
    lasting_ring: KeyRing, text: str, place: list[str]
) -> None:
    sealed = lasting_ring.seal(text, bound_to=tuple(place))
    assert lasting_ring.open(sealed, bound_to=tuple(place)) == text


@pytest.mark.parametrize(
    "text",
    ["", "👩‍👩‍👧‍👦 “née” — …", "\u202eright to left\u202c", "\x00\r\n \u2028 ", "ש" * 100_000],
)
def test_awkward_texts_open_as_they_were_sealed(ring: KeyRing, text: str) -> None:
    assert ring.open(ring.seal(text, bound_to=PLACE), bound_to=PLACE) == text


def test_a_record_is_as_long_as_its_text_and_33_bytes(ring: KeyRing) -> None:
    sealed = ring.seal("twelve bytes", bound_to=PLACE)
    assert len(sealed) == 12 + 33
    assert sealed[0] == 1
    assert sealed[1:5].hex() == ring.newest_id == ring.key_id_of(sealed)


def test_the_same_text_is_sealed_differently_each_time(ring: KeyRing) -> None:
    assert len({ring.seal(CANARY, bound_to=PLACE) for _ in range(100)}) == 100


def test_a_memoryview_opens_too(ring: KeyRing) -> None:
    """Some databases hand binary columns out as one."""
    assert ring.open(memoryview(ring.seal(CANARY, bound_to=PLACE)), bound_to=PLACE) == CANARY


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("note", "reader-2", "row-1"),
        ("note", "reader-1", "row-2"),
        ("share", "reader-1", "row-1"),
        ("note", "reader-1"),
        ("note", "reader-1", "row-1", ""),
        ("note", "reader-1row-1", ""),
        ("", "notereader-1row-1"),
        ("notereader-1row-1",),
    ],
)
def test_a_record_moved_elsewhere_stays_shut(ring: KeyRing, elsewhere: tuple[str, ...]) -> None:
    sealed = ring.seal(CANARY, bound_to=PLACE)
    with pytest.raises(Tampered):
        ring.open(sealed, bound_to=elsewhere)


@hypothesis.settings(deadline=None)
@given(first=st.lists(texts, min_size=1, max_size=4), second=st.lists(texts, min_size=1))
def test_a_record_opens_in_its_place_only(
    lasting_ring: KeyRing, first: list[str], second: list[str]
) -> None:
    sealed = lasting_ring.seal(CANARY, bound_to=tuple(first))
    if first != second:
        with pytest.raises(Tampered):
            lasting_ring.open(sealed, bound_to=tuple(second))


def test_a_record_must_be_bound_to_something(ring: KeyRing) -> None:
    with pytest.raises(ValueError, match="bound to something"):
        ring.seal(CANARY, bound_to=())


def test_a_flipped_bit_anywhere_is_noticed(ring: KeyRing) -> None:
    sealed = ring.seal("short", bound_to=PLACE)
    for bit in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(UnknownKey if 1 <= bit // 8 < 5 else Tampered):
            ring.open(bytes(altered), bound_to=PLACE)


def test_a_record_cut_short_or_made_longer_is_noticed(ring: KeyRing) -> None:
    sealed = ring.seal("short", bound_to=PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Tampered):
            ring.open(sealed[:length], bound_to=PLACE)
    with pytest.raises(Tampered):
        ring.open(sealed + b"\0", bound_to=PLACE)


def test_a_version_from_the_future_is_refused(ring: KeyRing) -> None:
    later = b"\x02" + ring.seal(CANARY, bound_to=PLACE)[1:]
    with pytest.raises(Tampered, match=r"^A sealed record has version 2, not 1\.$"):
        ring.open(later, bound_to=PLACE)
    with pytest.raises(Tampered):
        ring.key_id_of(later)


def test_a_record_passed_off_under_another_key_of_the_ring_is_noticed(
    ring: KeyRing, path: Path
) -> None:
    sealed = ring.seal(CANARY, bound_to=PLACE)
    newest = add_key(path)
    with pytest.raises(Tampered):
        ring.open(sealed[:1] + bytes.fromhex(newest) + sealed[5:], bound_to=PLACE)


def test_another_ring_does_not_open_it(ring: KeyRing, tmp_path: Path) -> None:
    ensure_key_ring(tmp_path / "other")
    sealed = ring.seal(CANARY, bound_to=PLACE)
    with pytest.raises(UnknownKey):
        KeyRing.load(tmp_path / "other").open(sealed, bound_to=PLACE)


def test_another_key_under_the_same_id_does_not_open_it(ring: KeyRing, tmp_path: Path) -> None:
    other = tmp_path / "other"
    ensure_key_ring(other)
    other.write_text(f"{ring.newest_id}:{key_lines(other)[0].partition(':')[2]}\n")
    with pytest.raises(Tampered):
        KeyRing.load(other).open(ring.seal(CANARY, bound_to=PLACE), bound_to=PLACE)


def test_a_lone_surrogate_is_refused_without_carrying_the_text(ring: KeyRing) -> None:
    with pytest.raises(EncryptionError) as caught:
        ring.seal(CANARY + "\ud800", bound_to=PLACE)
    assert caught.value.__context__ is None
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_nothing_that_is_printed_holds_a_text_or_a_key(ring: KeyRing, path: Path) -> None:
    key = key_lines(path)[0].partition(":")[2]
    sealed = ring.seal(CANARY, bound_to=PLACE)
    said = [repr(ring), str(ring), f"{vars(ring)}"]
    other_end = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for altered in (other_end, b"\x01abcd" + sealed[5:], b"", b"\x07" + sealed[1:]):
        with pytest.raises(EncryptionError) as caught:
            ring.open(altered, bound_to=PLACE)
        said += [str(caught.value), repr(caught.value)]
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    assert repr(ring) == f"<KeyRing of 1, newest {ring.newest_id}>"
    assert [words for words in said if CANARY in words or key in words] == []


def test_a_ring_is_not_pickled(ring: KeyRing) -> None:
    with pytest.raises(TypeError, match="not to be pickled"):
        pickle.dumps(ring)


# Rotation and merging


def test_after_rotation_old_records_open_and_new_ones_take_the_new_key(
    ring: KeyRing, path: Path
) -> None:
    old = ring.seal(CANARY, bound_to=PLACE)
    first, newest = ring.newest_id, add_key(path)
    rotated = KeyRing.load(path)
    assert rotated.newest_id == newest != first
    assert [line[:8] for line in key_lines(path)] == [newest, first]
    assert (rotated.key_id_of(old), rotated.is_current(old)) == (first, False)
    assert rotated.open(old, bound_to=PLACE) == CANARY
    new = rotated.reseal(old, bound_to=PLACE)
    assert (rotated.key_id_of(new), rotated.is_current(new)) == (newest, True)
    assert rotated.open(new, bound_to=PLACE) == CANARY


def test_a_merge_binds_a_record_to_its_new_reader_only(ring: KeyRing) -> None:
    theirs = ("note", "reader-2", "row-1")
    moved = ring.reseal(ring.seal(CANARY, bound_to=PLACE), bound_to=PLACE, newly_bound_to=theirs)
    assert ring.open(moved, bound_to=theirs) == CANARY
    with pytest.raises(Tampered):
        ring.open(moved, bound_to=PLACE)
    with pytest.raises(Tampered):
        ring.reseal(moved, bound_to=PLACE, newly_bound_to=PLACE)


def test_a_ring_at_hand_opens_what_a_newer_key_has_sealed(ring: KeyRing, path: Path) -> None:
    """Another worker adds a key and seals with it, while this one holds the ring it loaded."""
    add_key(path)
    sealed = KeyRing.load(path).seal(CANARY, bound_to=PLACE)
    assert ring.is_current(sealed) is False
    assert ring.open(sealed, bound_to=PLACE) == CANARY
    assert ring.is_current(sealed) is True


def test_a_changed_file_without_the_key_in_use_is_refused(ring: KeyRing, path: Path) -> None:
    sealed = ring.seal(CANARY, bound_to=PLACE)
    path.unlink()
    ensure_key_ring(path)
    with pytest.raises(KeyRingError, match="lacks the key in use"):
        ring.refresh()
    assert ring.open(sealed, bound_to=PLACE) == CANARY


def test_an_old_key_may_leave_the_ring(path: Path) -> None:
    add_key(path)
    ring = KeyRing.load(path)
    path.write_text(key_lines(path)[0] + "\n")
    assert ring.refresh() is True
    assert ring.refresh() is False
    assert repr(ring) == f"<KeyRing of 1, newest {ring.newest_id}>"


# The check at start


def test_the_check_value_knows_its_ring(ring: KeyRing, path: Path, tmp_path: Path) -> None:
    stored = check_value(ring)
    ring.verify_check_value(stored)
    add_key(path)
    KeyRing.load(path).verify_check_value(stored)
    ensure_key_ring(tmp_path / "other")
    other = KeyRing.load(tmp_path / "other")
    for wrong in (stored, b"", other.seal("Other words.", bound_to=("key ring check",))):
        with pytest.raises(KeyRingError, match="does not open what is stored here"):
            other.verify_check_value(wrong)


def test_a_ring_from_before_a_rotation_fails_the_new_check(
    ring: KeyRing, path: Path, tmp_path: Path
) -> None:
    shutil.copy(path, tmp_path / "copy")
    add_key(path)
    stored = check_value(KeyRing.load(path))
    with pytest.raises(KeyRingError):
        KeyRing.load(tmp_path / "copy").verify_check_value(stored)


# The ring of the process


def test_the_default_ring_is_read_once_and_again_when_it_changed(
    path: Path, settings: Settings
) -> None:
    settings.KEY_RING = path
    ring = default_ring()
    sealed = ring.seal(CANARY, bound_to=PLACE)
    assert default_ring() is ring
    newest = add_key(path)
    assert default_ring() is ring
    assert ring.newest_id == newest
    assert ring.open(sealed, bound_to=PLACE) == CANARY


def test_each_path_has_its_own_default_ring(path: Path, tmp_path: Path, settings: Settings) -> None:
    ensure_key_ring(tmp_path / "other")
    settings.KEY_RING = path
    first = default_ring().newest_id
    settings.KEY_RING = str(tmp_path / "other")
    assert default_ring().newest_id != first


def test_a_ring_that_vanishes_is_noticed_before_more_is_sealed(
    path: Path, settings: Settings
) -> None:
    settings.KEY_RING = path
    default_ring()
    path.unlink()
    with pytest.raises(KeyRingError, match="is not there"):
        default_ring()


def test_threads_see_a_new_key_without_a_failure(path: Path, settings: Settings) -> None:
    settings.KEY_RING = path
    stop = threading.Event()
    failures: list[EncryptionError] = []

    def work() -> None:
        while not stop.is_set():
            try:
                sealed = default_ring().seal(CANARY, bound_to=PLACE)
                assert default_ring().open(sealed, bound_to=PLACE) == CANARY
            except EncryptionError as failure:
                failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        newest = add_key(path)
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []
    assert default_ring().newest_id == newest


# The file


def test_the_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "keyring"
    assert ensure_key_ring(path) is True
    first = path.read_bytes()
    assert ensure_key_ring(path) is False
    assert path.read_bytes() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring"]


def test_the_file_says_what_it_is_for(path: Path) -> None:
    assert path.read_text().splitlines()[0] == (
        "# Without this file nothing written can be read. Keep a copy apart from the backups."
    )
    add_key(path)
    assert path.read_text().startswith("# Without this file nothing written can be read.")


def _make(path: Path, start: str) -> tuple[bool, str]:
    while not Path(start).exists():
        pass
    return ensure_key_ring(path), KeyRing.load(path).newest_id


def test_of_processes_that_start_together_one_makes_the_ring(tmp_path: Path) -> None:
    start = tmp_path / "start"
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        for attempt in range(10):
            path = tmp_path / f"ring-{attempt}"
            waiting = pool.starmap_async(_make, [(path, str(start))] * 4)
            start.touch()
            made = waiting.get(PATIENCE)
            start.unlink()
            assert sorted(was_made for was_made, _ in made) == [False, False, False, True]
            assert len({key_id for _, key_id in made}) == 1
        pool.close()
        pool.join()


def test_keys_added_at_once_are_all_kept(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        added = pool.map_async(add_key, [path] * 40, chunksize=1).get(PATIENCE)
        pool.close()
        pool.join()
    assert {line[:8] for line in key_lines(path)[:-1]} == set(added)
    assert len(key_lines(path)) == 41


def test_a_new_key_keeps_mode_comments_and_a_link(path: Path, tmp_path: Path) -> None:
    path.write_text("# ours\n\n" + path.read_text())
    link = tmp_path / "link"
    link.symlink_to(path)
    add_key(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines()
    assert lines[:2] == ["# ours", ""]
    assert len(KeyRing.load(link).seal("", bound_to=PLACE)) == 33
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["keyring", "link"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_root_rotates_for_the_user_that_serves(path: Path) -> None:
    os.chown(path, 12345, 12345)
    add_key(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12345)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620])
def test_a_ring_open_to_others_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(KeyRingError) as caught:
        KeyRing.load(path)
    assert str(caught.value) == f"The key ring {path} is open to other users. Run: chmod 600 {path}"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "holds no key."),
        ("# only words\n", "holds no key."),
        ("not a key\n", "is damaged in line 1."),
        ("{line}\n{line}\n", "is damaged in line 2."),
        ("{line}\nabcd0123:c2hvcnQ=\n", "is damaged in line 2."),
        ("{line}\nabcd012\n", "is damaged in line 2."),
        ("{line}\n\xff\n", "is damaged in line 2."),
    ],
)
def test_a_damaged_ring_is_refused_by_line(path: Path, content: str, complaint: str) -> None:
    line = key_lines(path)[0]
    path.write_text(content.replace("{line}", line), encoding="latin-1")
    with pytest.raises(KeyRingError) as caught:
        KeyRing.load(path)
    assert str(caught.value) == f"The key ring {path} {complaint}"
    assert caught.value.__context__ is None


def test_a_ring_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError) as caught:
        KeyRing.load(tmp_path / "keyring")
    assert str(caught.value) == (
        f"The key ring {tmp_path / 'keyring'} is not there. "
        "Without this file nothing written can be read. Keep a copy apart from the backups."
    )
