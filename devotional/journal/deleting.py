"""Deleting a reflection, with a day to undo it, and then it is gone (K6).

What is deleted leaves its tables at once, with all its earlier wordings and hinges, so that nothing
else in the house has to know of it. It is kept, sealed, as rows of `Deleted`: part 0 holds what the
reflection was, the parts after it the earlier wordings, some to a part, since five hundred wordings
of 100 KB are too much for one. Each part is JSON of plain words: a rotation seals it anew like any
other text, and a merge may hand it to another reader, whom nothing inside names. The one exception
are words that don't open: they are kept as they lie, and open for their own reader only.
"""

import json
import uuid
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import QuerySet
from django.utils import timezone

from devotional.content.library import Library
from devotional.journal.models import Deleted, Hinge
from devotional.lib.sqlite import empty_log
from devotional.readers import clock, erasures
from devotional.readers.access import words_of
from devotional.readers.models import Reader
from devotional.readers.pruning import UNDO_FOR
from devotional.readers.sealed import SealedText
from devotional.readers.turn import take_turn
from devotional.reflections.models import Reflection, Revision
from devotional.reflections.readings import title_from
from devotional.reflections.signals import deleting

BATCH = 100  # deletions that are let go of in a transaction
PART = 200_000  # letters of earlier wordings in one part, or a little more


@dataclass(frozen=True, slots=True)
class Gone:
    """A deleted reflection that can still be put back."""

    id: uuid.UUID  # the reflection's
    deleted_at: datetime
    title: str = ""  # these are empty where it can't be opened
    section_title: str = ""
    asked: str = ""
    text: str | None = None  # None: can't be opened
    taken_back: int = 0  # copies that groups had of it

    @classmethod
    def of(cls, row: Deleted, library: Library) -> Self:
        try:
            was = opened(row)
        except ShutPart:
            return cls(row.reflection_id, row.deleted_at)
        devotional = library.devotional(was["devotional"])
        section = devotional.section(was["section"]) if devotional else None
        return cls(
            id=row.reflection_id,
            deleted_at=row.deleted_at,
            title=devotional.title if devotional else title_from(was["devotional"]),
            section_title=section.title if section else title_from(was["section"]),
            asked=was["asked"],
            text=was.get("text"),
            taken_back=was.get("taken_back", 0),
        )

    @property
    def until(self) -> datetime:
        return self.deleted_at + UNDO_FOR


@dataclass(frozen=True, slots=True)
class Deletion:
    """What went for good with a reflection that was deleted."""

    taken_back: int  # copies of its words that groups had


class ShutPart(Exception):
    """A part of what was deleted can't be opened; then nothing of it is put back."""


# Deleting


def delete_reflection(reader: Reader, reflection_id: uuid.UUID) -> Deletion | None:
    """Take a reflection away with all that belongs to it; None where there is none.

    What groups have of it goes for good; only the rest can be put back. One transaction. Asked
    twice, it is done once and said twice.
    """
    known_as = [reflection_id]
    with erasures.erasing() as marks:
        take_turn(reader)
        # Locked too: a group may be getting a copy of it just now.
        mine = Reflection.objects.by(reader).select_for_update(of=("self",))
        reflection = mine.select_related("reading").filter(pk=reflection_id).first()
        if reflection is not None:
            known_as += met_by(reader, reflection_id)
            marks += take_copies_back(reflection)
            lay_aside(reader, reflection, taken_back=len(marks))
            deletion = Deletion(len(marks))
        elif row := deletions(reader).filter(reflection_id=reflection_id).first():
            deletion = Deletion(taken_back_with(row))
        else:
            return None
    if marks:
        empty_log()
    tell_erasures(known_as, is_back=False)
    return deletion


def take_copies_back(reflection: Reflection) -> list[erasures.Mark]:
    """Let the slices beside this one erase what others have of it; what that was."""
    answers: list[tuple[Any, Any]] = deleting.send(Reflection, reflection=reflection)
    return [erasures.Mark("gone", id_) for _receiver, ids in answers for id_ in ids]


def taken_back_with(row: Deleted) -> int:
    try:
        return int(opened(row).get("taken_back", 0))
    except ShutPart:
        return 0


def met_by(reader: Reader, reflection_id: uuid.UUID) -> list[uuid.UUID]:
    """The ids of words that met these; in a backup from before a merge they are reflections."""
    met = Revision.objects.by(reader).filter(reflection=reflection_id, kind=Revision.Kind.CONFLICT)
    return list(met.values_list("pk", flat=True))


def lay_aside(reader: Reader, reflection: Reflection, *, taken_back: int) -> None:
    now = timezone.now()
    for number, part in enumerate(parts_of(reader, reflection)):
        kept = Deleted(reader=reader, reflection_id=reflection.id, part=number, deleted_at=now)
        if number == 0:
            part["taken_back"] = taken_back
        kept.text = json.dumps(part, ensure_ascii=False)
        kept.save(force_insert=True)
    reflection.delete()


def parts_of(reader: Reader, reflection: Reflection) -> Iterator[dict[str, Any]]:
    """Everything that is stored of a reflection, in parts of a handy size."""
    yield {
        "devotional": reflection.reading.devotional,
        "reading": reflection.reading.number,
        "reading_begun_at": reflection.reading.begun_at.isoformat(),
        "section": reflection.section,
        "section_digest": reflection.section_digest,
        "prompt": reflection.prompt,
        "asked": reflection.asked,
        "version": reflection.version,
        "begun_at": reflection.begun_at.isoformat(),
        "written_at": reflection.written_at.isoformat(),
        "kept_at": reflection.kept_at and reflection.kept_at.isoformat(),
        "has_met_another": reflection.has_met_another,
        "hinges": [
            {"id": str(hinge.id), "marked_at": hinge.marked_at.isoformat(), **kept_words(hinge)}
            for hinge in Hinge.objects.by(reader).filter(reflection=reflection)
        ],
        **kept_words(reflection),
    }
    wordings: list[dict[str, Any]] = []
    size = 0
    revisions = Revision.objects.by(reader).filter(reflection=reflection)
    for revision in revisions.order_by("-written_at", "-version").iterator(chunk_size=20):
        words = kept_words(revision)
        wordings.append(
            {
                "id": str(revision.id),
                "kind": revision.kind,
                "version": revision.version,
                "asked": revision.asked,
                "written_at": revision.written_at.isoformat(),
                **words,
            }
        )
        size += sum(map(len, words.values()))
        if size >= PART:
            yield {"wordings": wordings}
            wordings, size = [], 0
    if wordings:
        yield {"wordings": wordings}


def kept_words(row: SealedText) -> dict[str, str]:
    """The words of a row, or, where they don't open, the seal as it is."""
    words = words_of(row)
    if words is None:
        return {"sealed": b64encode(bytes(row.sealed)).decode()}
    return {"text": words}


# Looking, erasing, purging


def deletions(reader: Reader) -> QuerySet[Deleted]:
    """What `reader` deleted and can still put back; part 0 of each."""
    kept = Deleted.objects.by(reader).filter(part=0, deleted_at__gt=timezone.now() - UNDO_FOR)
    return kept.order_by("-deleted_at", "-id")


def stale_deletions(before: datetime | None = None) -> QuerySet[Deleted]:
    """What anyone deleted before `before`, a day ago if None, and nobody can put back."""
    return Deleted.objects.filter(deleted_at__lte=before or timezone.now() - UNDO_FOR)


def deleted_by(reader: Reader, library: Library) -> list[Gone]:
    """The reflections that `reader` can still put back, the last deleted first; one query."""
    return [Gone.of(row, library) for row in deletions(reader)]


def opened(row: Deleted) -> dict[str, Any]:
    """What a part holds. Raises ShutPart."""
    words = words_of(row)
    if words is None:
        raise ShutPart
    part: dict[str, Any] = json.loads(words)
    return part


def erase_now(reader: Reader, reflection_id: uuid.UUID) -> bool:
    """Let a deleted reflection be gone for good; False where there is none."""
    kept = Deleted.objects.by(reader).filter(reflection_id=reflection_id)
    with erasures.erasing() as marks:
        take_turn(reader)
        if not kept.exists():
            return False
        marks.append(erasures.Mark("gone", reflection_id))
        kept.delete()
    empty_log()
    return True


def purge(before: datetime | None = None, *, dry_run: bool = False) -> int:
    """Let go for good what anyone deleted before `before`, a day ago if None; how many.

    Housekeeping: it goes by dates alone, opens nothing and asks for no reader. Where the clock is
    not believed it lets nothing go.
    """
    old = stale_deletions(before)
    ids = old.order_by("reflection_id").values_list("reflection_id", flat=True).distinct()
    if dry_run:
        return ids.count()
    purged = 0
    while batch := list(ids[:BATCH]):  # looking takes no lock
        if not clock.is_right(timezone.now()):
            break
        with erasures.erasing() as marks:
            marks += [erasures.Mark("pruned", reflection_id) for reflection_id in batch]
            old.filter(reflection_id__in=batch).delete()
        purged += len(batch)
    if purged:
        empty_log()
    return purged


def tell_erasures(ids: list[uuid.UUID], *, is_back: bool) -> None:
    """What a restored backup is told: deleted after the commit, and back before it."""
    tell = erasures.take_back if is_back else erasures.note
    for id_ in ids:
        tell("reflection", id_)
