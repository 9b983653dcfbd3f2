"""What was sealed before opens for ever, and what can't be opened is said in words to act on."""

import pickle
from pathlib import Path

import pytest

from devotional.lib.encryption import (
    EncryptionError,
    KeyRing,
    KeyRingError,
    Tampered,
    UnknownKey,
    check_value,
    ensure_key_ring,
)

PLACE = ("note", "reader-1", "row-1")

# A ring and what it sealed, written down when the form was decided. Whoever changes what a record
# is made of, or bound to, makes every row of every site unreadable: these stay as they are.
KEY = "5eed0001:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
TEXT = "A door is a wall that changed its mind. “née”"
RECORD = bytes.fromhex(
    "015eed0001f6a8ac3062cf4902917d717321e15b2255738e69119fafc0751290058ab6b71a94076af83f3a3fab83fa"
    "89b99b1e08f476fb93e9ffcad3b9e0402216608efbd5e9680dde90a5d501a3bb68c66a64"
)
CHECK = bytes.fromhex(
    "015eed0001b2ab0f0cd321bedf34dd01775028bbf11e5f11a6fe38dea071ee6fffb3df35e3bf5a96ef7929b5174d09"
    "609f2cb47760c13c81d03561b8531a9b611e76e6da01"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keyring"
    path.write_text(KEY)
    path.chmod(0o600)
    return path


@pytest.fixture
def ring(path: Path) -> KeyRing:
    return KeyRing.load(path)


def test_a_record_from_before_opens(ring: KeyRing) -> None:
    assert ring.open(RECORD, bound_to=PLACE) == TEXT


def test_the_check_value_of_before_still_knows_its_ring(ring: KeyRing) -> None:
    ring.verify_check_value(CHECK)


def test_the_header_by_which_a_database_finds_records_of_older_keys(ring: KeyRing) -> None:
    assert ring.newest_header == RECORD[:5]
    assert ring.ids == frozenset({"5eed0001"})


@pytest.mark.parametrize(
    ("sealed", "kind", "said"),
    [
        (b"", Tampered, "A sealed record is too short."),
        (RECORD[:32], Tampered, "A sealed record is too short."),
        (b"\x00" + RECORD[1:], Tampered, "A sealed record has version 0, not 1."),
        (
            RECORD[:-1] + b"\x00",
            Tampered,
            "A sealed record was altered, or is not where it was written.",
        ),
        (
            b"\x01\xab\xcd\x01\x23" + RECORD[5:],
            UnknownKey,
            "A record is sealed with key abcd0123, not on this key ring.",
        ),
    ],
)
def test_what_does_not_open_says_why(
    sealed: bytes, kind: type[EncryptionError], said: str, ring: KeyRing
) -> None:
    with pytest.raises(kind) as caught:
        ring.open(sealed, bound_to=PLACE)
    assert str(caught.value) == said


def test_the_shortest_record_is_of_no_text(ring: KeyRing) -> None:
    """33 bytes: one less is no record, whatever is in it."""
    shortest = ring.seal("", bound_to=PLACE)
    assert (len(shortest), ring.open(shortest, bound_to=PLACE)) == (33, "")


def test_what_can_not_be_sealed_says_why(ring: KeyRing) -> None:
    with pytest.raises(EncryptionError) as caught:
        ring.seal("\ud800", bound_to=PLACE)
    assert str(caught.value) == ("A text with a lone surrogate can't be sealed; replace it before.")
    with pytest.raises(ValueError, match=r"^A record must be bound to something\.$"):
        ring.seal(TEXT, bound_to=())
    with pytest.raises(TypeError) as refused:
        pickle.dumps(ring)
    assert str(refused.value) == (
        "A key ring is not to be pickled: its keys would be copied elsewhere."
    )


def test_a_wrong_ring_at_the_start_is_said_in_one_line(tmp_path: Path) -> None:
    other = tmp_path / "other"
    ensure_key_ring(other)
    with pytest.raises(KeyRingError) as caught:
        KeyRing.load(other).verify_check_value(CHECK)
    assert str(caught.value) == (
        f"The key ring {other} does not open what is stored here. "
        "Put back the key ring that belongs to this database."
    )


def test_a_ring_exchanged_while_it_is_in_use_is_said_in_one_line(ring: KeyRing, path: Path) -> None:
    path.unlink()
    ensure_key_ring(path)
    with pytest.raises(KeyRingError) as caught:
        ring.refresh()
    assert str(caught.value) == (
        f"The key ring {path} has changed and lacks the key in use. "
        "Put it back, or restart with the database that belongs to it."
    )
    assert ring.open(check_value(ring), bound_to=("key ring check",)) == (
        "The key ring opens what was written."
    )
