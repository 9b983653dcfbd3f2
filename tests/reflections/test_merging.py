"""A guest's words become a reader's: all of them, in their places, or none (K4, B7)."""

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.journal.models import Deleted, Hinge
from devotional.lib.encryption import Tampered
from devotional.readers.guests import give_token, make_guest
from devotional.readers.merging import CannotMerge, merge, reflections_of
from devotional.readers.models import Account, Merge, Reader
from devotional.reflections.answers import Answer, Place, State
from devotional.reflections.models import OnPaper, Operation, Reading, Reflection, Revision
from devotional.reflections.operations import first_save_by
from devotional.reflections.saving import save_reflections
from harness.experiments.merges import Tally, merge_a_pair, seal, snapshot

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db", "key_ring")


def someone(made: timedelta = timedelta()) -> Reader:
    reader = make_guest()
    Reader.objects.filter(pk=reader.pk).update(made_at=timezone.now() + made)
    reader.refresh_from_db()
    return reader


def reading(reader: Reader, number: int = 1, *, begun: int = 0) -> Reading:
    return Reading.objects.create(
        reader=reader, devotional="on-doors", number=number, begun_at=NOW + timedelta(days=begun)
    )


def write(
    at: Reading, text: str, *, day: int = 0, prompt: str = "before", version: int = 1
) -> Reflection:
    reflection = Reflection(
        reader=at.reader,
        reading=at,
        section="opening",
        prompt=prompt,
        asked=f"Asked by {text}?",
        section_digest="",
        version=version,
        begun_at=NOW + timedelta(days=day),
        written_at=NOW + timedelta(days=day),
    )
    seal(reflection, text)
    return reflection


def earlier(reflection: Reflection, text: str) -> Revision:
    revision = Revision(
        reader=reflection.reader, reflection=reflection, version=1, asked="?", written_at=NOW
    )
    seal(revision, text)
    return revision


def mark(reflection: Reflection, text: str) -> Hinge:
    hinge = Hinge(reader=reflection.reader, reflection=reflection, marked_at=NOW)
    seal(hinge, text)
    return hinge


def texts(reader: Reader) -> dict[int, dict[str, str]]:
    """What stands, by the reading's number and prompt."""
    found: dict[int, dict[str, str]] = {}
    for row in Reflection.objects.by(reader).select_related("reading"):
        found.setdefault(row.reading.number, {})[row.prompt] = row.text
    return found


def history(reflection: Reflection) -> list[tuple[str, str, datetime]]:
    rows = Revision.objects.filter(reflection=reflection).order_by("written_at")
    return [(row.kind, row.text, row.written_at) for row in rows]


@pytest.mark.parametrize("seed", range(5))
def test_5_random_pairs_with_a_crash_after_each_write(seed: int) -> None:
    """B7 in small; the bench runs 500."""
    chance, tally = random.Random(seed), Tally()  # noqa: S311  # a schedule, not a secret
    for _ in range(5):
        merge_a_pair(chance, tally)
    assert tally.problems == []
    assert tally.pairs == 5
    assert tally.crashes > 40
    assert tally.met >= 5


def test_what_one_wrote_alone_is_moved_as_it_is() -> None:
    guest, reader = someone(), someone()
    row = write(reading(guest), "The guest’s.", version=4)
    earlier(row, "Earlier.")
    done = merge(guest, into=reader)
    moved = Reflection.objects.by(reader).get()
    assert (moved.pk, moved.text, moved.version, moved.written_at) == (
        *(row.pk, "The guest’s.", 4, row.written_at),
    )
    assert history(moved) == [("earlier", "Earlier.", NOW)]
    assert done.moved == {
        "readings": 1,
        "reflections": 1,
        "revisions": 1,
        "on paper": 0,
        "operations": 0,
        "hinges": 0,
        "deleted": 0,
        "memberships": 0,
        "shares": 0,
    }


@pytest.mark.parametrize("guest_is_newer", [True, False])
def test_where_both_wrote_the_later_stands_and_the_other_is_kept(guest_is_newer: bool) -> None:
    guest, reader = someone(), someone()
    theirs = write(reading(guest), "The guest’s.", day=2 if guest_is_newer else 0, version=3)
    own = write(reading(reader), "The reader’s.", day=1, version=7)
    earlier(theirs, "Earlier, by the guest.")
    earlier(own, "Earlier, by the reader.")
    mark(theirs, "a line of the guest’s")
    mark(own, "a line of the reader’s")
    stays, goes = (theirs, own) if guest_is_newer else (own, theirs)
    words = ["The guest’s.", "The reader’s."][:: 1 if guest_is_newer else -1]

    merge(guest, into=reader)
    standing = Reflection.objects.by(reader).get()
    assert (standing.pk, standing.text, standing.version) == (stays.pk, words[0], 8)
    assert standing.asked == stays.asked
    assert standing.has_met_another
    assert standing.begun_at == NOW + timedelta(days=0 if not guest_is_newer else 1)
    assert sorted(history(standing)) == [
        ("conflict", words[1], goes.written_at),
        ("earlier", "Earlier, by the guest.", NOW),
        ("earlier", "Earlier, by the reader.", NOW),
    ]
    hinges = Hinge.objects.by(reader).filter(reflection=standing)
    assert {hinge.text for hinge in hinges} == {"a line of the guest’s", "a line of the reader’s"}


def test_the_same_words_are_kept_once() -> None:
    guest, reader = someone(), someone()
    write(reading(guest), "The very same.", day=1)
    write(reading(reader), "The very same.")
    merge(guest, into=reader)
    assert Reflection.objects.by(reader).get().text == "The very same."
    assert Revision.objects.count() == 0


@pytest.mark.parametrize("blank", ["", " \n"])
def test_a_box_that_was_cleared_never_stands_before_words(blank: str) -> None:
    guest, reader = someone(), someone()
    write(reading(guest), blank, day=5)
    write(reading(reader), "Words.")
    merge(guest, into=reader)
    assert Reflection.objects.by(reader).get().text == "Words."
    assert Revision.objects.count() == 0


def test_an_open_page_of_the_reader_s_meets_a_conflict() -> None:
    """It was made over version 7; what stands now is another text."""
    guest, reader = someone(), someone()
    write(reading(guest), "The guest’s, later.", day=1)
    write(reading(reader), "The reader’s.", version=7)
    merge(guest, into=reader)
    place = Place("on-doors", "opening", "")
    sent = Answer("before", "?", "The reader’s, and more.", based_on=7)
    receipt = save_reflections(reader, place=place, answers=[sent], op_id=uuid.uuid4())
    assert receipt.outcomes[0].state is State.CONFLICT
    assert receipt.outcomes[0].standing == "The guest’s, later."


def test_readings_meet_from_the_newest_backwards() -> None:
    guest, reader = someone(), someone()
    for number in (1, 2, 3):
        write(reading(guest, number, begun=number), f"guest {number}", prompt="before")
    for number in (1, 2):
        write(reading(reader, number, begun=number), f"reader {number}", prompt="closed")
    merge(guest, into=reader)
    assert texts(reader) == {
        1: {"before": "guest 1"},
        2: {"before": "guest 2", "closed": "reader 1"},
        3: {"before": "guest 3", "closed": "reader 2"},
    }
    begun = Reading.objects.by(reader).order_by("number").values_list("begun_at", flat=True)
    assert list(begun) == [NOW + timedelta(days=day) for day in (1, 1, 2)]


def test_where_the_reader_has_more_readings_theirs_keep_their_numbers() -> None:
    guest, reader = someone(), someone()
    write(reading(guest, begun=-9), "guest")
    for number in (1, 2, 3):
        write(reading(reader, number), f"reader {number}", prompt="closed", version=number)
    merge(guest, into=reader)
    assert texts(reader) == {
        1: {"closed": "reader 1"},
        2: {"closed": "reader 2"},
        3: {"before": "guest", "closed": "reader 3"},
    }
    assert Reading.objects.by(reader).get(number=3).begun_at == NOW - timedelta(days=9)
    versions = Reflection.objects.by(reader).filter(prompt="closed").order_by("version")
    assert list(versions.values_list("version", flat=True)) == [1, 2, 3]


def test_a_page_with_an_old_number_of_a_reading_replaces_nothing() -> None:
    """Numbers moved by one: what was reading 1, at version 2, is reading 2 now."""
    guest, reader = someone(), someone()
    write(reading(guest, 1), "guest 1", version=2)
    write(reading(guest, 2), "guest 2", version=2, prompt="closed")
    write(reading(reader), "reader 1", version=2)
    merge(guest, into=reader)
    sent = Answer("before", "?", "reader 1, and more.", based_on=2)
    receipt = save_reflections(
        reader, place=Place("on-doors", "opening", ""), answers=[sent], op_id=uuid.uuid4()
    )
    assert receipt.outcomes[0].state is State.CONFLICT
    assert texts(reader) == {
        1: {"before": "guest 1"},
        2: {"before": "reader 1", "closed": "guest 2"},
    }


def test_marks_for_paper_are_joined() -> None:
    guest, reader = someone(), someone()
    theirs, own = reading(guest), reading(reader)
    for section in ("opening", "hinges"):
        OnPaper.objects.create(reader=guest, reading=theirs, section=section)
    OnPaper.objects.create(reader=reader, reading=own, section="hinges")
    merge(guest, into=reader)
    marks = OnPaper.objects.by(reader).filter(reading=own)
    assert sorted(marks.values_list("section", flat=True)) == ["hinges", "opening"]
    assert OnPaper.objects.count() == 2


def test_what_was_deleted_can_still_be_brought_back() -> None:
    guest, reader = someone(), someone()
    deleted = Deleted(reader=guest, reflection_id=uuid.uuid4(), deleted_at=NOW)
    seal(deleted, json.dumps({"text": "Deleted."}))
    merge(guest, into=reader)
    assert json.loads(Deleted.objects.by(reader).get().text) == {"text": "Deleted."}


def test_consent_stays_the_reader_s_and_the_later_visit_counts() -> None:
    guest, reader = someone(), someone()
    agreed = reader.consented_at
    guest.seen_on += timedelta(days=3)
    guest.consent_version = "another"
    guest.save()
    merge(guest, into=reader)
    reader.refresh_from_db()
    assert (reader.seen_on, reader.consented_at) == (guest.seen_on, agreed)
    assert reader.consent_version != "another"


def test_a_row_that_can_t_be_opened_moves_nothing() -> None:
    guest, reader = someone(), someone()
    write(reading(guest), "Sound.")
    broken = write(Reading.objects.get(), "Broken.", prompt="closed")
    sealed = bytes(broken.sealed)
    Reflection.objects.filter(pk=broken.pk).update(sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    before = snapshot()
    with pytest.raises(CannotMerge):
        merge(guest, into=reader)
    assert snapshot() == before


def test_a_guest_who_has_an_account_is_somebody_else() -> None:
    guest, reader = someone(), someone()
    write(reading(guest), "Theirs.")
    Account.objects.create(reader=guest)
    before = snapshot()
    with pytest.raises(CannotMerge):
        merge(guest, into=reader)
    assert snapshot() == before


def test_a_merge_that_is_asked_for_twice_is_done_once() -> None:
    guest, reader = someone(), someone()
    write(reading(guest), "The guest’s.")
    first = merge(guest, into=reader)
    assert merge(guest, into=reader) == first
    assert Merge.objects.count() == 1
    assert reflections_of(reader) == 1


def test_a_save_that_is_sent_again_after_the_merge_is_answered() -> None:
    guest, reader = someone(), someone(made=-timedelta(days=9))
    sent: dict[str, Any] = {
        "place": Place("on-doors", "opening", ""),
        "answers": [Answer("before", "?", "The guest’s.")],
        "op_id": uuid.uuid4(),
    }
    save_reflections(guest, **sent)
    merge(guest, into=reader)
    assert save_reflections(reader, **sent).replayed
    assert Reflection.objects.by(reader).count() == 1


def test_the_guest_s_first_save_never_opens_a_reader_who_was_made_later() -> None:
    """Who wrote as a guest still holds that save; sending it again must not give them the key."""
    guest = someone()
    sent: dict[str, Any] = {
        "place": Place("on-doors", "opening", ""),
        "answers": [Answer("before", "?", "The guest’s.")],
        "op_id": uuid.uuid4(),
    }
    save_reflections(guest, **sent)
    give_token(guest)
    assert first_save_by(**sent) == guest
    reader = someone()
    merge(guest, into=reader)
    assert first_save_by(**sent) is None
    assert Operation.objects.count() == 0


@pytest.mark.parametrize("number", [1, 3, 40])
def test_queries_do_not_grow_with_the_rows(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    guest, reader = someone(), someone()
    theirs, own = reading(guest), reading(reader)
    for n in range(number):
        row = write(theirs, f"guest {n}", prompt=f"p{n}")
        earlier(row, f"earlier {n}")
        mark(row, f"line {n}")
        write(own, f"reader {n}", day=1, prompt=f"p{n}")
    with django_assert_num_queries(QUERIES):
        merge(guest, into=reader)


QUERIES = 62  # of which many are savepoints


def test_what_was_moved_opens_under_the_readers_id_alone() -> None:
    """It is sealed for the reader: a copy of the row under the guest's id is shut."""
    guest, reader = someone(), someone()
    row = write(reading(guest), "The guest’s.")
    guests = guest.pk
    merge(guest, into=reader)
    row.refresh_from_db()
    assert row.text == "The guest’s."
    row.reader_id = guests
    with pytest.raises(Tampered):
        assert row.text
