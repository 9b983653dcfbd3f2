"""Each answer goes into its own box, over the version it was written over, and says what it did."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devotional.readers.guests import make_guest
from devotional.readers.models import Reader
from devotional.reflections.answers import (
    LIMIT,
    Answer,
    Choice,
    Outcome,
    Place,
    Receipt,
    State,
    digest,
)
from devotional.reflections.models import Reading, Reflection, Revision
from devotional.reflections.saving import reading_for, save_reflections, write_over

PLACE = Place("on-doors", "opening", "0" * 64)


@pytest.fixture
def someone(key_ring: object, db: None) -> Reader:
    return make_guest()


def send(
    reader: Reader, *answers: Answer, place: Place = PLACE, op: uuid.UUID | None = None
) -> Receipt:
    return save_reflections(reader, place=place, answers=list(answers), op_id=op or uuid.uuid4())


def answer(text: str, based_on: int = 0, *, prompt: str = "before") -> Answer:
    return Answer(prompt, "Which door?", text, based_on)


def save(reader: Reader, text: str, based_on: int = 0, *, place: Place = PLACE) -> Outcome:
    return send(reader, answer(text, based_on), place=place).outcomes[0]


def one(reader: Reader) -> Reflection:
    return Reflection.objects.by(reader).get()


def history(reader: Reader) -> list[tuple[str, str]]:
    rows = Revision.objects.by(reader).order_by("written_at", "version")
    return [(row.kind, row.text) for row in rows]


def standing(reader: Reader) -> dict[tuple[str, int, str, str], str]:
    rows = Reflection.objects.by(reader).select_related("reading")
    return {
        (row.reading.devotional, row.reading.number, row.section, row.prompt): row.text
        for row in rows
    }


# Where an answer goes


def test_the_same_prompt_elsewhere_is_another_box(someone: Reader) -> None:
    """In another section, another devotional, another reading, and by another reader."""
    places = {
        "here": PLACE,
        "section": replace(PLACE, section="hinges"),
        "devotional": replace(PLACE, devotional="on-windows"),
    }
    for words, place in places.items():
        assert save(someone, words, place=place).state is State.SAVED
    Reading.objects.create(reader=someone, devotional="on-doors", number=2, begun_at=timezone.now())
    assert save(someone, "reading", place=replace(PLACE, reading=2)).state is State.SAVED
    other = make_guest()
    assert save(other, "other").state is State.SAVED
    assert standing(someone) == {
        ("on-doors", 1, "opening", "before"): "here",
        ("on-doors", 1, "hinges", "before"): "section",
        ("on-windows", 1, "opening", "before"): "devotional",
        ("on-doors", 2, "opening", "before"): "reading",
    }
    assert standing(other) == {("on-doors", 1, "opening", "before"): "other"}


def test_a_box_of_a_reading_that_was_undone_is_the_newest_one_before(someone: Reader) -> None:
    """A page names reading 3, which is gone: what it sends meets what stands in reading 2."""
    for number in (1, 2):
        Reading.objects.create(
            reader=someone, devotional="on-doors", number=number, begun_at=timezone.now()
        )
    Reading.objects.create(
        reader=someone, devotional="on-windows", number=3, begun_at=timezone.now()
    )
    save(someone, "second", place=replace(PLACE, reading=2))
    named = replace(PLACE, reading=3)
    assert reading_for(someone, named).number == 2
    assert save(someone, "third", place=named).state is State.CONFLICT
    assert send(someone, answer("fourth", prompt="closed"), place=named).outcomes[0].version == 1
    assert standing(someone) == {
        ("on-doors", 2, "opening", "before"): "second",
        ("on-doors", 2, "opening", "closed"): "fourth",
    }
    assert history(someone) == [("conflict", "third")]
    # Nor is one taken that was begun after the one that is named.
    assert save(someone, "first", place=PLACE).state is State.SAVED
    assert standing(someone)["on-doors", 1, "opening", "before"] == "first"


def test_what_is_kept_of_an_answer(someone: Reader) -> None:
    before = timezone.now()
    saved = save(someone, "one", place=replace(PLACE, section_digest="1" * 64))
    row = one(someone)
    assert (row.asked, row.section_digest, row.version) == ("Which door?", "1" * 64, 1)
    assert before <= row.begun_at == row.written_at <= timezone.now()
    assert saved == Outcome(
        "before", State.SAVED, 1, row.written_at.isoformat(), digest("one"), None, False
    )
    assert not row.has_met_another

    begun_at = row.begun_at
    asked_anew = Answer("before", "Which gate?", "one and two", 1)
    Reflection.objects.update(has_met_another=True)
    saved = send(someone, asked_anew, place=replace(PLACE, section_digest="2" * 64)).outcomes[0]
    row = one(someone)
    assert (row.asked, row.section_digest, row.version) == ("Which gate?", "2" * 64, 2)
    assert row.begun_at == begun_at < row.written_at
    assert not row.has_met_another
    assert saved == Outcome(
        "before", State.SAVED, 2, row.written_at.isoformat(), digest("one and two"), None, False
    )


def test_words_over_some_that_were_deleted_are_newer_than_those(someone: Reader) -> None:
    assert save(someone, "again", based_on=4).version == 5
    assert save(someone, "and more", based_on=5).version == 6


def test_words_that_were_deleted_are_not_written_again_untouched(someone: Reader) -> None:
    """A form without a script sends what stood in it; only words of a form for nothing are new."""
    sent = replace(answer("deleted since", 3), is_untouched=True)
    assert send(someone, sent).outcomes == (
        Outcome("before", State.EMPTY, 0, None, digest(""), None, False),
    )
    assert Reflection.objects.count() == 0
    assert send(someone, replace(sent, based_on=0)).outcomes[0].state is State.SAVED


# Again, and late


def test_a_conflict_that_is_sent_again_is_answered_and_not_repeated(someone: Reader) -> None:
    save(someone, "phone")
    op = uuid.uuid4()
    first = send(someone, answer("laptop"), op=op)
    assert first.outcomes[0].standing == "phone"
    save(someone, "phone, later", based_on=1)
    again = send(someone, answer("laptop"), op=op)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.outcomes[0].state is State.CONFLICT
    assert again.outcomes[0].standing == "phone, later"
    assert history(someone).count(("conflict", "laptop")) == 1


def test_an_untouched_box_brings_the_words_that_stand_and_lays_nothing_aside(
    someone: Reader,
) -> None:
    save(someone, "phone")
    save(someone, "phone, later", based_on=1)
    late = replace(answer("phone", 1), is_untouched=True)
    outcome = send(someone, late).outcomes[0]
    assert (outcome.state, outcome.version) == (State.UNCHANGED, 2)
    assert (outcome.standing, outcome.digest) == ("phone, later", digest("phone, later"))
    assert history(someone) == []
    # Over what stands it is an answer like any other: the words were made by another form.
    same = replace(answer("phone, later and later", 2), is_untouched=True)
    assert send(someone, same).outcomes[0].state is State.SAVED


def test_a_stale_box_that_is_empty_is_told_of_what_stands_and_leaves_nothing(
    someone: Reader,
) -> None:
    save(someone, "phone")
    for text in ("", " \n"):
        outcome = save(someone, text)
        assert (outcome.state, outcome.standing) == (State.CONFLICT, "phone")
    assert history(someone) == []
    assert not one(someone).has_met_another


def test_a_conflict_is_marked_on_what_stands_alone(someone: Reader) -> None:
    save(someone, "phone")
    send(someone, answer("beside it", prompt="closed"))
    send(someone, Answer("before", "Which gate?", "laptop"))
    met = Reflection.objects.by(someone).filter(has_met_another=True)
    assert [row.prompt for row in met] == ["before"]
    (kept,) = Revision.objects.by(someone)
    assert (kept.text, kept.version, kept.asked) == ("laptop", 1, "Which gate?")


def test_words_that_do_not_open_are_not_replaced(someone: Reader) -> None:
    save(someone, "one")
    Reflection.objects.update(sealed=b"\x01" + b"0" * 60)
    outcome = save(someone, "two", based_on=1)
    assert (outcome.state, outcome.version, outcome.standing) == (State.SHUT, 1, None)
    assert bytes(one(someone).sealed) == b"\x01" + b"0" * 60
    assert history(someone) == [("conflict", "two")]


def test_over_another_version_nothing_is_written(someone: Reader) -> None:
    """The last look before the words are replaced: at the row, its reader and its version."""
    save(someone, "one")
    seen = one(someone)
    save(someone, "two", based_on=1)
    assert write_over(seen, answer("late"), PLACE, timezone.now()) is False
    moved = one(someone)
    moved.reader = make_guest()
    assert write_over(moved, answer("of another"), PLACE, timezone.now()) is False
    assert one(someone).text == "two"
    current = one(someone)
    send(someone, answer("beside it", 1, prompt="closed"))  # of the same version as the other
    assert write_over(current, answer("three"), PLACE, timezone.now()) is True
    assert sorted(standing(someone).values()) == ["beside it", "three"]
    assert (current.version, current.text) == (3, "three")


# Clearing, and choosing between two texts


@pytest.mark.parametrize(
    ("before", "after", "cleared"),
    [("words", "", True), ("words", " \n", True), (" ", "", False), ("words", "wo", False)],
)
def test_words_that_were_taken_away_can_be_asked_back(
    before: str, after: str, cleared: bool, someone: Reader
) -> None:
    save(someone, before)
    assert save(someone, after, based_on=1).cleared is cleared


def test_what_is_kept_while_typing_on_is_kept_once(someone: Reader) -> None:
    """A revision notes when its words were written, and so does what stands now."""
    save(someone, "in the morning")
    Reflection.objects.update(written_at=timezone.now() - timedelta(minutes=11))
    written_at = one(someone).written_at
    save(someone, "in the morning and at noon", based_on=1)
    assert one(someone).kept_at == written_at
    (kept,) = Revision.objects.by(someone)
    assert (kept.text, kept.version, kept.written_at) == ("in the morning", 1, written_at)
    assert kept.kind == Revision.Kind.EARLIER


def chosen(
    reader: Reader, choice: Choice, text: str, based_on: int, op: uuid.UUID | None = None
) -> Outcome:
    return send(reader, replace(answer(text, based_on), choice=choice), op=op).outcomes[0]


def test_keeping_ones_own_keeps_the_other_in_the_history(someone: Reader) -> None:
    """However little the two differ: whoever chose may still want the other one back."""
    save(someone, "phone")
    outcome = chosen(someone, Choice.MINE, "phones", 1)
    assert (outcome.state, outcome.version, outcome.standing) == (State.SAVED, 2, None)
    assert (one(someone).text, history(someone)) == ("phones", [("earlier", "phone")])


def test_keeping_the_other_lays_ones_own_aside_and_says_what_stands(someone: Reader) -> None:
    save(someone, "phone")
    for text in ("phone", " "):
        assert chosen(someone, Choice.OTHER, text, 1).state is State.UNCHANGED
    assert history(someone) == []
    outcome = chosen(someone, Choice.OTHER, "laptop", 0)
    assert (outcome.state, outcome.version) == (State.UNCHANGED, 1)
    assert (outcome.standing, outcome.digest) == ("phone", digest("phone"))
    assert history(someone) == [("conflict", "laptop")]


def test_keeping_both_puts_one_after_the_other(someone: Reader) -> None:
    save(someone, "phone")
    outcome = chosen(someone, Choice.BOTH, "laptop", 1)
    both = "phone\n\nlaptop"
    assert (outcome.state, outcome.standing) == (State.SAVED, both)
    assert (one(someone).text, outcome.digest) == (both, digest(both))
    assert history(someone) == [("earlier", "phone")]
    outcome = chosen(someone, Choice.BOTH, both, 2)
    assert (outcome.state, outcome.standing, one(someone).version) == (State.UNCHANGED, None, 2)


@pytest.mark.parametrize(("more", "state"), [(0, State.SAVED), (1, State.TOO_LONG)])
def test_both_have_room_up_to_the_limit(more: int, state: State, someone: Reader) -> None:
    save(someone, "phone")
    mine = "m" * (LIMIT - len("phone\n\n") + more)
    outcome = chosen(someone, Choice.BOTH, mine, 1)
    assert outcome.state is state
    if state is State.TOO_LONG:
        assert (outcome.standing, one(someone).text) == ("phone", "phone")
        assert history(someone) == [("conflict", mine)]


def test_a_choice_over_another_version_is_a_conflict_again(someone: Reader) -> None:
    save(someone, "phone")
    save(someone, "phone, later", based_on=1)
    outcome = chosen(someone, Choice.MINE, "laptop", 1)
    assert (outcome.state, outcome.standing) == (State.CONFLICT, "phone, later")
    assert one(someone).text == "phone, later"
    assert history(someone) == [("conflict", "laptop")]


def test_undoing_brings_back_what_stood_and_keeps_what_was_typed_since(someone: Reader) -> None:
    save(someone, "everything")
    save(someone, "", based_on=1)
    outcome = chosen(someone, Choice.UNDO, "typed since", 2)
    assert (outcome.state, outcome.standing) == (State.SAVED, "everything")
    assert one(someone).text == "everything"
    assert history(someone) == [("earlier", "everything"), ("conflict", "typed since")]


def test_both_over_another_version_is_a_conflict_that_shows_what_stands(someone: Reader) -> None:
    save(someone, "phone")
    save(someone, "phone, later", based_on=1)
    outcome = chosen(someone, Choice.BOTH, "laptop", 1)
    assert (outcome.state, outcome.standing) == (State.CONFLICT, "phone, later")
    assert one(someone).text == "phone, later"


def test_blanks_are_neither_laid_aside_nor_kept(someone: Reader) -> None:
    save(someone, "everything")
    save(someone, "", based_on=1)
    assert chosen(someone, Choice.UNDO, " \n", 2).standing == "everything"
    assert history(someone) == [("earlier", "everything")]
    send(someone, answer(" \n", prompt="closed"))
    blank = replace(answer("words", 1, prompt="closed"), choice=Choice.MINE)
    assert send(someone, blank).outcomes[0].state is State.SAVED
    assert history(someone) == [("earlier", "everything")]


def test_undoing_without_anything_before_leaves_what_stands(someone: Reader) -> None:
    save(someone, "words")
    outcome = chosen(someone, Choice.UNDO, "words", 1)
    assert (outcome.state, outcome.standing) == (State.UNCHANGED, None)
    assert (one(someone).version, history(someone)) == (1, [])


def test_an_operation_that_comes_back_with_a_choice_lays_nothing_over(someone: Reader) -> None:
    """Its id was used for other words: a mistake somewhere, so both are kept."""
    op = uuid.uuid4()
    send(someone, answer("phone"), op=op)
    outcome = chosen(someone, Choice.MINE, "laptop", 1, op)
    assert (outcome.state, outcome.standing) == (State.CONFLICT, "phone")
    assert (one(someone).text, history(someone)) == ("phone", [("conflict", "laptop")])


def test_who_is_overtaken_between_look_and_write_is_told_what_stands(someone: Reader) -> None:
    """Another process saves after this one has read the row: its words stand, and are shown."""
    save(someone, "one")
    other = one(someone)
    other.text = "two"
    overtaken: list[str] = []

    def overtake(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "devotional_reflection"') and not overtaken:
            overtaken.append(sql)
            Reflection.objects.filter(pk=other.pk).update(version=2, sealed=other.sealed)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        outcome = save(someone, "late", based_on=1)
    assert len(overtaken) == 1
    assert (outcome.state, outcome.version, outcome.standing) == (State.CONFLICT, 2, "two")
    assert one(someone).text == "two"
    assert sorted(history(someone)) == [("conflict", "late"), ("earlier", "one")]


def test_where_every_box_stands_no_reading_is_asked_for(someone: Reader) -> None:
    save(someone, "one")
    with CaptureQueriesContext(connection) as queries:
        save(someone, "one and two", based_on=1)
    asked = [each["sql"] for each in queries if 'FROM "devotional_reading"' in each["sql"]]
    assert asked == []
    with CaptureQueriesContext(connection) as queries:
        send(someone, answer("new", prompt="closed"))
    asked = [each["sql"] for each in queries if 'FROM "devotional_reading"' in each["sql"]]
    assert len(asked) == 1
