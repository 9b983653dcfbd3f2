"""B7: random pairs of a guest and a reader are merged, with a crash after each write on the way.

After a crash every row is as it was. After the merge each text that either ever wrote is found by
the reader, at the place where it was written; nothing of the guest is left, and counts add up.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from devotional.groups.models import Group
from devotional.journal.models import Deleted, Hinge
from devotional.readers.guests import give_token, make_guest
from devotional.readers.merging import merge
from devotional.readers.models import DeviceToken, Merge, Reader, ReturnCode
from devotional.readers.sealed import SealedText
from devotional.reflections.models import OnPaper, Operation, Reading, Reflection, Revision
from harness.experiments import merged_groups as b7_groups

TABLES = (
    *(Reader, DeviceToken, ReturnCode, Merge),
    *(Reading, Reflection, Revision, Operation, OnPaper, Hinge, Deleted),
    *b7_groups.TABLES,
)
OWNED: tuple[Any, ...] = tuple(
    table for table in TABLES if any(field.name == "reader" for field in table._meta.fields)
)
DEVOTIONALS = ("on-doors", "on-walls")
PLACES = [(section, prompt) for section in ("opening", "hinges") for prompt in ("one", "two")]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WRITES = ("INSERT", "UPDATE", "DELETE")


class Crash(Exception):
    """The process ends here, or so it is to the database."""


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    pairs: int = 0
    crashes: int = 0
    texts: int = 0
    met: int = 0
    problems: list[str] = field(default_factory=list)


def merge_a_pair(chance: random.Random, tally: Tally) -> None:
    guest, reader = a_guest_and_a_reader(chance)
    before = snapshot()
    expected = Expected(guest, reader)
    writes = 0
    while True:
        writes += 1
        try:
            with crash_after(writes):
                merge(guest, into=reader)
        except Crash:
            tally.crashes += 1
            if snapshot() != before:
                tally.problems.append(f"changed by a crash after write {writes}")
        else:
            break
    tally.problems += expected.missing()
    after = snapshot()
    merge(guest, into=reader)
    if snapshot() != after:
        tally.problems.append("changed by asking for the same merge again")
    tally.pairs += 1
    tally.texts += sum(expected.texts.values())
    tally.met += len(expected.met)
    forget_everyone()


def forget_everyone() -> None:
    Reader.objects.all().delete()
    Group.objects.all().delete()


@contextmanager
def crash_after(writes: int) -> Iterator[None]:
    """Let the statement number `writes` that changes rows be carried out, and crash then."""
    count = 0

    def count_down(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal count
        done = execute(sql, *rest)
        if sql.startswith(WRITES):
            count += 1
            if count == writes:
                raise Crash
        return done

    with connection.execute_wrapper(count_down):
        yield


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that a merge could touch, sealed bytes included."""
    tables: tuple[Any, ...] = TABLES
    return {table.__name__: list(table._base_manager.order_by("pk").values()) for table in tables}


# A random pair


def a_guest_and_a_reader(chance: random.Random) -> tuple[Reader, Reader]:
    words = [f"Words {n} of both, to the letter." for n in range(3)]
    pair = []
    for name in ("guest", "reader"):
        one = make_guest()
        one.seen_on = (BEGIN + timedelta(days=chance.randrange(300))).date()
        one.save()
        for _ in range(chance.randrange(1, 3)):
            give_token(one)
        for devotional in DEVOTIONALS:
            if chance.random() < 0.8:
                write_through(chance, one, devotional, name, words)
        for n in range(chance.randrange(3)):
            Operation.objects.create(
                op_id=uuid.UUID(int=chance.getrandbits(128)),
                reader=one,
                fingerprint=f"{n}",
                outcomes="[]",
                done_at=one.made_at + timedelta(days=chance.choice((-1, 1))),
            )
        for n in range(chance.randrange(2)):
            deleted = Deleted(
                reader=one,
                reflection_id=uuid.UUID(int=chance.getrandbits(128)),
                deleted_at=some_time(chance),
            )
            seal(deleted, f"deleted by the {name}, {n}")
        pair.append(one)
    b7_groups.join_groups(chance, pair)
    return pair[0], pair[1]


def write_through(
    chance: random.Random, one: Reader, devotional: str, name: str, both: list[str]
) -> None:
    for number in range(1, chance.randrange(1, 5)):
        reading = Reading.objects.create(
            reader=one, devotional=devotional, number=number, begun_at=some_time(chance)
        )
        for section in ("opening", "hinges"):
            if chance.random() < 0.3:
                OnPaper.objects.create(reader=one, reading=reading, section=section)
        for section, prompt in PLACES:
            if chance.random() < 0.6:
                what = f"by the {name} in {devotional} {number} {section} {prompt}"
                begin(chance, reading, section, prompt, what, both)


def begin(
    chance: random.Random, reading: Reading, section: str, prompt: str, what: str, both: list[str]
) -> None:
    reflection = Reflection(
        reader=reading.reader,
        reading=reading,
        section=section,
        prompt=prompt,
        asked="Asked?",
        section_digest="",
        version=chance.randrange(1, 9),
        begun_at=some_time(chance),
        written_at=some_time(chance),
    )
    seal(reflection, chance.choice([what, what, what, *both, "", " \n"]))
    for n in range(chance.choice((0, 0, 1, 3))):
        revision = Revision(
            reader=reading.reader,
            reflection=reflection,
            kind=chance.choice(Revision.Kind.values),
            version=n + 1,
            asked="Asked?",
            written_at=some_time(chance),
        )
        seal(revision, f"earlier {n}, {what}")
    if chance.random() < 0.3:
        hinge = Hinge(reader=reading.reader, reflection=reflection, marked_at=some_time(chance))
        seal(hinge, f"hinge {what}")


def seal(row: SealedText, text: str) -> None:
    row.text = text
    row.save(force_insert=True)


def some_time(chance: random.Random) -> datetime:
    return BEGIN + timedelta(minutes=chance.randrange(400_000))


# What must be true afterwards

type Spot = tuple[str, int, str, str]  # devotional, readings before the newest, section, prompt


class Expected:
    """What `reader` must have after the merge, noted before it."""

    def __init__(self, guest: Reader, reader: Reader) -> None:
        self.guest, self.reader = guest, reader
        spots = [spots_of(guest), spots_of(reader)]
        self.met = spots[0].keys() & spots[1].keys()
        self.spots = spots[0].keys() | spots[1].keys()
        self.texts: Counter[tuple[Spot, str]] = Counter()
        for each in spots:
            for spot, texts in each.items():
                self.texts |= Counter((spot, text) for text in texts)
        self.hinges = Counter(texts_of(Hinge, guest)) + Counter(texts_of(Hinge, reader))
        self.deleted = Counter(texts_of(Deleted, guest)) + Counter(texts_of(Deleted, reader))
        self.revisions = Revision.objects.filter(reader__in=[guest, reader]).count()
        self.together = b7_groups.Together.of(guest, reader)
        self.marks = marks_of(guest) | marks_of(reader)
        self.readings = {
            devotional: max(numbers(guest, devotional), numbers(reader, devotional), key=len)
            for devotional in DEVOTIONALS
        }
        self.seen_on = max(guest.seen_on, reader.seen_on)

    def missing(self) -> list[str]:
        """What is not as it must be, a line each."""
        reader, guest = self.reader, self.guest
        found = spots_of(reader)
        readable = {(spot, text) for spot, texts in found.items() for text in texts}
        wrong = [
            f"lost {text!r} at {spot}" for spot, text in self.texts if (spot, text) not in readable
        ]
        wrong += [f"made up {text!r}" for spot, text in readable if (spot, text) not in self.texts]
        checks = {
            "reflections": found.keys() == self.spots,
            "hinges": Counter(texts_of(Hinge, reader)) == self.hinges,
            "deleted": Counter(texts_of(Deleted, reader)) == self.deleted,
            "groups": b7_groups.Together.of(reader) == self.together
            and b7_groups.holds_together(reader),
            "marks": marks_of(reader) == self.marks,
            "revisions": self.revisions
            <= Revision.objects.by(reader).count()
            <= self.revisions + len(self.met),
            "readings": all(numbers(reader, name) == self.readings[name] for name in DEVOTIONALS),
            "guest": not any(
                table._base_manager.filter(reader_id=guest.pk).exists() for table in OWNED
            ),
            "reader": list(Reader.objects.values_list("pk", "seen_on"))
            == [(reader.pk, self.seen_on)],
            "audit": all(isinstance(n, int) for n in Merge.objects.get().moved.values()),
        }
        return wrong + [f"{name} don't add up" for name, right in checks.items() if not right]


def spots_of(reader: Reader) -> dict[Spot, list[str]]:
    """Everything that `reader` can read, by where it was written; blank boxes say nothing."""
    found: dict[Spot, list[str]] = {}
    for row in Reflection.objects.by(reader).select_related("reading"):
        newest = len(numbers(reader, row.reading.devotional))
        spot = (row.reading.devotional, newest - row.reading.number, row.section, row.prompt)
        assert spot not in found
        history = Revision.objects.by(reader).filter(reflection=row)
        texts = [row.text, *(revision.text for revision in history)]
        found[spot] = [text for text in texts if text.strip()]
    return found


def texts_of(model: type[Hinge] | type[Deleted], reader: Reader) -> list[str]:
    return [row.text for row in model.objects.by(reader)]


def marks_of(reader: Reader) -> set[tuple[str, int, str]]:
    return {
        (
            mark.reading.devotional,
            len(numbers(reader, mark.reading.devotional)) - mark.reading.number,
            mark.section,
        )
        for mark in OnPaper.objects.by(reader).select_related("reading")
    }


def numbers(reader: Reader, devotional: str) -> list[int]:
    readings = Reading.objects.by(reader).filter(devotional=devotional)
    return list(readings.order_by("number").values_list("number", flat=True))
