"""The journal: everything a reader wrote, newest first, a page at a time (K6).

A page is found by a point in time, never by its number, so that the last one of ten thousand
entries opens as the first of ten does. Nothing here counts, and only the words on a page are
opened. Finding a word in them is `search`, taking them away is `deleting`.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from devotional.content.library import Library
from devotional.lib.encryption.record import TAG_BYTES, TEXT_AT
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection
from devotional.reflections.readings import title_from

PAGE = 20  # entries a page
ROUNDS = (PAGE + 1, 100, 300, 900)  # rows that are read in turn until a page is full
LONG = 420  # letters that stand unfolded: about a dozen lines on a phone
LINES = 8
SHOWN = 10_000  # letters of one entry; a page of twenty must still open on a train

EMPTY = TEXT_AT + TAG_BYTES  # bytes of a sealed text without a letter
POINT = "%Y%m%dT%H%M%S%f"
NO_ENTRY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the journal: between what was written after it and before it."""

    at: datetime
    id: uuid.UUID = NO_ENTRY

    @classmethod
    def of(cls, reflection: Reflection) -> Self:
        return cls(reflection.written_at, reflection.id)

    @classmethod
    def above(cls, written_at: datetime) -> Self:
        """The point before which what was written then comes first."""
        return cls(written_at + timedelta(microseconds=1))

    @classmethod
    def named(cls, name: str) -> Self:
        """The point of that name. Raises ValueError."""
        at, _dash, id_ = name.partition("-")
        return cls(datetime.strptime(at, POINT).replace(tzinfo=UTC), uuid.UUID(hex=id_))

    @classmethod
    def end_of(cls, period: str) -> Self:
        """The end of a year or month, `2026` or `2026-03`, where the server is. Or ValueError."""
        if len(period) not in (4, 7):
            raise ValueError(period)
        first = date.fromisoformat(f"{period}-01" if len(period) > 4 else f"{period}-12-01")
        return cls(start_of(next_month(first)))

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).strftime(POINT)}-{self.id.hex}"

    @property
    def before(self) -> Q:
        # The first condition is the one that an index can be entered by.
        return Q(written_at__lte=self.at) & (Q(written_at__lt=self.at) | Q(id__lt=self.id))

    @property
    def and_after(self) -> Q:
        return Q(written_at__gte=self.at) & (Q(written_at__gt=self.at) | Q(id__gte=self.id))

    @property
    def after(self) -> Q:
        return Q(written_at__gte=self.at) & (Q(written_at__gt=self.at) | Q(id__gt=self.id))


@dataclass(frozen=True, slots=True)
class Entry:
    """One reflection as the journal shows it, by what is stored, whatever the text still holds."""

    id: uuid.UUID
    devotional: str
    title: str
    section: str
    section_title: str
    section_label: str  # its short name: that of an opening isn't the devotional's
    reading: int
    prompt: str
    asked: str
    written_at: datetime
    text: str | None  # None: can't be opened with the keys on this server
    still_asked: bool
    asked_again: bool = False  # whether another reading has an answer to the same question
    has_met_another: bool = (
        False  # whether another answer of theirs, from elsewhere, lies behind it
    )

    @classmethod
    def of(cls, reflection: Reflection, words: str | None, library: Library) -> Self:
        devotional = library.devotional(reflection.reading.devotional)
        section = devotional.section(reflection.section) if devotional else None
        return cls(
            id=reflection.id,
            devotional=reflection.reading.devotional,
            title=devotional.title if devotional else title_from(reflection.reading.devotional),
            section=reflection.section,
            section_title=section.title if section else title_from(reflection.section),
            section_label=section.label if section else title_from(reflection.section),
            reading=reflection.reading.number,
            prompt=reflection.prompt,
            asked=reflection.asked,
            written_at=reflection.written_at,
            text=words,
            still_asked=section is not None and section.prompt(reflection.prompt) is not None,
            asked_again=getattr(reflection, "asked_again", False),
            has_met_another=reflection.has_met_another,
        )

    @property
    def above(self) -> Point:
        return Point.above(self.written_at)

    @property
    def month(self) -> date:
        return timezone.localtime(self.written_at).date().replace(day=1)

    @property
    def shown(self) -> str | None:
        """The words; of very long ones the beginning."""
        return self.text if self.text is None or not self.is_cut else f"{self.text[:SHOWN]}…"

    @property
    def is_cut(self) -> bool:
        return self.text is not None and len(self.text) > SHOWN

    @property
    def is_long(self) -> bool:
        return self.text is not None and (len(self.text) > LONG or self.text.count("\n") > LINES)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the journal, and the ways to the next ones: None where there is none."""

    entries: tuple[Entry, ...]
    newer: Point | None = None
    older: Point | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Rows that say something, in the order asked for, and where reading may go on."""

    rows: list[tuple[Reflection, str | None]]
    rest: Point | None


def written_by(reader: Reader, devotional_id: str = "") -> QuerySet[Reflection]:
    """All that stands written, or that of one devotional; boxes that were emptied are left out."""
    found: Any = Reflection.objects.by(reader).alias(size=Length("sealed")).exclude(size=EMPTY)
    if devotional_id:
        found = found.filter(reading__devotional=devotional_id)
    written: QuerySet[Reflection] = found.select_related("reading")
    return written


def page_before(
    reader: Reader, point: Point | None, library: Library, *, devotional_id: str = ""
) -> Page:
    """The page of what was written before `point`; without one, the newest."""
    rows = written_by(reader, devotional_id).annotate(asked_again=Exists(other_answers()))
    newest_first = rows.order_by("-written_at", "-id")
    if point is None:
        found = gather(newest_first, None, newest_first=True)
        return Page(entries_of(found.rows, library), newer=None, older=found.rest)
    newer = written_by(reader, devotional_id).filter(point.and_after)
    found = gather(newest_first.annotate(has_newer=Exists(newer)), point.before, newest_first=True)
    if found.rows:
        first = found.rows[0][0]
        has_newer, start = getattr(first, "has_newer", False), Point.of(first)
    else:
        has_newer, start = newer.exists(), point
    return Page(
        entries_of(found.rows, library), newer=start if has_newer else None, older=found.rest
    )


def page_after(reader: Reader, point: Point, library: Library, *, devotional_id: str = "") -> Page:
    """The page of what was written after `point`; the newest, where that would not fill a page."""
    rows = written_by(reader, devotional_id).annotate(asked_again=Exists(other_answers()))
    found = gather(rows.order_by("written_at", "id"), point.after, newest_first=False)
    if found.rest is None:
        return page_before(reader, None, library, devotional_id=devotional_id)
    newest_first = found.rows[::-1]
    older = Point.of(newest_first[-1][0]) if newest_first else point
    return Page(entries_of(newest_first, library), newer=found.rest, older=older)


def gather(rows: QuerySet[Reflection], beyond: Q | None, *, newest_first: bool) -> Found:
    """The next page of `rows`. Some boxes hold only spaces, so it may take more than one query."""
    found: list[tuple[Reflection, str | None]] = []
    for size in ROUNDS:
        batch = list((rows if beyond is None else rows.filter(beyond))[:size])
        read = ((row, words_of(row)) for row in batch)
        found += [(row, words) for row, words in read if says_something(words)]
        if len(found) > PAGE:
            return Found(found[:PAGE], Point.of(found[PAGE - 1][0]))
        if len(batch) < size:
            return Found(found, None)
        last = Point.of(batch[-1])
        beyond = last.before if newest_first else last.after
    return Found(found, last)


def other_answers() -> QuerySet[Reflection]:
    """Answers to the same question in other readings, for *then and now*."""
    same = Reflection.objects.filter(
        reading__reader=OuterRef("reader"),
        reading__devotional=OuterRef("reading__devotional"),
        section=OuterRef("section"),
        prompt=OuterRef("prompt"),
    )
    return same.exclude(pk=OuterRef("pk"))


def entries_of(
    rows: Iterable[tuple[Reflection, str | None]], library: Library
) -> tuple[Entry, ...]:
    return tuple(Entry.of(reflection, words, library) for reflection, words in rows)


def next_month(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
