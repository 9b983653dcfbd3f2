"""One devotional's answers part by part: under each question those of every time through (W11).

Nothing goes when a text goes: a devotional, section or question that the author took out still has
its answers, which come last (W13).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from devotional.content.library import Devotional, Library, Section
from devotional.journal.dressing import dressed
from devotional.journal.timeline import Entry
from devotional.readers.access import words_of
from devotional.readers.models import Reader
from devotional.reflections.models import OnPaper, Reading, Reflection
from devotional.reflections.readings import in_order, part_name, readings_of


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers, the newest time through first; some boxes may be cleared."""

    prompt: str
    still_asked: bool
    answers: tuple[Entry, ...]

    @property
    def asked(self) -> str:
        """As it was asked last."""
        return self.answers[0].asked

    @property
    def is_answered_again(self) -> bool:
        return sum(not answer.is_cleared for answer in self.answers) > 1


@dataclass(frozen=True, slots=True)
class Part:
    """What was written in one section, which may be gone from the text."""

    id: str
    title: str
    in_text: bool
    on_paper: tuple[int, ...]  # the times through that were answered on paper
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class TimeThrough:
    """One time through, and whether anything is there of it."""

    number: int
    begun_at: datetime
    holds_anything: bool  # words that stand, or a mark for paper: enough to begin again after it
    has_history: bool  # boxes, some of them cleared perhaps, or a mark for paper

    @property
    def can_undo(self) -> bool:
        """Never for a box that was cleared: its history would go with the time through."""
        return self.number > 1 and not self.has_history


@dataclass(frozen=True, slots=True)
class ByPart:
    """All of one devotional: the times through it, newest first, and its parts in their order."""

    times: tuple[TimeThrough, ...]
    parts: tuple[Part, ...]

    @property
    def newest(self) -> TimeThrough:
        return self.times[0]

    @property
    def empty_times(self) -> list[TimeThrough]:
        """Those before the newest of which nothing is there."""
        return [time for time in self.times[1:] if not time.has_history]


def by_part(reader: Reader, devotional_id: str, library: Library) -> ByPart | None:
    """Everything of one devotional; None where it was never read. Six queries."""
    readings = list(readings_of(reader, devotional_id))
    if not readings:
        return None
    rows = Reflection.objects.by(reader).filter(reading__in=readings).select_related("reading")
    found = [Entry.of(row, words_of(row), library) for row in rows.order_by("begun_at")]
    entries = list(dressed(reader, found).values())
    marks = OnPaper.objects.by(reader).filter(reading__in=readings)
    on_paper = sorted(marks.values_list("reading__number", "section"), reverse=True)
    times = [time_through(reading, entries, on_paper) for reading in readings]
    devotional = library.devotional(devotional_id)
    newest = max((entry.reading for entry in entries), default=0)
    return ByPart(tuple(times), parts_of(devotional, entries, on_paper, newest))


def time_through(
    reading: Reading, entries: list[Entry], on_paper: list[tuple[int, str]]
) -> TimeThrough:
    own = [entry for entry in entries if entry.reading == reading.number]
    has_paper = any(number == reading.number for number, _section in on_paper)
    return TimeThrough(
        number=reading.number,
        begun_at=reading.begun_at,
        holds_anything=has_paper or any(not entry.is_cleared for entry in own),
        has_history=has_paper or bool(own),
    )


def parts_of(
    devotional: Devotional | None,
    entries: list[Entry],
    on_paper: list[tuple[int, str]],
    newest: int,
) -> tuple[Part, ...]:
    """In the order of the text; those that are gone from it come last."""
    by_section: dict[str, list[Entry]] = {section: [] for _number, section in on_paper}
    for entry in entries:
        by_section.setdefault(entry.section, []).append(entry)
    order = [section.id for section in devotional.sections] if devotional else []
    parts = []
    for section_id in in_order(by_section, order):
        section = devotional.section(section_id) if devotional else None
        parts.append(
            Part(
                id=section_id,
                title=part_name(devotional, section_id),
                in_text=section is not None,
                on_paper=tuple(number for number, where in on_paper if where == section_id),
                questions=questions_of(section, by_section[section_id], newest),
            )
        )
    return tuple(parts)


def questions_of(
    section: Section | None, entries: list[Entry], newest: int
) -> tuple[Question, ...]:
    by_prompt: dict[str, list[Entry]] = {}
    for entry in entries:
        by_prompt.setdefault(entry.prompt, []).append(
            replace(entry, is_earlier=entry.reading < newest)
        )
    order = [prompt.id for prompt in section.prompts] if section else []
    return tuple(
        Question(
            prompt=prompt,
            still_asked=prompt in order,
            answers=tuple(sorted(by_prompt[prompt], key=lambda each: -each.reading)),
        )
        for prompt in in_order(by_prompt, order)
    )
