"""Operations: saves that were carried out, so that asking again is answered and never repeated.

What was answered is kept without any of the words, and forgotten once no device would send it
again.
"""

import json
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from devotional.readers import clock
from devotional.readers.access import words_of
from devotional.readers.guests import was_answered
from devotional.readers.models import Reader
from devotional.reflections.answers import (
    APART,
    Answer,
    Outcome,
    Place,
    Receipt,
    State,
    digest,
    fingerprint,
)
from devotional.reflections.models import Operation, Reflection

# How long an operation is remembered: as long as a device may keep a save before it is sent again.
REMEMBERED = timedelta(days=30)
# A row takes 330 to 350 bytes with one answer, on either database, index included: three are a
# block of space. They are counted by versions, so that someone who types meets the counter rarely.
VERSIONS_AT_ONCE = 9
THEIR_BLOCKS = 3
# How long after its making the first save of a reader whose answer was lost finds them again.
FOUND_AGAIN = timedelta(days=1)


def remember(
    reader: Reader, op_id: uuid.UUID, sent: str, outcomes: tuple[Outcome, ...], now: datetime
) -> None:
    """Note what is answered, for when it is asked again; now and then forget what is old."""
    Operation.objects.create(
        reader=reader,
        op_id=op_id,
        fingerprint=sent,
        outcomes=json.dumps(
            [[o.prompt, o.state, o.version, o.written_at, o.cleared] for o in outcomes]
        ),
        done_at=now,
    )
    if op_id.int % 64 == 0 and clock.is_right(now):
        oldest = Operation.objects.order_by("pk").values("pk")[:200]
        Operation.objects.filter(pk__in=oldest, done_at__lt=now - REMEMBERED).delete()


def space_of_rows(outcomes: tuple[Outcome, ...]) -> int:
    """Blocks to count for the rows of operations, this one's among them.

    Every ninth version of an answer pays for nine; what makes no version, pays by itself. Nobody
    chooses versions of what stands: a save that doesn't follow the newest makes none.
    """
    made = [outcome.version for outcome in outcomes if outcome.state is State.SAVED]
    if not made:
        return 1
    return THEIR_BLOCKS * sum(version % VERSIONS_AT_ONCE == 0 for version in made)


def replay(done: Operation, answers: list[Answer], standing: dict[str, Reflection]) -> Receipt:
    """Say again what was answered. Hashes of the words are made anew, never stored in the clear."""
    sent = {answer.prompt: answer for answer in answers}
    outcomes = (
        Outcome(prompt, State(state), version, written_at, digest(sent[prompt].text), None, cleared)
        for prompt, state, version, written_at, cleared in json.loads(done.outcomes)
    )
    return Receipt(
        tuple(
            as_it_stands(outcome, standing[outcome.prompt], sent[outcome.prompt])
            if outcome.prompt in standing
            else outcome
            for outcome in outcomes
        ),
        replayed=True,
    )


def as_it_stands(outcome: Outcome, standing: Reflection, answer: Answer) -> Outcome:
    """A replayed outcome with the words that stand now, where the page has to show them."""
    if outcome.state in APART:
        return replace(outcome, standing=words_of(standing), version=standing.version)
    if answer.choice and (words := words_of(standing) or "") != answer.text:
        return replace(outcome, standing=words, version=standing.version, digest=digest(words))
    return outcome


def first_save_by(*, place: Place, answers: list[Answer], op_id: uuid.UUID) -> Reader | None:
    """The reader whom this very save has made already, when its answer was lost on the way.

    The one search that doesn't begin from a reader. It asks for an operation id of 122 random
    bits, which only the sender knows, together with the very words. It ends after a day, with the
    reader's next save, which shows that they hold their cookie, and when they sign out.
    """
    done = (
        Operation.objects.filter(
            op_id=op_id,
            fingerprint=fingerprint(op_id, place, answers),
            done_at__gte=timezone.now() - FOUND_AGAIN,
            reader__made_at__gte=F("done_at") - timedelta(minutes=1),
        )
        .select_related("reader")
        .first()
    )
    if done is None or Operation.objects.by(done.reader).exclude(pk=done.pk).exists():
        return None  # a later save shows that the answer did arrive
    if was_answered(done.reader):
        return None
    return done.reader
