"""Readings: one time through a devotional, dated; to begin again, and to take that back (W11).

Nothing here is shown to anyone but the reader, and nothing goes when a text goes (W13).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from devotional.content.library import Devotional, Library
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.readers.sealed import OwnedQuerySet
from devotional.readers.turn import take_turn
from devotional.reflections.models import OnPaper, Reading, Reflection


@dataclass(frozen=True, slots=True)
class ReadDevotional:
    """A devotional that a reader has readings of, newest first."""

    id: str
    title: str
    devotional: Devotional | None  # None: no longer there to read
    readings: tuple[Reading, ...]


def readings_of(reader: Reader, devotional_id: str) -> OwnedQuerySet[Reading]:
    """The readings of one devotional, newest first."""
    return Reading.objects.by(reader).filter(devotional=devotional_id).order_by("-number")


def begin_again(reader: Reader, devotional_id: str, *, after: int | None = None) -> Reading | None:
    """A new dated reading with empty boxes, after the newest; None where there is no first.

    A newest reading that holds nothing is answered as it is: there is never a pile of empty ones.
    So is one newer than `after`, the reading that the page was shown with: a form sent twice
    begins one reading.
    """
    try:
        with transaction.atomic():
            take_turn(reader)
            newest = readings_of(reader, devotional_id).first()
            if newest is None or (after is not None and newest.number > after):
                return newest
            if not holds_anything(reader, newest):
                return newest
            return Reading.objects.create(
                reader=reader,
                devotional=devotional_id,
                number=newest.number + 1,
                begun_at=timezone.now(),
            )
    except IntegrityError:  # another request began the very same one
        return readings_of(reader, devotional_id).first()


def undo_begin(reader: Reader, devotional_id: str, *, number: int) -> bool:
    """Take back a reading begun by mistake; False if it is not the newest, the only, or empty."""
    with transaction.atomic():
        take_turn(reader)  # keeps a save out until this is decided: its words would go with it
        newest = readings_of(reader, devotional_id).first()
        if newest is None or newest.number != number or number < 2:
            return False
        if Reflection.objects.by(reader).filter(reading=newest).exists():
            return False  # even where its boxes were cleared: their history is worth keeping
        if OnPaper.objects.by(reader).filter(reading=newest).exists():
            return False
        newest.delete()
        return True


def holds_anything(reader: Reader, reading: Reading) -> bool:
    """Whether words stand in `reading`, or a section of it was answered on paper."""
    if OnPaper.objects.by(reader).filter(reading=reading).exists():
        return True
    reflections = Reflection.objects.by(reader).filter(reading=reading)
    return any(says_something(words_of(reflection)) for reflection in reflections.iterator())


def devotionals_read(reader: Reader, library: Library) -> list[ReadDevotional]:
    """Every devotional that `reader` has readings of, the latest begun first; one query."""
    readings = Reading.objects.by(reader).order_by("devotional", "-number")
    read = []
    for devotional_id, group in groupby(readings, key=lambda reading: reading.devotional):
        devotional = library.devotional(devotional_id)
        title = devotional.title if devotional else title_from(devotional_id)
        read.append(ReadDevotional(devotional_id, title, devotional, tuple(group)))
    return sorted(read, key=lambda each: each.readings[0].begun_at, reverse=True)


def in_order(found: Iterable[str], order: list[str]) -> list[str]:
    """`found` as `order` has it, and what `order` doesn't know after that, as it came."""
    place = {id_: number for number, id_ in enumerate(order)}
    return sorted(found, key=lambda id_: place.get(id_, len(order)))


def part_name(devotional: Devotional | None, section_id: str) -> str:
    """What a part is called, also where it is gone.

    The first by its short name: the title of an opening is that of the whole.
    """
    section = devotional.section(section_id) if devotional else None
    if section is None:
        return title_from(section_id)
    return section.label if section.number == 1 else section.title


def title_from(id_: str) -> str:
    """A readable name for a text that is gone, from the only thing left of it."""
    words = id_.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] or _("Untitled text")
