"""Saving: never repeated, never laid over newer words, and nothing of it lost (W6, W12)."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.readers.guests import make_guest
from devotional.readers.models import Reader
from devotional.reflections.answers import Answer, Place, State, digest
from devotional.reflections.models import Operation, Reflection, Revision
from devotional.reflections.saving import save_reflections
from devotional.reflections.wordings import lost
from harness.actors import Browser
from harness.databases import SERVER

PLACE = Place("on-doors", "opening", "0" * 64)

type Save = Callable[..., State]


@pytest.fixture
def someone(key_ring: object, db: None) -> Reader:
    return make_guest()


def save(reader: Reader, text: str, based_on: int = 0, op: uuid.UUID | None = None) -> State:
    receipt = save_reflections(
        reader,
        place=PLACE,
        answers=[Answer("before", "Which door?", text, based_on)],
        op_id=op or uuid.uuid4(),
    )
    return receipt.outcomes[0].state


def current(reader: Reader) -> tuple[int, str]:
    one = Reflection.objects.by(reader).get()
    return one.version, one.text


def history(reader: Reader) -> list[tuple[str, str]]:
    return [(r.kind, r.text) for r in Revision.objects.by(reader).order_by("written_at", "version")]


def test_saves_count_versions(someone: Reader) -> None:
    assert save(someone, "one") is State.SAVED
    assert save(someone, "two", based_on=1) is State.SAVED
    assert current(someone) == (2, "two")


def test_the_same_words_again_do_nothing(someone: Reader) -> None:
    save(someone, "one")
    assert save(someone, "one", based_on=1) is State.UNCHANGED
    assert save(someone, "one", based_on=0) is State.UNCHANGED
    assert current(someone) == (1, "one")
    assert history(someone) == []


def test_a_replay_is_answered_and_not_repeated(someone: Reader) -> None:
    op = uuid.uuid4()
    answers = [Answer("before", "Which door?", "one")]
    first = save_reflections(someone, place=PLACE, answers=answers, op_id=op)
    save(someone, "two", based_on=1)
    again = save_reflections(someone, place=PLACE, answers=answers, op_id=op)
    assert again.replayed
    assert again.outcomes == first.outcomes
    assert current(someone) == (2, "two")
    assert history(someone) == [("earlier", "one")]


def test_an_operation_with_other_words_never_overwrites(someone: Reader) -> None:
    op = uuid.uuid4()
    save(someone, "one", op=op)
    assert save(someone, "other words", based_on=1, op=op) is State.CONFLICT
    assert current(someone) == (1, "one")
    assert history(someone) == [("conflict", "other words")]


def test_operations_are_forgotten_after_30_days_by_one_save_in_64(someone: Reader) -> None:
    save(someone, "First.", op=uuid.UUID(int=1))
    save(someone, "Second.", op=uuid.UUID(int=2))
    Operation.objects.filter(op_id=uuid.UUID(int=1)).update(
        done_at=timezone.now() - timedelta(days=31)
    )
    save(someone, "Third.", op=uuid.UUID(int=63))
    assert Operation.objects.count() == 3
    save(someone, "Fourth.", op=uuid.UUID(int=64))
    assert sorted(op.op_id.int for op in Operation.objects.all()) == [2, 63, 64]


def test_an_operation_id_is_one_reader_s_own(someone: Reader) -> None:
    op = uuid.uuid4()
    save(someone, "one", op=op)
    other = make_guest()
    assert save(other, "one", op=op) is State.SAVED
    assert Operation.objects.count() == 2


def test_a_stale_save_is_kept_beside_the_newer_words(someone: Reader) -> None:
    save(someone, "one")
    save(someone, "two, from the phone", based_on=1)
    assert save(someone, "two, from the laptop", based_on=1) is State.CONFLICT
    assert current(someone) == (2, "two, from the phone")
    assert ("conflict", "two, from the laptop") in history(someone)


def test_two_first_saves_meet_without_loss(someone: Reader) -> None:
    save(someone, "from the phone")
    assert save(someone, "from the laptop") is State.CONFLICT
    assert current(someone) == (1, "from the phone")
    assert history(someone) == [("conflict", "from the laptop")]


def test_the_same_conflict_twice_is_kept_once(someone: Reader) -> None:
    save(someone, "phone")
    save(someone, "laptop")
    save(someone, "laptop")
    assert history(someone) == [("conflict", "laptop")]


def test_one_stale_box_does_not_hold_back_the_other(someone: Reader) -> None:
    save(someone, "phone")
    receipt = save_reflections(
        someone,
        place=PLACE,
        answers=[Answer("before", "", "laptop"), Answer("closed", "", "the blue one")],
        op_id=uuid.uuid4(),
    )
    assert [outcome.state for outcome in receipt.outcomes] == [State.CONFLICT, State.SAVED]
    assert receipt.in_conflict == ("before",)


def test_clearing_a_box_leaves_the_words_in_the_history(someone: Reader) -> None:
    save(someone, "everything I had written")
    assert save(someone, "", based_on=1) is State.SAVED
    assert current(someone) == (2, "")
    assert history(someone) == [("earlier", "everything I had written")]


def test_an_empty_box_that_was_never_filled_makes_nothing(someone: Reader) -> None:
    assert save(someone, "") is State.EMPTY
    assert Reflection.objects.count() == 0


def test_typing_on_makes_no_revision_a_second(someone: Reader) -> None:
    text = ""
    for version, letter in enumerate("Breakthrough is gradual."):
        text += letter
        save(someone, text, based_on=version)
    assert history(someone) == []


def test_a_pause_makes_an_earlier_wording(someone: Reader) -> None:
    save(someone, "in the morning")
    Reflection.objects.update(written_at=timezone.now() - timedelta(minutes=11))
    save(someone, "in the morning and at noon", based_on=1)
    assert history(someone) == [("earlier", "in the morning")]


def test_words_unpicked_one_by_one_are_still_kept(someone: Reader) -> None:
    """Backspace held down for a while leaves the fullest wording in the history."""
    text = "a whole paragraph that someone deletes letter by letter"
    save(someone, text)
    version = 1
    while text:
        text = text[:-5]
        save(someone, text, based_on=version)
        version += 1
    assert history(someone) == [
        ("earlier", "a whole paragraph that someone deletes letter by letter")
    ]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("", "abc", 0),
        ("abc", "abcdef", 0),
        ("abc", "xabc", 0),
        ("abcdef", "abXdef", 1),
        ("abc", "", 3),
        ("aaaa", "aa", 2),
        ("the whole", "other", 9),
    ],
)
def test_how_much_an_edit_takes_away(before: str, after: str, count: int) -> None:
    assert lost(before, after) == count


def test_the_answer_names_the_hash_of_what_is_kept(someone: Reader) -> None:
    receipt = save_reflections(
        someone, place=PLACE, answers=[Answer("before", "", "שלום\n")], op_id=uuid.uuid4()
    )
    assert receipt.outcomes[0].digest == digest("שלום\n")


def test_nothing_of_the_words_is_in_the_database(
    someone: Reader, django_db_blocker: object
) -> None:
    """Every column of every row of ours, as text and as bytes (B5 in small)."""
    from django.apps import apps

    save(someone, "canary in the cage")
    save(someone, "another song entirely", based_on=1)
    save(someone, "canary that met another", based_on=1)
    assert current(someone) == (2, "another song entirely")
    assert len(history(someone)) == 2
    held = b"\n".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for model in apps.get_app_config("devotional").get_models()
        for row in model._default_manager.values_list()
        for value in row
    )
    assert b"Which door?" in held  # else the search would prove nothing
    for secret in (b"canary", b"song", digest("canary in the cage").encode()):
        assert secret not in held


def test_a_row_moved_to_another_reader_opens_for_nobody(someone: Reader) -> None:
    from devotional.lib.encryption import EncryptionError

    save(someone, "mine alone")
    thief = make_guest()
    Reflection.objects.update(reader=thief)
    with pytest.raises(EncryptionError):
        _ = Reflection.objects.get().text


def test_a_save_costs_few_queries(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sent = reader.fields("/reflect/on-doors/opening/panel/") | {"text-before": "Other words."}
    sent["op"] = str(uuid.UUID(int=1))  # one in 64 also forgets what is old
    turn = 1 if SERVER else 0  # the reader's turn, which SQLite need not ask for
    # One of them counts the space, as an earlier wording is kept.
    with django_assert_num_queries(9 + turn):
        assert reader.send("/reflect/on-doors/opening/", sent).status_code == 200
