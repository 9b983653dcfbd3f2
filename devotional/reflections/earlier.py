"""What a section's panel shows from before: earlier readings' answers, and questions now gone.

One query for them and for what stands now, and only the words of this one section are opened.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef

from devotional.content.library import Section
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reading, Reflection, Revision


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """What was written to a prompt, in an earlier reading or before the question went."""

    reflection_id: uuid.UUID
    prompt: str
    reading: int
    written_at: datetime
    asked: str  # the question as it was answered
    text: str | None  # None: can't be opened with the keys on this server

    @classmethod
    def of(cls, reflection: Reflection, reading: int) -> "EarlierAnswer":
        return cls(
            reflection_id=reflection.id,
            prompt=reflection.prompt,
            reading=reading,
            written_at=reflection.written_at,
            asked=reflection.asked,
            text=words_of(reflection),
        )


def last_wrote(reader: Reader) -> datetime | None:
    """When `reader` last wrote something; None where nothing stands."""
    newest = Reflection.objects.by(reader).aggregate(Max("written_at"))
    at: datetime | None = newest["written_at__max"]
    return at


def answers_up_to(reader: Reader, reading: Reading, section_id: str) -> list[Reflection]:
    """What `reader` wrote in this section, in that reading and all before it, newest first.

    Each knows by `has_history` whether it has earlier wordings, and the number of its reading. One
    query.
    """
    found = (
        Reflection.objects.by(reader)
        .filter(
            reading__devotional=reading.devotional,
            reading__number__lte=reading.number,
            section=section_id,
        )
        .annotate(
            reading_number=F("reading__number"),
            has_history=Exists(Revision.objects.filter(reflection=OuterRef("pk"))),
        )
        .order_by("-reading__number", "begun_at")
    )
    return list(found)


def reading_number_of(reflection: Reflection) -> int:
    """The number of the reading of one that was found by `answers_up_to`, without a query."""
    number: int = vars(reflection)["reading_number"]
    return number


def earlier_answers(
    reflections: Iterable[Reflection], reading_number: int
) -> dict[str, list[EarlierAnswer]]:
    """Those of readings before `reading_number`, in the order given, by prompt (W11)."""
    by_prompt: dict[str, list[EarlierAnswer]] = {}
    for reflection in reflections:
        number = reading_number_of(reflection)
        if number >= reading_number:
            continue
        answer = EarlierAnswer.of(reflection, number)
        if says_something(answer.text):
            by_prompt.setdefault(answer.prompt, []).append(answer)
    return by_prompt


def gone_among(
    section: Section, reflections: Iterable[Reflection], reading_number: int
) -> list[EarlierAnswer]:
    """Answers of this reading to questions that the section no longer asks (W13), from its rows."""
    answers = [
        EarlierAnswer.of(reflection, reading_number)
        for reflection in reflections
        if section.prompt(reflection.prompt) is None
    ]
    return [answer for answer in answers if says_something(answer.text)]
