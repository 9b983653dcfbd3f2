"""Who becomes whom when readers merge: each guest by itself, into one reader, and told to nobody.

What becomes of the rows themselves is looked at where they live: in reflections and in groups.
"""

from datetime import timedelta

import pytest

from devotional.readers.guests import make_guest
from devotional.readers.merging import CannotMerge, merge, reflections_of
from devotional.readers.models import Merge, Reader
from devotional.reflections.models import Reading, Reflection

pytestmark = pytest.mark.usefixtures("db", "key_ring")


def wrote(words: str) -> Reader:
    """A guest with one reflection."""
    guest = make_guest()
    at = guest.made_at
    reading = Reading.objects.create(reader=guest, devotional=words, number=1, begun_at=at)
    row = Reflection(
        reader=guest,
        reading=reading,
        section="opening",
        prompt="before",
        asked="Which door?",
        section_digest="",
        begun_at=at,
        written_at=at,
    )
    row.text = words
    row.save()
    return guest


def words_of(reader: Reader) -> list[str]:
    return sorted(row.text for row in Reflection.objects.by(reader))


def who_became_whom() -> set[tuple[object, object]]:
    return set(Merge.objects.values_list("guest_id", "reader_id"))


def test_a_second_guest_is_merged_as_the_first_was() -> None:
    first, second, reader = wrote("first"), wrote("second"), wrote("own")
    ids = first.pk, second.pk
    merge(first, into=reader)
    merge(second, into=reader)
    assert words_of(reader) == ["first", "own", "second"]
    assert reflections_of(reader) == 3
    assert who_became_whom() == {(ids[0], reader.pk), (ids[1], reader.pk)}
    assert list(Reader.objects.all()) == [reader]


def test_who_became_a_reader_does_not_become_another_one() -> None:
    guest, reader, other = wrote("guest"), wrote("own"), wrote("of the other")
    again = Reader.objects.get(pk=guest.pk)
    merge(guest, into=reader)
    with pytest.raises(CannotMerge):
        merge(again, into=other)
    assert words_of(reader) == ["guest", "own"]
    assert words_of(other) == ["of the other"]
    assert Merge.objects.count() == 1


def test_nothing_is_merged_into_a_reader_who_is_gone() -> None:
    guest, reader = wrote("guest"), wrote("own")
    gone = Reader.objects.get(pk=reader.pk)
    reader.delete()
    with pytest.raises(CannotMerge):
        merge(guest, into=gone)
    assert words_of(guest) == ["guest"]
    assert who_became_whom() == set()


def test_a_reader_is_not_merged_into_themselves() -> None:
    reader = wrote("own")
    with pytest.raises(CannotMerge):
        merge(reader, into=reader)
    assert words_of(reader) == ["own"]


def test_who_had_become_the_guest_is_the_readers_from_then_on() -> None:
    """And who became somebody else stays theirs."""
    first, guest, reader = wrote("first"), wrote("guest"), wrote("own")
    elsewhere, other = wrote("elsewhere"), wrote("of the other")
    ids = first.pk, guest.pk, elsewhere.pk
    merge(first, into=guest)
    merge(elsewhere, into=other)
    merge(guest, into=reader)
    assert who_became_whom() == {
        (ids[0], reader.pk),
        (ids[1], reader.pk),
        (ids[2], other.pk),
    }


@pytest.mark.parametrize("days", [-3, 0, 3])
def test_the_later_visit_of_the_two_counts(days: int) -> None:
    guest, reader = make_guest(), make_guest()
    guest.seen_on = reader.seen_on + timedelta(days=days)
    guest.save()
    merge(guest, into=reader)
    seen_on = Reader.objects.get().seen_on
    assert seen_on - reader.seen_on == timedelta(days=max(days, 0))
