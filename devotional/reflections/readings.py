"""Readings: one time through a devotional, dated; to begin again, and to look back (W11).

Nothing here is shown to anyone but the reader, and nothing goes when a text goes: a devotional,
section or question that the author took out still has its answers (W13).
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from devotional.content.library import Devotional, Library, Section
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.readers.sealed import OwnedQuerySet
from devotional.readers.turn import take_turn
from devotional.reflections.models import OnPaper, Reading, Reflection

type Question = tuple[str, str]  # the ids of its section and prompt


@dataclass(frozen=True, slots=True)
class Written:
    """One answer as it stands."""

    id: uuid.UUID
    prompt: str
    asked: str
    written_at: datetime
    text: str | None  # None: can't be opened with the keys on this server
    still_asked: bool
    again: bool = False  # whether another reading has an answer to the same question

    @property
    def cleared(self) -> bool:
        return not says_something(self.text)


@dataclass(frozen=True, slots=True)
class WrittenSection:
    """What a reading holds of one section, which may be gone from the text."""

    id: str
    title: str
    in_text: bool
    on_paper: bool
    answers: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class PastReading:
    """One reading with all that was written in it."""

    number: int
    begun_at: datetime
    sections: tuple[WrittenSection, ...]

    @property
    def holds_anything(self) -> bool:
        """Words that stand, or a mark for paper: enough for a next reading to begin after it."""
        return any(
            section.on_paper or any(not answer.cleared for answer in section.answers)
            for section in self.sections
        )

    @property
    def can_undo(self) -> bool:
        """Never for a box that was cleared: its history would go with the reading."""
        return self.number > 1 and not self.sections


@dataclass(frozen=True, slots=True)
class ReadDevotional:
    """A devotional that a reader has readings of, newest first."""

    id: str
    title: str
    devotional: Devotional | None  # None: no longer on the shelf
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


def past_readings(
    reader: Reader, devotional_id: str, devotional: Devotional | None
) -> list[PastReading]:
    """Every reading of one devotional with its words, newest first; three queries."""
    readings = list(readings_of(reader, devotional_id))
    written: dict[int, list[Reflection]] = {}
    answers: Counter[Question] = Counter()
    for reflection in Reflection.objects.by(reader).filter(reading__in=readings):
        written.setdefault(reflection.reading_id, []).append(reflection)
        answers[reflection.section, reflection.prompt] += 1
    again = {question for question, times in answers.items() if times > 1}
    on_paper: dict[int, set[str]] = {}
    for mark in OnPaper.objects.by(reader).filter(reading__in=readings):
        on_paper.setdefault(mark.reading_id, set()).add(mark.section)
    return [
        PastReading(
            number=reading.number,
            begun_at=reading.begun_at,
            sections=written_sections(
                devotional, written.get(reading.pk, []), on_paper.get(reading.pk, set()), again
            ),
        )
        for reading in readings
    ]


def written_sections(
    devotional: Devotional | None,
    reflections: list[Reflection],
    on_paper: set[str],
    again: set[Question],
) -> tuple[WrittenSection, ...]:
    """By section in the order of the text; those that are gone from it come last."""
    by_section: dict[str, list[Reflection]] = {section: [] for section in sorted(on_paper)}
    for reflection in sorted(reflections, key=lambda each: each.begun_at):
        by_section.setdefault(reflection.section, []).append(reflection)
    order = [section.id for section in devotional.sections] if devotional else []
    sections = []
    for section_id in in_order(by_section, order):
        section = devotional.section(section_id) if devotional else None
        sections.append(
            WrittenSection(
                id=section_id,
                title=section.title if section else title_from(section_id),
                in_text=section is not None,
                on_paper=section_id in on_paper,
                answers=written_answers(section, by_section[section_id], again),
            )
        )
    return tuple(sections)


def written_answers(
    section: Section | None, reflections: list[Reflection], again: set[Question]
) -> tuple[Written, ...]:
    by_prompt = {reflection.prompt: reflection for reflection in reflections}
    order = [prompt.id for prompt in section.prompts] if section else []
    return tuple(
        Written(
            id=reflection.id,
            prompt=reflection.prompt,
            asked=reflection.asked,
            written_at=reflection.written_at,
            text=words_of(reflection),
            still_asked=reflection.prompt in order,
            again=(reflection.section, reflection.prompt) in again,
        )
        for reflection in (by_prompt[prompt] for prompt in in_order(by_prompt, order))
    )


def in_order(found: Iterable[str], order: list[str]) -> list[str]:
    """`found` as `order` has it, and what `order` doesn't know after that, as it came."""
    place = {id_: number for number, id_ in enumerate(order)}
    return sorted(found, key=lambda id_: place.get(id_, len(order)))


def title_from(id_: str) -> str:
    """A readable name for a text that is gone, from the only thing left of it."""
    words = id_.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] or _("A text without a name")
