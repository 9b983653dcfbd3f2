"""Saving a reader's words, so that a save is never repeated, lost, or laid over newer words.

One transaction a save. Order is decided by versions, never by clocks: an answer says which version
it was written over, and where that is no longer the newest, the answer is kept beside it as a
conflict and both are handed back. Nothing here knows of requests or pages.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from devotional.readers.access import words_of
from devotional.readers.models import Reader
from devotional.readers.quotas import QuotaError, blocks_of
from devotional.readers.turn import take_turn
from devotional.reflections.answers import (
    LIMIT,
    Answer,
    Choice,
    Outcome,
    Place,
    Receipt,
    State,
    digest,
    fingerprint,
)
from devotional.reflections.models import Operation, Reading, Reflection, Revision
from devotional.reflections.operations import remember, replay, space_of_rows
from devotional.reflections.wordings import (
    copies_today,
    is_earlier_wording,
    is_laid_aside,
    joined,
    keep_revision,
    last_words,
)

# Texts that met others, kept beside one reflection in a day. A page that met one waits for its
# reader's choice, so a person with two devices makes a few; only a program makes more. Of each, up
# to 100 KB are kept, and none is ever dropped: each was said to be kept.
COPIES_A_DAY = 50
# The same for what a reader lays aside by a choice: such a choice is left when saves have no more.
COPIES_BY_CHOICE = 2 * COPIES_A_DAY

# Is told of blocks of space, that stay and that go by themselves; raises where it is too much.
type Spend = Callable[[int, int], None]


class TooManyCopiesError(QuotaError):
    """A text met another, and too many have today to keep one more; `outcome` has what stands."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome

    def __str__(self) -> str:
        return _(
            "Other words were saved here so often today that yours can’t be kept beside them. "
            "They’re still in the box: please choose above."
        )


def save_reflections(
    reader: Reader,
    *,
    place: Place,
    answers: list[Answer],
    op_id: uuid.UUID,
    spend: Spend | None = None,
) -> Receipt:
    """Save `answers` at `place`, all or none, once however often it is asked.

    Returns only what will be true after the surrounding transaction commits; outside of one, that
    is on return. Raises django.db.DatabaseError where nothing could be written, and QuotaError
    where `spend` does, or too many texts meet: then nothing is saved.
    """
    save = partial(attempt, reader, place, answers, op_id, spend)
    try:
        # Most saves are neither repeated nor late, and need not ask whether they are: the
        # operation's own row says so in the end, by its constraint.
        with transaction.atomic():  # a savepoint, where the caller has begun a transaction
            return save(asking=False)
    except IntegrityError:
        with transaction.atomic():
            return save(asking=True)


def attempt(
    reader: Reader,
    place: Place,
    answers: list[Answer],
    op_id: uuid.UUID,
    spend: Spend | None,
    *,
    asking: bool,
) -> Receipt:
    """Save, and note that it is done. Raises IntegrityError where it was done or begun before."""
    take_turn(reader)
    sent = fingerprint(op_id, place, answers)
    now = timezone.now()
    reading, standing = what_stands(reader, place, answers)
    done = None
    if asking or not all(is_straight(answer, standing.get(answer.prompt)) for answer in answers):
        done = Operation.objects.by(reader).filter(op_id=op_id).first()
    if done and done.fingerprint == sent:
        return replay(done, answers, standing)
    outcomes = tuple(
        # An operation id that comes back with other words is a mistake somewhere: keep both.
        save_answer(standing.get(answer.prompt), answer, reading, place, now, is_new=done is None)
        for answer in answers
    )
    added, passing = sum(outcome.added for outcome in outcomes), 0
    if done is None:
        remember(reader, op_id, sent, outcomes, now)
        passing = space_of_rows(outcomes)
    if spend and (added or passing):
        spend(added, passing)
    return Receipt(outcomes)


def is_straight(answer: Answer, standing: Reflection | None) -> bool:
    """Whether an answer is based on what stands, so that no earlier sending of it was saved."""
    version = standing.version if standing else 0
    return answer.choice is None and answer.based_on == version


def what_stands(
    reader: Reader, place: Place, answers: list[Answer]
) -> tuple[Reading | None, dict[str, Reflection]]:
    """What stands at `place` now, by prompt, in one query; and the reading, where a box is new."""
    prompts = {answer.prompt for answer in answers}
    standing = standing_at(reader, place, place.reading)
    if standing.keys() >= prompts:
        return None, standing
    reading = reading_for(reader, place)
    if reading.number != place.reading:
        standing = standing_at(reader, place, reading.number)
    return reading, standing


def standing_at(reader: Reader, place: Place, number: int) -> dict[str, Reflection]:
    """All that stands in the section, in the reading of that number, by prompt."""
    found = Reflection.objects.by(reader).filter(
        reading__devotional=place.devotional, reading__number=number, section=place.section
    )
    return {reflection.prompt: reflection for reflection in found}


def reading_for(reader: Reader, place: Place) -> Reading:
    """The reading that `place` names, begun now if it is the reader's first."""
    # A page may still name a reading that was begun by mistake and undone in another tab.
    before = Reading.objects.by(reader).filter(
        devotional=place.devotional, number__lte=place.reading
    )
    return before.order_by("-number").first() or Reading.objects.create(
        reader=reader, devotional=place.devotional, number=1, begun_at=timezone.now()
    )


def save_answer(
    standing: Reflection | None,
    answer: Answer,
    reading: Reading | None,
    place: Place,
    now: datetime,
    *,
    is_new: bool,  # whether the operation is done for the first time
) -> Outcome:
    """Put one answer where it belongs and say what became of it."""
    if standing is None:
        if not answer.text or (answer.is_untouched and answer.based_on):
            # The second: words that were deleted since, sent along by a form without a script.
            return Outcome(answer.prompt, State.EMPTY, 0, None, digest(""))
        if reading is None:  # what_stands() names it wherever a box is new
            raise LookupError("There is no reading for a new reflection.")
        return outcome_of(begin_reflection(answer, reading, place, now), answer.text, State.SAVED)
    words = words_of(standing)
    if words is None:
        return step_aside(standing, None, answer, now, State.SHUT)
    if answer.choice:
        return choose(standing, words, answer, place, now, is_new=is_new)
    if words == answer.text:
        return outcome_of(standing, words, State.UNCHANGED)
    if answer.is_untouched and answer.based_on != standing.version:
        # Sent along by a form without a script: nobody meant to write this again.
        return replace(outcome_of(standing, words, State.UNCHANGED), standing=words)
    if is_new and answer.based_on == standing.version:
        if answer.keeps_standing or is_earlier_wording(standing, words, answer.text, now):
            keep_revision(standing, words, Revision.Kind.EARLIER, standing.written_at)
            standing.kept_at = standing.written_at
        if write_over(standing, answer, place, now):
            cleared = bool(words.strip()) and not answer.text.strip()
            return replace(outcome_of(standing, answer.text, State.SAVED), cleared=cleared)
        standing.refresh_from_db()
        words = words_of(standing)
    return step_aside(standing, words, answer, now, State.CONFLICT)


def choose(
    standing: Reflection,
    words: str,
    answer: Answer,
    place: Place,
    now: datetime,
    *,
    is_new: bool,  # whether the operation is done for the first time
) -> Outcome:
    """Carry out what a reader decided between two texts. Neither is ever lost (W6)."""
    text = answer.text
    match answer.choice:
        case Choice.OTHER:
            if text.strip() and text != words:
                lay_aside(standing, words, answer, now, most=COPIES_BY_CHOICE)
            return replace(outcome_of(standing, words, State.UNCHANGED), standing=words)
        case Choice.BOTH:
            text = joined(words, text)
            if len(text.encode()) > LIMIT:
                return step_aside(standing, words, answer, now, State.TOO_LONG)
        case Choice.UNDO:
            if text.strip() and text != words:
                # Typed since the box was cleared.
                lay_aside(standing, words, answer, now, most=COPIES_BY_CHOICE)
            text = last_words(standing) or words
    chosen = replace(answer, text=text, choice=None, keeps_standing=bool(words.strip()))
    outcome = save_answer(standing, chosen, standing.reading, place, now, is_new=is_new)
    if text != answer.text and outcome.standing is None:
        return replace(outcome, standing=text)
    return outcome


def step_aside(
    standing: Reflection, words: str | None, answer: Answer, now: datetime, state: State
) -> Outcome:
    """Keep what was sent beside what stands, and hand back both."""
    if answer.text.strip():
        lay_aside(standing, words, answer, now, most=COPIES_A_DAY)
    return replace(outcome_of(standing, answer.text, state), standing=words)


def lay_aside(
    standing: Reflection, words: str | None, answer: Answer, now: datetime, *, most: int
) -> None:
    """Keep what was sent in the history, and what stands from being replaced without a trace.

    Raises TooManyCopiesError where the last day has seen `most` of them.
    """
    if not is_laid_aside(standing, answer.text):
        if copies_today(standing, now) >= most:
            unkept = outcome_of(standing, answer.text, State.UNKEPT)
            raise TooManyCopiesError(replace(unkept, standing=words))
        keep_revision(standing, answer.text, Revision.Kind.CONFLICT, now, asked=answer.asked)
    Reflection.objects.filter(pk=standing.pk).update(has_met_another=True)


def begin_reflection(answer: Answer, reading: Reading, place: Place, now: datetime) -> Reflection:
    reflection = Reflection(
        reader_id=reading.reader_id,
        reading=reading,
        section=place.section,
        section_digest=place.section_digest,
        prompt=answer.prompt,
        asked=answer.asked,
        # Words written over some that were deleted since are newer than those.
        version=answer.based_on + 1,
        begun_at=now,
        written_at=now,
    )
    reflection.text = answer.text
    reflection.save(force_insert=True)
    reflection.added += blocks_of(len(reflection.sealed))
    return reflection


def write_over(standing: Reflection, answer: Answer, place: Place, now: datetime) -> bool:
    """Replace the words if they are still of the version that `standing` was read at."""
    seen, space = standing.version, blocks_of(len(standing.sealed))
    standing.text = answer.text
    changed = Reflection.objects.filter(
        pk=standing.pk, reader_id=standing.reader_id, version=seen
    ).update(
        version=seen + 1,
        sealed=standing.sealed,
        asked=answer.asked,
        section_digest=place.section_digest,
        written_at=now,
        kept_at=standing.kept_at,
        has_met_another=False,
    )
    standing.version, standing.written_at = seen + 1, now
    standing.added += max(0, blocks_of(len(standing.sealed)) - space)
    return bool(changed)


def outcome_of(reflection: Reflection, text: str, state: State) -> Outcome:
    return Outcome(
        reflection.prompt,
        state,
        reflection.version,
        reflection.written_at.isoformat(),
        digest(text),
        added=reflection.added,
    )
