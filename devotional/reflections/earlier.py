"""What a section's panel shows from before: earlier readings' answers, and questions now gone.

At most one query, and only the words of this one section are opened.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from devotional.content.library import Section
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection


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


def earlier_answers(
    reader: Reader | None, devotional_id: str, section_id: str, reading_number: int
) -> dict[str, list[EarlierAnswer]]:
    """What was written in this section in readings before `reading_number`, newest first (W11).

    By prompt; one query, and none in a first reading.
    """
    if reader is None or reading_number <= 1:
        return {}
    found = (
        Reflection.objects.by(reader)
        .filter(
            reading__devotional=devotional_id,
            reading__number__lt=reading_number,
            section=section_id,
        )
        .select_related("reading")
        .order_by("-reading__number")
    )
    by_prompt: dict[str, list[EarlierAnswer]] = {}
    for reflection in found:
        answer = EarlierAnswer.of(reflection, reflection.reading.number)
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
