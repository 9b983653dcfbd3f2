"""What a save is given and what it answers: plain frozen values, no database and no request."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from django.utils.crypto import salted_hmac

LIMIT = 100_000  # bytes of UTF-8 in one reflection (W10)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs: stable ids, and the section's text as it was read."""

    devotional: str
    section: str
    section_digest: str
    reading: int = 1


class Choice(StrEnum):
    """What a reader decided about one box, where more than its words is meant."""

    MINE = "mine"  # of two texts that met: what is in the box
    OTHER = "other"  # what was saved elsewhere
    BOTH = "both"  # one after the other
    UNDO = "undo"  # the words that stood before the box was cleared


@dataclass(frozen=True, slots=True)
class Answer:
    """What someone wrote to one prompt, and the version they wrote it over (0: nothing yet)."""

    prompt: str
    asked: str
    text: str
    based_on: int = 0
    choice: Choice | None = None
    is_untouched: bool = False  # whether these are the words that the form was made with
    keeps_standing: bool = False  # what stands is kept as a revision, however little it differs


class State(StrEnum):
    """What became of an answer."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    EMPTY = "empty"  # nothing stood there and nothing was written
    CONFLICT = "conflict"
    TOO_LONG = "too-long"  # both texts together; each is kept by itself
    SHUT = "shut"  # what stands can't be opened; what was sent is kept beside it
    UNKEPT = "unkept"  # a conflict whose words are not kept: too many were, today


APART = frozenset({State.CONFLICT, State.TOO_LONG, State.SHUT})  # kept, but not in its place


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one answer."""

    prompt: str
    state: State
    version: int  # of what stands now
    written_at: str | None  # ISO 8601, UTC
    digest: str  # SHA-256 of the text as sent and kept, for the page to compare
    standing: str | None = None  # the words that stand now, where they are not those that were sent
    cleared: bool = False  # whether words that stood there were taken away
    # Blocks of space that it took, earlier versions included; said again, it takes none.
    added: int = field(default=0, compare=False)

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
        return tuple(o.prompt for o in self.outcomes if o.state in APART)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def fingerprint(op_id: uuid.UUID, place: Place, answers: list[Answer]) -> str:
    """A keyed hash of what was sent: tells a replay from a mistake and gives no word away."""
    sent = json.dumps(
        [op_id.hex, place.devotional, place.section, place.reading]
        + [[answer.prompt, answer.text, answer.based_on, answer.choice] for answer in answers]
    )
    return salted_hmac("devotional.reflections.saving", sent, algorithm="sha256").hexdigest()
