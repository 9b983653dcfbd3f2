"""What there is to take away: a plan of ids first, then the rows, a few at a time (K10).

A download may take as long as a slow phone takes, so nothing is held meanwhile: no transaction, no
open cursor (either would keep every save waiting) and no more words than one batch. What is saved
while it goes on may be in it or not; what is deleted meanwhile is left out.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from django.db.models import QuerySet, Sum
from django.db.models.functions import Length
from django.utils import timezone

from devotional.content.library import Devotional, Library, Section
from devotional.groups.models import Membership, Share
from devotional.journal.models import Deleted, Hinge
from devotional.readers.models import Reader
from devotional.readers.sealed import SealedText
from devotional.reflections.models import OnPaper, Reading, Reflection, Revision
from devotional.reflections.readings import in_order, title_from

BATCH = 25  # rows: each may hold 100 KB
HUGE = 2**28  # bytes sealed; as JSON that may come near the 2 GB at which a ZIP is marked


@dataclass(frozen=True, slots=True)
class TakenSection:
    """One section in one reading: where it stands in the text, and its reflections in order."""

    id: str
    section: Section | None  # None: no longer in the text
    on_paper: bool
    reflections: tuple[uuid.UUID, ...]
    begun_at: datetime | None  # None where nothing was written
    written_at: datetime | None

    @property
    def title(self) -> str:
        return self.section.title if self.section else title_from(self.id)


@dataclass(frozen=True, slots=True)
class TakenReading:
    """One reading with its sections, in the order of the text."""

    devotional_id: str
    devotional: Devotional | None  # None: no longer on the shelf
    number: int
    begun_at: datetime
    sections: tuple[TakenSection, ...]

    @property
    def title(self) -> str:
        return self.devotional.title if self.devotional else title_from(self.devotional_id)

    @property
    def reflections(self) -> list[uuid.UUID]:
        return [id_ for section in self.sections for id_ in section.reflections]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything of one reader, without a word of it yet."""

    reader: Reader
    made_at: datetime
    zone: tzinfo  # whose days and hours people read in it
    readings: tuple[TakenReading, ...]
    hinges: tuple[uuid.UUID, ...]
    deleted: tuple[uuid.UUID, ...]
    memberships: tuple[Membership, ...]
    shares: tuple[uuid.UUID, ...]
    is_huge: bool

    @property
    def reflections(self) -> list[uuid.UUID]:
        return [id_ for reading in self.readings for id_ in reading.reflections]

    @property
    def holds_anything(self) -> bool:
        written = any(reading.sections for reading in self.readings)
        return written or bool(self.deleted or self.memberships)

    @property
    def several_readings(self) -> bool:
        return sum(bool(reading.sections) for reading in self.readings) > 1


@dataclass(frozen=True, slots=True)
class Line:
    """What the plan needs to know of a reflection: no text, so ten thousand are no burden."""

    id: uuid.UUID
    prompt: str
    begun_at: datetime
    written_at: datetime


def plan_for(reader: Reader, library: Library, zone: tzinfo | None = None) -> Plan:
    """Look at what `reader` has; eleven queries, however much it is, and nothing is opened.

    Days and hours are told by `zone`, or else by the site's.
    """
    lines: dict[int, dict[str, list[Line]]] = {}
    found = Reflection.objects.by(reader).order_by("begun_at", "id")
    for reading_id, section, id_, prompt, begun_at, written_at in found.values_list(
        "reading_id", "section", "id", "prompt", "begun_at", "written_at"
    ):
        line = Line(id_, prompt, begun_at, written_at)
        lines.setdefault(reading_id, {}).setdefault(section, []).append(line)
    on_paper: dict[int, set[str]] = {}
    marks = OnPaper.objects.by(reader).order_by("section")
    for reading_id, section in marks.values_list("reading_id", "section"):
        on_paper.setdefault(reading_id, set()).add(section)
    readings = Reading.objects.by(reader).order_by("devotional", "number")
    hinges = Hinge.objects.by(reader).order_by("marked_at", "id")
    deleted = Deleted.objects.by(reader).order_by("deleted_at", "reflection_id", "part")
    shares = Share.objects.by(reader).order_by("shared_at", "id")
    return Plan(
        reader=reader,
        made_at=timezone.now(),
        zone=zone or timezone.get_current_timezone(),
        readings=tuple(
            taken_reading(
                reading,
                library.devotional(reading.devotional),
                lines.get(reading.pk, {}),
                on_paper.get(reading.pk, set()),
            )
            for reading in readings
        ),
        hinges=tuple(hinges.values_list("id", flat=True)),
        deleted=tuple(deleted.values_list("id", flat=True)),
        memberships=tuple(standings(reader)),
        shares=tuple(shares.values_list("id", flat=True)),
        is_huge=stored_bytes(reader) > HUGE,
    )


def standings(reader: Reader) -> QuerySet[Membership]:
    """Every group that knows `reader`, each with the sections they said to have read."""
    mine = Membership.objects.by(reader).select_related("group")
    return mine.prefetch_related("read").order_by("joined_at", "id")


def taken_reading(
    reading: Reading,
    devotional: Devotional | None,
    lines: dict[str, list[Line]],
    on_paper: set[str],
) -> TakenReading:
    """`reading` with its sections; those that are gone from the text come last."""
    order = [section.id for section in devotional.sections] if devotional else []
    return TakenReading(
        devotional_id=reading.devotional,
        devotional=devotional,
        number=reading.number,
        begun_at=reading.begun_at,
        sections=tuple(
            section_of(
                section_id,
                devotional.section(section_id) if devotional else None,
                lines.get(section_id, []),
                on_paper=section_id in on_paper,
            )
            for section_id in in_order(dict.fromkeys([*lines, *sorted(on_paper)]), order)
        ),
    )


def section_of(
    section_id: str, section: Section | None, lines: list[Line], *, on_paper: bool
) -> TakenSection:
    order = [prompt.id for prompt in section.prompts] if section else []
    by_prompt = {line.prompt: line for line in lines}
    return TakenSection(
        id=section_id,
        section=section,
        on_paper=on_paper,
        reflections=tuple(by_prompt[prompt].id for prompt in in_order(by_prompt, order)),
        begun_at=min((line.begun_at for line in lines), default=None),
        written_at=max((line.written_at for line in lines), default=None),
    )


def stored_bytes(reader: Reader) -> int:
    sealed = Sum(Length("sealed"))
    of_reflections = Reflection.objects.by(reader).aggregate(bytes=sealed)["bytes"]
    of_revisions = Revision.objects.by(reader).aggregate(bytes=sealed)["bytes"]
    of_shares = Share.objects.by(reader).aggregate(bytes=sealed)["bytes"]
    return (of_reflections or 0) + (of_revisions or 0) + (of_shares or 0)


class Ahead[M: SealedText]:
    """Rows by their ids, fetched a batch at a time in the order in which they will be asked for."""

    def __init__(self, reader: Reader, all_rows: QuerySet[M], ids: Sequence[uuid.UUID]) -> None:
        self._reader = reader
        self._all_rows = all_rows
        self._ids = ids
        self._place = {id_: place for place, id_ in enumerate(ids)}
        self._batch: Sequence[uuid.UUID] = ()
        self._rows: dict[uuid.UUID, M] = {}

    def rows(self, ids: Iterable[uuid.UUID]) -> Iterator[M]:
        """The rows of `ids` but for those that were deleted meanwhile."""
        for id_ in ids:
            if id_ not in self._batch:
                place = self._place[id_]
                self.fetch(self._ids[place : place + BATCH])
            if id_ in self._rows:
                yield self._rows[id_]

    def fetch(self, batch: Sequence[uuid.UUID]) -> None:
        self._batch = batch
        self._rows = {}  # let go of the last batch before the next one comes
        # Asked for by id, and looked at afterwards: given the reader too, SQLite would for each
        # batch walk through all that they ever wrote.
        found = self._all_rows.in_bulk(batch)
        self._rows = {id_: row for id_, row in found.items() if row.reader_id == self._reader.pk}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The other wordings of a reflection, oldest first; opened when they are looked at."""

    ids: Sequence[uuid.UUID] = ()
    ahead: Ahead[Revision] | None = None

    def __bool__(self) -> bool:
        return bool(self.ids)

    def rows(self) -> Iterator[Revision]:
        return self.ahead.rows(self.ids) if self.ahead else iter(())


class Words(Ahead[Reflection]):
    """The reflections of a plan, and what stood there before; three queries a batch."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.reader, Reflection.objects.all(), plan.reflections)
        self._earlier: dict[uuid.UUID, Earlier] = {}

    def fetch(self, batch: Sequence[uuid.UUID]) -> None:
        super().fetch(batch)
        ids: dict[uuid.UUID, list[uuid.UUID]] = {id_: [] for id_ in batch}
        found = Revision.objects.by(self._reader).filter(reflection__in=batch)
        in_order_of_time = found.order_by("written_at", "version", "id")
        for of, revision_id in in_order_of_time.values_list("reflection_id", "id"):
            ids[of].append(revision_id)
        in_turn = [id_ for own in ids.values() for id_ in own]
        ahead = Ahead(self._reader, Revision.objects.all(), in_turn)
        self._earlier = {of: Earlier(own, ahead) for of, own in ids.items()}

    def of(self, section: TakenSection) -> Iterator[tuple[Reflection, Earlier]]:
        for reflection in self.rows(section.reflections):
            yield reflection, self._earlier[reflection.pk]


def narrowed(plan: Plan, devotional_id: str, number: int) -> Plan:
    """Only one reading of `plan`; without any where there is no such reading."""
    chosen = (
        reading
        for reading in plan.readings
        if (reading.devotional_id, reading.number) == (devotional_id, number)
    )
    return replace(plan, readings=tuple(chosen), hinges=(), memberships=(), shares=())
