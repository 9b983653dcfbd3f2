"""Names within what is sealed, hashed and signed: with another one, rows and links open nothing.

Every value was made by commit b6f588b with the same input. Who renames or moves a function changes
how it is asked here, and never what it must answer. What a key ring is proven by, and the form of a
sealed record, are held by `tests/lib/test_encryption_form.py`; a section's digest by
`tests/content/test_reading.py`; the ids of a group's meetings by `tests/upgrade/test_b6f588b.py`.
"""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pytest_django import Settings

from devotional.content.ids import free, slug
from devotional.content.library import Prompt
from devotional.groups import feeds, invitations
from devotional.groups.joining import guest_of
from devotional.groups.models import Feed, Invitation, Share
from devotional.groups.tokens import digest_of
from devotional.journal.ask_again import Interval, entry_id
from devotional.journal.models import Deleted, Hinge
from devotional.readers.consent import version_of
from devotional.readers.guests import mark_of_id, token_digest
from devotional.readers.limits import cache_key, may_try
from devotional.readers.models import Attempts
from devotional.readers.return_codes import digest_of as digest_of_code
from devotional.reflections.answers import Answer, Choice, Place, fingerprint
from devotional.reflections.forms import signed_questions
from devotional.reflections.keys import sealed_models
from devotional.reflections.models import Reflection, Revision

READER = uuid.UUID("77ab1c2d-3e4f-4a5b-8c6d-9e0f1a2b3c4d")
ROW = uuid.UUID("0b5c2d6e-8f1a-4c3b-9d2e-7a6b5c4d3e2f")
OWN = (str(READER), str(ROW))
BOUND = [
    (Reflection(id=ROW, reader_id=READER), ("reflection", *OWN)),
    (Revision(id=ROW, reader_id=READER), ("revision", *OWN)),
    (Hinge(id=ROW, reader_id=READER), ("hinge", *OWN)),
    (Deleted(id=ROW, reader_id=READER), ("deleted", *OWN)),
    (Share(id=ROW, reader_id=READER), ("share", *OWN)),
    (Invitation(id=ROW), ("invitation", str(ROW))),
    (Feed(id=ROW), ("feed", str(ROW))),
]
# By the same secret key, at b6f588b.
QUESTIONS = (
    "WyIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwIix7"
    "ImJlZm9yZSI6IldoaWNoIGRvb3I_In1d:1xY9bc:fNgG0xjyz2Tsw6vApKlnG_hE96OZsSAu0pL-JubMTWQ"
)


@pytest.fixture(autouse=True)
def _same_secret(settings: Settings) -> None:
    settings.SECRET_KEY = "a key that is not secret: 0123456789 abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(("row", "name"), BOUND)
def test_what_a_sealed_row_is_bound_to(row: Reflection, name: tuple[str, ...]) -> None:
    assert row.bound_to == name


def test_each_kind_of_sealed_row_is_here() -> None:
    assert {type(row) for row, _name in BOUND} == {*sealed_models()}


def test_each_kind_says_its_name_itself() -> None:
    assert [model for model in sealed_models() if "BOUND_NAME" not in vars(model)] == []


HASHES: dict[str, tuple[Callable[[], str], str]] = {
    "the cookie of a reader": (
        lambda: token_digest("a token"),
        "e3316e2bafebb6103a3418e8778c0adc960d40213a03a7e7f4fcd3426ed807bf",
    ),
    "the public name of a reader": (lambda: mark_of_id(ROW), "7378768b0bfcbbc72ec38177"),
    "a return code": (
        lambda: digest_of_code("7QKP3V0000000000000AB"),
        "e34ab3e0bcfa1648606f779f9d5e9d13dea6b3ab561e7f51c377ff5af6c6b618",
    ),
    "an invitation": (
        lambda: digest_of("a token", purpose=invitations.PURPOSE),
        "2caa939745a396eb1cf427206c29d88204c7a76389cd144a85a59a14716205d3",
    ),
    "a calendar": (
        lambda: digest_of("a token", purpose=feeds.PURPOSE),
        "f3646db486c1858101af33eb80e6d5a159a5e07f334e425b01370f29ca3a229c",
    ),
    "an attempt at signing in": (
        lambda: cache_key("a key", "a prefix", 1),
        "a prefix:1:b663f514d33cf7dc1a8a30039efac9df701d3bbf06822013807b98e43b0413cd",
    ),
    "the sentence that was agreed to": (
        lambda: version_of("Sam at the chapel"),
        "96a0da0da0629127",
    ),
    "an entry of “Ask me again”": (
        lambda: entry_id("on-doors", "opening", Interval.MONTH, date(2026, 1, 31)),
        "d03446bd-2e9b-56c5-9423-140c2d208756@devotional",
    ),
}


@pytest.mark.parametrize("what", HASHES)
def test_what_is_looked_for_by_a_hash(what: str) -> None:
    made, kept = HASHES[what]
    assert made() == kept


@pytest.mark.django_db
def test_an_attempt_is_counted_under_its_hash() -> None:
    may_try("return code", "192.0.2.7", times=5, within=timedelta(hours=1))
    kept = "ca31daf8bd4b7c930ac1a73686e7bad9284e5d7806507adee443f905d6689b66"
    assert [row.pk for row in Attempts.objects.all()] == [kept]


@pytest.mark.django_db
def test_whoever_joined_by_a_form_is_found_by_it() -> None:
    assert str(guest_of(ROW, address="").pk) == "610d2462-32cf-4e62-975d-fb4ebcfec676"


def test_a_save_is_known_again_by_its_fingerprint() -> None:
    place = Place("on-doors", "opening", "0" * 64, reading=2)
    answers = [
        Answer("before", "Which door?", "A door.", 3, Choice.MINE),
        Answer("closed", "Which one?", ""),
    ]
    kept = "7221cebefb6ce1cc2b559e1e34722341131425d194e11b11eb006d8a62795e7a"
    assert fingerprint(ROW, place, answers) == kept


def test_questions_that_were_signed_are_read() -> None:
    found = signed_questions(QUESTIONS, devotional_id="on-doors", section_id="opening")
    assert found == ("0" * 64, (Prompt(id="before", words="Which door?"),))


def test_the_ids_that_are_made_of_words() -> None:
    """Answers belong to them, so the same words always make the same id."""
    assert slug("God’s light – così") == "gods-light-cosi"
    assert slug("Ein Weg, größer als gedacht") == "ein-weg-groer-als-gedacht"
    assert slug("x" * 30 + " " + "y" * 40) == "x" * 30
    assert free("a", {"a": 1, "a-2": 1}) == "a-3"
