"""Putting back what was deleted, within its day: its ids, its wordings, its hinges, their dates.

Where something stands in its place by now, both are kept. What lies aside is known to `deleting`.
"""

import uuid
from base64 import b64decode
from datetime import datetime
from enum import Enum, auto
from typing import Any

from django.db import transaction
from django.db.models import Max

from devotional.journal.deleting import ShutPart, deletions, met_by, opened, tell_erasures
from devotional.journal.models import Deleted, Hinge
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.readers.sealed import SealedText
from devotional.readers.turn import take_turn
from devotional.reflections.models import Reading, Reflection, Revision


class PutBack(Enum):
    """What became of putting a reflection back."""

    DONE = auto()
    JOINED = auto()  # something was written there since; both are kept
    SHUT = auto()  # it can't be opened with the keys on this server; it stays where it is
    GONE = auto()  # there is no such thing, or no longer


def put_back(reader: Reader, reflection_id: uuid.UUID) -> tuple[PutBack, Reflection | None]:
    """Put a deleted reflection back as it was: its ids, its wordings, its hinges, their dates.

    Its version is above any before, so that no page or device that still holds the old one can
    write over it. Where something was written in its place since, that stands, and the words that
    come back are the newest of its earlier wordings.
    """
    try:
        with transaction.atomic():
            return put_all_back(reader, reflection_id)
    except ShutPart:
        return PutBack.SHUT, None


def put_all_back(reader: Reader, reflection_id: uuid.UUID) -> tuple[PutBack, Reflection | None]:
    take_turn(reader)
    row = deletions(reader).filter(reflection_id=reflection_id).first()
    if row is None:
        there = Reflection.objects.by(reader).filter(pk=reflection_id).first()
        return (PutBack.DONE if there else PutBack.GONE), there
    was = opened(row)
    reading, _is_new = Reading.objects.get_or_create(
        reader=reader,
        devotional=was["devotional"],
        number=was["reading"],
        defaults={"begun_at": datetime.fromisoformat(was["reading_begun_at"])},
    )
    mine = Reflection.objects.by(reader)
    place = {"reading": reading, "section": was["section"], "prompt": was["prompt"]}
    standing = mine.filter(**place).first()
    if standing is None:
        reflection = put_in_place(reader, reading, reflection_id, was)
    else:
        reflection = join(reader, standing, was)
    put_back_wordings(reader, reflection, reflection_id)
    put_back_hinges(reader, reflection, was["hinges"])
    Deleted.objects.by(reader).filter(reflection_id=reflection_id).delete()
    tell_erasures([reflection_id, *met_by(reader, reflection.pk)], is_back=True)
    return (PutBack.JOINED if standing else PutBack.DONE), reflection


def put_in_place(
    reader: Reader, reading: Reading, reflection_id: uuid.UUID, was: dict[str, Any]
) -> Reflection:
    reflection = Reflection(
        id=reflection_id,
        reader=reader,
        reading=reading,
        section=was["section"],
        section_digest=was["section_digest"],
        prompt=was["prompt"],
        asked=was["asked"],
        version=was["version"] + 1,
        begun_at=datetime.fromisoformat(was["begun_at"]),
        written_at=datetime.fromisoformat(was["written_at"]),
        kept_at=was["kept_at"] and datetime.fromisoformat(was["kept_at"]),
        has_met_another=was["has_met_another"],
    )
    give_words(reflection, was)
    reflection.save(force_insert=True)
    return reflection


def join(reader: Reader, standing: Reflection, was: dict[str, Any]) -> Reflection:
    """Keep what comes back in the history of what was written since; or let it stand, where a box
    was only emptied since.
    """
    now_stands = words_of(standing)
    if not says_something(now_stands):
        standing.asked, standing.section_digest = was["asked"], was["section_digest"]
        standing.written_at = datetime.fromisoformat(was["written_at"])
        give_words(standing, was)
    elif was.get("text", now_stands) != now_stands or "sealed" in was:
        keep_wording(reader, standing, was)
    highest = standing.revisions.aggregate(highest=Max("version"))["highest"] or 0
    standing.version = max(standing.version, was["version"], highest) + 1
    standing.save()
    return standing


def keep_wording(reader: Reader, standing: Reflection, was: dict[str, Any]) -> None:
    if not was.get("text", "?").strip():
        return
    wording = Revision(
        reader=reader,
        reflection=standing,
        version=was["version"],
        asked=was["asked"],
        written_at=datetime.fromisoformat(was["written_at"]),
    )
    give_words(wording, was)
    wording.save(force_insert=True)


def put_back_wordings(reader: Reader, reflection: Reflection, reflection_id: uuid.UUID) -> None:
    """Part by part, so that only one is open at a time."""
    parts = Deleted.objects.by(reader).filter(reflection_id=reflection_id, part__gt=0)
    for pk in list(parts.order_by("part").values_list("pk", flat=True)):
        wordings = []
        for each in opened(parts.get(pk=pk))["wordings"]:
            wording = Revision(
                id=uuid.UUID(each["id"]),
                reader=reader,
                reflection=reflection,
                kind=each["kind"],
                version=each["version"],
                asked=each["asked"],
                written_at=datetime.fromisoformat(each["written_at"]),
            )
            give_words(wording, each)
            wordings.append(wording)
        Revision.objects.bulk_create(wordings, batch_size=50)


def put_back_hinges(reader: Reader, reflection: Reflection, hinges: list[dict[str, Any]]) -> None:
    for each in hinges:
        hinge = Hinge(
            id=uuid.UUID(each["id"]),
            reader=reader,
            reflection=reflection,
            marked_at=datetime.fromisoformat(each["marked_at"]),
        )
        give_words(hinge, each)
        hinge.save(force_insert=True)


def give_words(row: SealedText, kept: dict[str, Any]) -> None:
    """The other way of `kept_words`."""
    if "sealed" in kept:
        row.sealed = b64decode(kept["sealed"])
    else:
        row.text = kept["text"]
