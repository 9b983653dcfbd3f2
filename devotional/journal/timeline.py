"""The journal: everything a reader wrote, newest first, a page at a time (K6).

A page is found by a point in time, never by its number, so that the last one of ten thousand
entries opens as the first of ten does. Nothing here counts, and only the words on a page are
opened. Finding a word in them is `search`, taking them away is `deleting`.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from devotional.content.library import Library
from devotional.journal.folding import Piece, cut
from devotional.lib.encryption.record import TAG_BYTES, TEXT_AT
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection
from devotional.reflections.readings import part_name, title_from

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
    """One answer as the journal shows it, by what is stored, whatever the text still holds."""

    id: uuid.UUID
    devotional: str
    title: str
    section: str
    section_title: str
    reading: int
    prompt: str
    asked: str
    written_at: datetime
    text: str | None  # None: can't be opened with the keys on this server
    still_asked: bool
    asked_again: bool = False  # whether an earlier time through has an answer to it too
    has_met_another: bool = False  # whether another answer, from elsewhere, lies behind it
    is_earlier: bool = False  # whether something was written in a later time through
    # What only a page says of it; see `dressed`.
    hinges: Sequence[tuple[int, int]] = ()  # where in the text lines are marked
    groups: Sequence[Any] = ()  # with whom words of it may be shared
    is_shared: bool = False  # whether a group has words of it

    @classmethod
    def of(cls, reflection: Reflection, words: str | None, library: Library) -> Self:
        devotional = library.devotional(reflection.reading.devotional)
        section = devotional.section(reflection.section) if devotional else None
        return cls(
            id=reflection.id,
            devotional=reflection.reading.devotional,
            title=devotional.title if devotional else title_from(reflection.reading.devotional),
            section=reflection.section,
            section_title=part_name(devotional, reflection.section),
            reading=reflection.reading.number,
            prompt=reflection.prompt,
            asked=reflection.asked,
            written_at=reflection.written_at,
            text=words,
            still_asked=section is not None and section.prompt(reflection.prompt) is not None,
            asked_again=getattr(reflection, "asked_again", False),
            has_met_another=reflection.has_met_another,
            is_earlier=getattr(reflection, "is_earlier", False),
        )

    @property
    def point(self) -> Point:
        return Point(self.written_at, self.id)

    @property
    def day(self) -> date:
        return timezone.localtime(self.written_at).date()

    @property
    def is_cleared(self) -> bool:
        return not says_something(self.text)

    @property
    def pieces(self) -> list[Piece]:
        """What is shown of the words, cut where lines are marked as hinges."""
        words = self.shown or ""
        marked = [(start, min(end, len(words))) for start, end in self.hinges if start < len(words)]
        return cut(words, marked, 0, len(words))

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


def written_by(reader: Reader) -> QuerySet[Reflection]:
    """All that stands written; boxes that were emptied are left out."""
    found: Any = Reflection.objects.by(reader).alias(size=Length("sealed")).exclude(size=EMPTY)
    written: QuerySet[Reflection] = found.select_related("reading")
    return written


def shown_of(reader: Reader) -> QuerySet[Reflection]:
    """The same, each with what else an entry says of it."""
    return written_by(reader).annotate(
        asked_again=Exists(earlier_answers()), is_earlier=Exists(later_answers())
    )


def page_before(reader: Reader, point: Point | None, library: Library) -> Page:
    """The page of what was written before `point`; without one, the newest."""
    rows = shown_of(reader)
    newest_first = rows.order_by("-written_at", "-id")
    if point is None:
        found = gather(newest_first, None, newest_first=True)
        return Page(entries_of(found.rows, library), newer=None, older=found.rest)
    newer = written_by(reader).filter(point.and_after)
    found = gather(newest_first.annotate(has_newer=Exists(newer)), point.before, newest_first=True)
    if found.rows:
        first = found.rows[0][0]
        has_newer, start = getattr(first, "has_newer", False), Point.of(first)
    else:
        has_newer, start = newer.exists(), point
    return Page(
        entries_of(found.rows, library), newer=start if has_newer else None, older=found.rest
    )


def page_after(reader: Reader, point: Point, library: Library) -> Page:
    """The page of what was written after `point`; the newest, where that would not fill a page."""
    rows = shown_of(reader).order_by("written_at", "id")
    found = gather(rows, point.after, newest_first=False)
    if found.rest is None:
        return page_before(reader, None, library)
    newest_first = found.rows[::-1]
    older = Point.of(newest_first[-1][0]) if newest_first else point
    return Page(entries_of(newest_first, library), newer=found.rest, older=older)


def page_around(reader: Reader, point: Point, library: Library) -> Page:
    """A page with what stands at `point` among its neighbours: the newest, if it is on that."""
    newer = written_by(reader).filter(point.after).order_by("written_at", "id")
    above = list(newer.values_list("written_at", flat=True)[: PAGE // 2])
    if len(above) < PAGE // 2:
        return page_before(reader, None, library)
    return page_before(reader, Point.above(above[-1]), library)


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


def earlier_answers() -> QuerySet[Reflection]:
    """Answers to the same question in earlier times through, for *then and now*."""
    return Reflection.objects.filter(
        reading__reader=OuterRef("reader"),
        reading__devotional=OuterRef("reading__devotional"),
        reading__number__lt=OuterRef("reading__number"),
        section=OuterRef("section"),
        prompt=OuterRef("prompt"),
    )


def later_answers() -> QuerySet[Reflection]:
    """Answers to anything in later times through the same devotional."""
    return Reflection.objects.filter(
        reading__reader=OuterRef("reader"),
        reading__devotional=OuterRef("reading__devotional"),
        reading__number__gt=OuterRef("reading__number"),
    )


def entries_of(
    rows: Iterable[tuple[Reflection, str | None]], library: Library
) -> tuple[Entry, ...]:
    return tuple(Entry.of(reflection, words, library) for reflection, words in rows)


def next_month(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
