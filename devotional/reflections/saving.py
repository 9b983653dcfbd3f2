"""Saving a reader's words, so that a save is never repeated, lost, or laid over newer words.

One transaction a save. Order is decided by versions, never by clocks: an answer says which version
it was written over, and where that is no longer the newest, the answer is kept beside it as a
conflict and both are handed back. Nothing here knows of requests or pages.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from os.path import commonprefix

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone
from django.utils.crypto import salted_hmac

from devotional.readers.models import Reader
from devotional.reflections.models import Operation, Reading, Reflection, Revision

SITTING = timedelta(minutes=10)  # after this long, what stood there is an earlier wording
SNAPSHOT = timedelta(seconds=20)  # while typing, unpicked words are kept this often
SLIP = 24  # characters: losing more than a few words at once is never just a typing slip


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs: stable ids, and the section's text as it was read."""

    devotional: str
    section: str
    section_digest: str
    reading: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What someone wrote to one prompt, and the version they wrote it over (0: nothing yet)."""

    prompt: str
    asked: str
    text: str
    based_on: int = 0


class State(StrEnum):
    """What became of an answer."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    EMPTY = "empty"  # nothing stood there and nothing was written
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one answer: enough for the page to say so, without its words."""

    prompt: str
    state: State
    version: int
    written_at: str | None  # ISO 8601, UTC
    digest: str  # SHA-256 of the text as sent and kept, for the page to compare

    @property
    def time(self) -> datetime | None:
        return datetime.fromisoformat(self.written_at) if self.written_at else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one save."""

    outcomes: tuple[Outcome, ...]
    replayed: bool = False

    @property
    def in_conflict(self) -> tuple[str, ...]:
        return tuple(o.prompt for o in self.outcomes if o.state is State.CONFLICT)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def save_reflections(
    reader: Reader, *, place: Place, answers: list[Answer], op_id: uuid.UUID
) -> Receipt:
    """Save `answers` at `place`, all or none, once however often it is asked.

    Returns only what will be true after the surrounding transaction commits; outside of one, that
    is on return. Raises django.db.DatabaseError where nothing could be written.
    """
    with transaction.atomic(savepoint=False):
        done = Operation.objects.by(reader).filter(op_id=op_id).first()
        same = done is not None and done.fingerprint == fingerprint(place, answers)
        if done and same:
            return replay(done, answers)
        now = timezone.now()
        standing = standing_at(reader, place, answers)
        first = next(iter(standing.values()), None)
        reading = first.reading if first else reading_for(reader, place)
        outcomes = tuple(
            # An operation id that comes back with other words is a mistake somewhere: keep both.
            save_answer(
                standing.get(answer.prompt), answer, reading, place, now, trusted=done is None
            )
            for answer in answers
        )
        if done is None:
            Operation.objects.create(
                reader=reader,
                op_id=op_id,
                fingerprint=fingerprint(place, answers),
                outcomes=json.dumps(
                    [[o.prompt, o.state, o.version, o.written_at] for o in outcomes]
                ),
                done_at=now,
            )
        return Receipt(outcomes)


def replay(done: Operation, answers: list[Answer]) -> Receipt:
    """Say again what was answered. Hashes of the words are made anew, never stored in the clear."""
    sent = {answer.prompt: digest(answer.text) for answer in answers}
    return Receipt(
        tuple(
            Outcome(prompt, State(state), version, written_at, sent[prompt])
            for prompt, state, version, written_at in json.loads(done.outcomes)
        ),
        replayed=True,
    )


def standing_at(reader: Reader, place: Place, answers: list[Answer]) -> dict[str, Reflection]:
    """What stands at `place` now, by prompt: one query, whatever it needs to know."""
    kept = Revision.objects.filter(reflection=OuterRef("pk"), kind=Revision.Kind.EARLIER).order_by(
        "-written_at"
    )
    found = (
        Reflection.objects.by(reader)
        .filter(
            reading__devotional=place.devotional,
            reading__number=place.reading,
            section=place.section,
            prompt__in=[answer.prompt for answer in answers],
        )
        .select_related("reading")
        .annotate(
            last_kept_at=Subquery(kept.values("written_at")[:1]),
            has_met_another=Exists(
                Revision.objects.filter(
                    reflection=OuterRef("pk"),
                    kind=Revision.Kind.CONFLICT,
                    version=OuterRef("version"),
                )
            ),
        )
    )
    return {reflection.prompt: reflection for reflection in found}


def reading_for(reader: Reader, place: Place) -> Reading:
    """The reading that `place` names, begun now if it is the reader's first."""
    readings = Reading.objects.by(reader).filter(devotional=place.devotional)
    chosen = readings.filter(number__lte=place.reading).order_by("-number").first()
    if chosen:
        return chosen
    return Reading.objects.create(
        reader=reader, devotional=place.devotional, number=1, begun_at=timezone.now()
    )


def save_answer(
    standing: Reflection | None,
    answer: Answer,
    reading: Reading,
    place: Place,
    now: datetime,
    *,
    trusted: bool,
) -> Outcome:
    """Put one answer where it belongs and say what became of it."""
    if standing is None:
        if not answer.text:
            return Outcome(answer.prompt, State.EMPTY, 0, None, digest(""))
        return outcome_of(begin_reflection(answer, reading, place, now), answer.text, State.SAVED)
    words = standing.text
    if words == answer.text:
        return outcome_of(standing, words, State.UNCHANGED)
    if trusted and answer.based_on == standing.version:
        if is_earlier_wording(standing, words, answer.text, now):
            keep_revision(standing, words, Revision.Kind.EARLIER, standing.written_at)
        if write_over(standing, answer, place, now):
            return outcome_of(standing, answer.text, State.SAVED)
        standing.refresh_from_db()
        words = standing.text
    keep_revision(standing, answer.text, Revision.Kind.CONFLICT, now, asked=answer.asked)
    return outcome_of(standing, answer.text, State.CONFLICT)


def begin_reflection(answer: Answer, reading: Reading, place: Place, now: datetime) -> Reflection:
    reflection = Reflection(
        reader_id=reading.reader_id,
        reading=reading,
        section=place.section,
        section_digest=place.section_digest,
        prompt=answer.prompt,
        asked=answer.asked,
        begun_at=now,
        written_at=now,
    )
    reflection.text = answer.text
    reflection.save(force_insert=True)
    return reflection


def write_over(standing: Reflection, answer: Answer, place: Place, now: datetime) -> bool:
    """Replace the words if they are still of the version that `standing` was read at."""
    seen = standing.version
    standing.text = answer.text
    changed = Reflection.objects.filter(
        pk=standing.pk, reader_id=standing.reader_id, version=seen
    ).update(
        version=F("version") + 1,
        sealed=standing.sealed,
        asked=answer.asked,
        section_digest=place.section_digest,
        written_at=now,
    )
    standing.version, standing.written_at = seen + 1, now
    return bool(changed)


def is_earlier_wording(standing: Reflection, words: str, newer: str, now: datetime) -> bool:
    """Whether what stands is worth keeping as a revision, or only a moment of one's typing.

    Autosave would make a revision a second. Words that are only added to live on in the newer
    text; what took their place, or came after a pause, leaves an earlier wording behind.
    """
    if not words.strip():
        return False
    if now - standing.written_at > SITTING:
        return True
    if getattr(standing, "has_met_another", False):
        return True  # whatever takes the place of words from elsewhere, those are kept
    unpicked = lost(words, newer)
    if unpicked > SLIP:
        return True
    last_kept_at: datetime | None = getattr(standing, "last_kept_at", None)  # from `standing_at`
    return unpicked > 0 and (last_kept_at is None or now - last_kept_at > SNAPSHOT)


def lost(words: str, newer: str) -> int:
    """How many characters of `words` an edit at one place took away."""
    # Letter by letter is just what is wanted here, though the function was made for paths.
    start = len(commonprefix([words, newer]))  # noqa: RUF071
    end = len(commonprefix([words[start:][::-1], newer[start:][::-1]]))  # noqa: RUF071
    return len(words) - start - end


def keep_revision(
    reflection: Reflection, text: str, kind: Revision.Kind, at: datetime, *, asked: str = ""
) -> Revision:
    """Keep `text` in the history of `reflection`; the same conflict twice is kept once."""
    if kind is Revision.Kind.CONFLICT:
        for kept in reflection.revisions.filter(kind=kind).order_by("-written_at")[:5]:
            if kept.text == text:
                return kept
    revision = Revision(
        reader_id=reflection.reader_id,
        reflection=reflection,
        kind=kind,
        version=reflection.version,
        asked=asked or reflection.asked,
        written_at=at,
    )
    revision.text = text
    revision.save(force_insert=True)
    return revision


def outcome_of(reflection: Reflection, text: str, state: State) -> Outcome:
    return Outcome(
        reflection.prompt,
        state,
        reflection.version,
        reflection.written_at.isoformat(),
        digest(text),
    )


def fingerprint(place: Place, answers: list[Answer]) -> str:
    """A keyed hash of what was sent: tells a replay from a mistake and gives no word away."""
    sent = json.dumps(
        [place.devotional, place.section, place.reading]
        + [[answer.prompt, answer.text, answer.based_on] for answer in answers]
    )
    return salted_hmac("devotional.reflections.saving", sent, algorithm="sha256").hexdigest()
