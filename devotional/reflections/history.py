"""The history of one reflection: its earlier wordings, compared and put back (W12).

Putting a wording back is a save like any other, over the version that was seen. What stood is
always kept, so it can be undone by the same means.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from django.db import transaction
from django.db.models import QuerySet

from devotional.lib.comparison import Comparison, compare
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.readers.turn import take_turn
from devotional.reflections.answers import Answer, Place, State
from devotional.reflections.models import Operation, Reflection, Revision
from devotional.reflections.saving import Spend, save_reflections
from devotional.reflections.wordings import last_standing

SHOWN = 20  # wordings a page: each may be 100 KB


@dataclass(slots=True)
class Wording:
    """One earlier wording, or one that came from another page or device."""

    id: uuid.UUID
    from_elsewhere: bool
    written_at: datetime
    asked: str  # the question it answered, where it isn't the reflection's; else empty
    text: str | None  # None: can't be opened with the keys on this server
    compared: Comparison | None = None

    @property
    def says_something(self) -> bool:
        return bool(self.text and self.text.strip())


@dataclass(frozen=True, slots=True)
class History:
    """One reflection as it stands, and a page of what stood there before, newest first."""

    reflection: Reflection
    text: str | None
    wordings: list[Wording]
    start: int  # how many newer wordings are on the pages before
    more: bool  # whether older ones are on the pages after
    last_words: Wording | None  # what a cleared box held; None where it isn't cleared

    @property
    def cleared(self) -> bool:
        return not says_something(self.text)

    def wording(self, revision_id: uuid.UUID) -> Wording | None:
        return next((each for each in self.wordings if each.id == revision_id), None)

    @property
    def before(self) -> int:
        return max(self.start - SHOWN, 0)

    @property
    def after(self) -> int:
        return self.start + SHOWN


class PutBack(Enum):
    """What became of putting a wording back."""

    DONE = auto()
    STALE = auto()  # newer words were saved since the page was made; nothing was changed
    SHUT = auto()  # it, or what it would take the place of, can't be opened


def find_reflection(reader: Reader, reflection_id: uuid.UUID) -> Reflection | None:
    found = Reflection.objects.by(reader).select_related("reading")
    return found.filter(pk=reflection_id).first()


def revisions_of(reader: Reader, reflection: Reflection) -> QuerySet[Revision]:
    found = Revision.objects.by(reader).filter(reflection=reflection)
    return found.order_by("-written_at", "-version", "id")


def history_of(reader: Reader, reflection: Reflection, *, start: int = 0) -> History:
    """The history from the wording at `start` on; one query, two where the box is cleared."""
    found = list(revisions_of(reader, reflection)[start : start + SHOWN + 1])
    text = words_of(reflection)
    last = None if says_something(text) else last_standing(reflection)
    return History(
        reflection=reflection,
        text=text,
        wordings=[wording_of(reflection, revision) for revision in found[:SHOWN]],
        start=start,
        more=len(found) > SHOWN,
        last_words=wording_of(reflection, last) if last else None,
    )


def wording_of(reflection: Reflection, revision: Revision) -> Wording:
    return Wording(
        id=revision.id,
        from_elsewhere=revision.kind == Revision.Kind.CONFLICT,
        written_at=revision.written_at,
        asked=revision.asked if revision.asked != reflection.asked else "",
        text=words_of(revision),
    )


def compare_with_now(history: History, wording: Wording) -> None:
    """Note in `wording` what became of it; nothing where one of the two can't be opened."""
    if wording.text is not None and history.text is not None:
        wording.compared = compare(wording.text, history.text)


def put_back(
    reader: Reader,
    reflection: Reflection,
    revision: Revision,
    *,
    seen: int,
    spend: Spend | None = None,
) -> PutBack:
    """Let the words of `revision` stand again, in place of version `seen`, which is kept.

    The operation's id follows from what is asked, so that asking twice is answered twice and done
    once, from whichever page or device. Raises QuotaError where `spend` does.
    """
    op_id = uuid.uuid5(revision.id, str(seen))
    with transaction.atomic():
        take_turn(reader)
        standing = Reflection.objects.by(reader).select_for_update().get(pk=reflection.pk)
        done = Operation.objects.by(reader).filter(op_id=op_id).exists()
        if standing.version != seen and not done:
            return PutBack.STALE
        words, text = words_of(standing), words_of(revision)
        if words is None or text is None:
            return PutBack.SHUT
        place = Place(
            devotional=reflection.reading.devotional,
            section=reflection.section,
            section_digest=reflection.section_digest,
            reading=reflection.reading.number,
        )
        answer = Answer(
            prompt=reflection.prompt,
            asked=revision.asked,
            text=text,
            based_on=seen,
            keeps_standing=bool(words.strip()),
        )
        receipt = save_reflections(reader, place=place, answers=[answer], op_id=op_id, spend=spend)
        met_another = receipt.outcomes[0].state is State.CONFLICT
        return PutBack.STALE if met_another else PutBack.DONE
