"""One question across readings: two answers beside each other, each with its date (K7)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from devotional.journal.folding import Piece, cut
from devotional.journal.hinges import lines_in
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection


@dataclass(frozen=True, slots=True)
class Answered:
    """What was written to the question in one reading."""

    id: uuid.UUID
    reading: int
    written_at: datetime
    asked: str
    text: str | None  # None: can't be opened with the keys on this server
    hinges: Sequence[tuple[int, int]] = ()  # where in the text lines are marked

    @property
    def pieces(self) -> list[Piece]:
        """The words, cut where lines are marked as hinges."""
        return cut(self.text or "", list(self.hinges), 0, len(self.text or ""))


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """The answers to one question, by reading, and the two that stand beside each other."""

    answers: tuple[Answered, ...]
    then: Answered
    now: Answered | None  # None: there is only one

    @property
    def asked(self) -> str:
        """The question as it was asked last."""
        return self.answers[-1].asked

    @property
    def asked_otherwise(self) -> bool:
        """Whether the two were asked in other words, so that each needs its own."""
        return any(each.asked != self.asked for each in (self.then, self.now or self.then))


def answers_to(
    reader: Reader, devotional_id: str, section_id: str, prompt_id: str
) -> tuple[Answered, ...]:
    """Every answer to one question that says something, the first reading's first; one query."""
    found = (
        Reflection.objects.by(reader)
        .filter(reading__devotional=devotional_id, section=section_id, prompt=prompt_id)
        .select_related("reading")
        .order_by("reading__number")
    )
    answers = (
        Answered(
            id=reflection.id,
            reading=reflection.reading.number,
            written_at=reflection.written_at,
            asked=reflection.asked,
            text=words_of(reflection),
        )
        for reflection in found
    )
    return tuple(each for each in answers if says_something(each.text))


def beside(
    answers: tuple[Answered, ...], *, then: int | None = None, now: int | None = None
) -> ThenAndNow:
    """The answers of two readings beside each other: the first and the newest, unless chosen.

    `answers` holds one at least. A reading without an answer gives way to what is shown by itself.
    """
    by_reading = {each.reading: each for each in answers}
    first = by_reading.get(then or 0, answers[0])
    if len(answers) == 1:
        return ThenAndNow(answers, first, None)
    others = [each for each in answers if each is not first]
    second = by_reading.get(now or 0, others[-1])
    return ThenAndNow(answers, first, second if second is not first else others[-1])


def with_hinges(reader: Reader, pair: ThenAndNow) -> ThenAndNow:
    """The same, with the lines that are marked in the two; one query."""
    two = [each for each in (pair.then, pair.now) if each]
    lines = lines_in(reader, {each.id: each.text for each in two})
    then, *now = (replace(each, hinges=lines.get(each.id, ())) for each in two)
    return replace(pair, then=then, now=now[0] if now else None)
