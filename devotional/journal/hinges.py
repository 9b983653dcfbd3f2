"""Hinges: lines of a reader's own that they marked as turning points (K8).

Marking, taking off and putting back, and the path of all of them in order of time with what came
before and after. A mark is held by its words: an edit may leave it behind, never move it.
"""

import uuid
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from devotional.content.library import Library
from devotional.journal.models import Hinge
from devotional.journal.timeline import Point
from devotional.readers.access import words_of
from devotional.readers.models import Reader
from devotional.readers.sealed import OwnedQuerySet
from devotional.reflections.models import Reflection
from devotional.reflections.passages import Passage, first_line, going_on, leading_up, places
from devotional.reflections.readings import part_name, title_from

SHOWN = 40  # hinges on one page
MOST = 50  # hinges in one reflection
LONG = 220  # characters from which a quote is set smaller
REACH = 3  # reflections looked at on each side for one that says something

type Among = tuple[str, ...]  # a devotional, or one question of it by its section and prompt


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What the same reader wrote before or after, in the same devotional."""

    id: uuid.UUID
    begun_at: datetime
    written_at: datetime
    line: str
    asked: str  # the question, where it is another than the hinge's; else empty

    @property
    def point(self) -> Point:
        """Where it stands in the journal."""
        return Point(self.written_at, self.id)


@dataclass(slots=True)
class Shown:
    """A hinge as it is shown: in its place, or as it was marked."""

    id: uuid.UUID
    reflection: Reflection
    marked_at: datetime
    passage: Passage | None  # None: can't be opened with the keys on this server
    start: int | None = None  # where it stands in `text`; None where it doesn't, or can't be told
    text: str = ""
    title: str = ""
    section_title: str = ""
    language: str = ""
    earlier: Neighbour | None = None
    later: Neighbour | None = None
    asked_again: bool = False  # whether its question was answered in another reading too

    @property
    def quote(self) -> str:
        return self.passage.quote if self.passage else ""

    @property
    def in_place(self) -> bool:
        return self.start is not None

    @property
    def stands_somewhere(self) -> bool:
        """Whether the words are still there, though where they were can't be told."""
        return bool(self.quote) and any(places(self.quote, self.text, most=1))

    @property
    def end(self) -> int:
        return (self.start or 0) + len(self.quote)

    @property
    def leading_up(self) -> str:
        """The sentence before: of the text as it is, else as it was."""
        if self.passage is None:
            return ""
        if self.start is None:
            return leading_up(self.passage.before)
        return leading_up(self.text[max(self.start - 400, 0) : self.start])

    @property
    def going_on(self) -> str:
        if self.passage is None:
            return ""
        return going_on(
            self.passage.after if self.start is None else self.text[self.end : self.end + 400]
        )

    @property
    def is_long(self) -> bool:
        return len(self.quote) > LONG


@dataclass(frozen=True, slots=True)
class Path:
    """A page of all hinges, in order of time."""

    hinges: list[Shown]
    start: int = 0
    more: bool = False

    @property
    def of_several(self) -> bool:
        """Whether they are from more than one devotional, so that its title is worth saying."""
        return len({each.reflection.reading.devotional for each in self.hinges}) > 1

    @property
    def before(self) -> int:
        return max(self.start - SHOWN, 0)

    @property
    def after(self) -> int:
        return self.start + SHOWN


@dataclass(frozen=True, slots=True)
class Marking:
    """One reflection with its hinges: what the page for marking shows."""

    reflection: Reflection
    text: str | None
    hinges: list[Shown] = field(default_factory=list)

    def overlaps(self, start: int, end: int) -> bool:
        return any(
            hinge.start is not None and hinge.start < end and start < hinge.end
            for hinge in self.hinges
        )


def hinges_in(reader: Reader, reflection: Reflection) -> OwnedQuerySet[Hinge]:
    return Hinge.objects.by(reader).filter(reflection=reflection).order_by("marked_at", "id")


def marking_of(reader: Reader, reflection: Reflection) -> Marking:
    """What is marked in one reflection; one query."""
    text = words_of(reflection)
    found = [show(hinge, reflection, text) for hinge in hinges_in(reader, reflection)]
    return Marking(reflection, text, found)


def lines_in(
    reader: Reader, texts: Mapping[uuid.UUID, str | None]
) -> dict[uuid.UUID, list[tuple[int, int]]]:
    """From where to where lines are marked in `texts`, by the ids of their reflections; one query.

    None is told twice where marks overlap, and none that has changed since.
    """
    lines: dict[uuid.UUID, list[tuple[int, int]]] = {}
    for hinge in Hinge.objects.by(reader).filter(reflection__in=texts):
        text, passage = texts[hinge.reflection_id], passage_of(hinge)
        start = passage.place_in(text) if passage and text is not None else None
        if passage and start is not None:
            found = (start, start + len(passage.quote))
            lines.setdefault(hinge.reflection_id, []).append(found)
    return {id_: joined(spans) for id_, spans in lines.items()}


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in their order, those that overlap as one."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if whole and start < whole[-1][1]:
            start, end = whole[-1][0], max(whole.pop()[1], end)
        whole.append((start, end))
    return whole


def mark(reader: Reader, marking: Marking, passage: Passage) -> bool:
    """Mark `passage` as a hinge, once; False where the reflection has as many as it can."""
    known = any(
        hinge.in_place and hinge.start == passage.at and hinge.quote == passage.quote
        for hinge in marking.hinges
    )
    if known:
        return True
    if len(marking.hinges) >= MOST:
        return False
    hinge = Hinge(reader=reader, reflection=marking.reflection, marked_at=timezone.now())
    hinge.text = passage.written()
    hinge.save(force_insert=True)
    return True


def put_back(
    reader: Reader, reflection: Reflection, hinge_id: uuid.UUID, *, sealed: bytes, at: datetime
) -> bool:
    """Mark again what was just taken off, from its own sealed record.

    The record opens only for this reader and this hinge, so it needs no other proof.
    """
    if Hinge.objects.by(reader).filter(pk=hinge_id).exists():
        return True
    at = at if reflection.begun_at <= at <= timezone.now() else timezone.now()
    hinge = Hinge(id=hinge_id, reader=reader, reflection=reflection, marked_at=at, sealed=sealed)
    if passage_of(hinge) is None or hinges_in(reader, reflection).count() >= MOST:
        return False
    hinge.save(force_insert=True)
    return True


def passage_of(hinge: Hinge) -> Passage | None:
    """What was marked; None where it can't be opened with the keys on this server."""
    words = words_of(hinge)
    return Passage.read(words) if words is not None else None


def show(hinge: Hinge, reflection: Reflection, text: str | None) -> Shown:
    passage = passage_of(hinge)
    return Shown(
        id=hinge.id,
        reflection=reflection,
        marked_at=hinge.marked_at,
        passage=passage,
        start=passage.place_in(text) if passage and text is not None else None,
        text=text or "",
    )


def path_of(reader: Reader, library: Library, *, start: int = 0) -> Path:
    """The hinges from the one at `start` on, by when their reflections were begun; three queries.

    By the beginning and not the last change: an edit must not move a step of the path.
    """
    found = list(
        Hinge.objects.by(reader)
        .select_related("reflection__reading")
        .order_by("reflection__begun_at", "reflection_id", "marked_at", "id")[
            start : start + SHOWN + 1
        ]
    )
    texts: dict[uuid.UUID, str | None] = {}
    hinges = []
    for hinge in found[:SHOWN]:
        reflection = hinge.reflection
        if reflection.pk not in texts:
            texts[reflection.pk] = words_of(reflection)
        hinges.append(show(hinge, reflection, texts[reflection.pk]))
    for each in hinges:
        name(each, library)
    if hinges:
        look_around(reader, hinges)
    return Path(hinges=hinges, start=start, more=len(found) > SHOWN)


def name(shown: Shown, library: Library) -> None:
    """Say where a hinge is from; also where the text is gone."""
    reflection = shown.reflection
    devotional = library.devotional(reflection.reading.devotional)
    shown.title = devotional.title if devotional else title_from(reflection.reading.devotional)
    shown.section_title = part_name(devotional, reflection.section)
    shown.language = devotional.language if devotional else ""


def look_around(reader: Reader, hinges: list[Shown]) -> None:
    """Put beside each hinge what was written before and after it; two queries for all of them.

    Another answer to the same question comes before one to another, which needs its question said.
    """
    dates = (
        Reflection.objects.by(reader)
        .filter(reading__devotional__in={each.reflection.reading.devotional for each in hinges})
        .order_by("begun_at", "id")
        .values_list("reading__devotional", "section", "prompt", "begun_at", "id")
    )
    order: dict[Among, list[tuple[datetime, uuid.UUID]]] = {}
    for devotional, section, prompt, begun_at, id_ in dates:
        for among in ((devotional,), (devotional, section, prompt)):
            order.setdefault(among, []).append((begun_at, id_))
    beside = {each.id: sides(order, each.reflection) for each in hinges}
    wanted = {id_ for both in beside.values() for side in both for id_ in side}
    found = {each.pk: each for each in Reflection.objects.by(reader).filter(pk__in=wanted)}
    for each in hinges:
        each.earlier, each.later = (
            next((there for id_ in side if (there := neighbour_of(found.get(id_), each))), None)
            for side in beside[each.id]
        )
        times = len(order[question_of(each.reflection)])
        each.asked_again = times > 1 and bool(each.text.strip())


def question_of(reflection: Reflection) -> Among:
    return reflection.reading.devotional, reflection.section, reflection.prompt


def neighbour_of(reflection: Reflection | None, hinge: Shown) -> Neighbour | None:
    line = first_line(words_of(reflection) or "") if reflection else ""
    if reflection is None or not line:
        return None
    of = hinge.reflection
    same = (reflection.section, reflection.prompt) == (of.section, of.prompt)
    return Neighbour(
        id=reflection.pk,
        begun_at=reflection.begun_at,
        written_at=reflection.written_at,
        line=line,
        asked="" if same else reflection.asked,
    )


def sides(
    order: dict[Among, list[tuple[datetime, uuid.UUID]]], reflection: Reflection
) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """The reflections nearest before and after one, nearest first; those to its question first."""
    before: list[uuid.UUID] = []
    after: list[uuid.UUID] = []
    for among in (question_of(reflection), (reflection.reading.devotional,)):
        all_of_them = order.get(among, [])
        place = bisect_left(all_of_them, (reflection.begun_at, reflection.pk))
        before += [id_ for _at, id_ in reversed(all_of_them[max(place - REACH, 0) : place])]
        after += [id_ for _at, id_ in all_of_them[place + 1 : place + 1 + REACH]]
    return before, after
