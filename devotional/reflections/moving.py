"""A guest's words become a reader's: every row sealed anew for who it belongs to now (K4).

All of it happens in the transaction of `readers.merging`, so that it is done whole or not at all.
Rows are taken in batches, each of which leaves the guest's hands at once. Where both wrote to the
same prompt of the same reading, both texts are kept; `meeting.py` says which one stands.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, Max

from devotional.readers.models import Reader
from devotional.readers.sealed import BATCH, bind_to, hand_over, opened, write
from devotional.reflections.meeting import Meeting, as_revision, meet
from devotional.reflections.models import (
    OnPaper,
    Operation,
    Reading,
    Reflection,
    Revision,
)
from devotional.reflections.signals import stepping_aside

OUT_OF_THE_WAY = 1_000_000  # above every number of a reading: two steps, so that none clash


def move_everything(guest: Reader, reader: Reader) -> dict[str, int]:
    """Make all that `guest` wrote `reader`'s; how many rows of each kind were the guest's.

    Raises CannotMerge where a row can't be opened.
    """
    moved = {
        "readings": Reading.objects.by(guest).count(),
        "on paper": OnPaper.objects.by(guest).count(),
    }
    targets, renumbered = align_readings(guest, reader)
    moved["reflections"] = move_reflections(guest, reader, targets)
    moved["revisions"] = hand_over(Revision.objects.by(guest), reader)
    for devotional in renumbered:
        outdate_open_pages(reader, devotional)
    move_marks(guest, reader, targets)
    moved["operations"] = move_operations(guest, reader)
    # What is left of the guest's readings was joined to the reader's, and is empty by now.
    Reading.objects.by(guest).delete()
    return moved


# Readings


def align_readings(guest: Reader, reader: Reader) -> tuple[dict[int, int], list[str]]:
    """Say into which reading each of the guest's goes, and make room for those that are more.

    The newest of one is the newest of the other, and so on backwards: what was written lately, on
    two devices, belongs together. Where the guest has more readings, the eldest of them come
    before the reader's first, and the reader's are numbered anew. The earlier beginning counts.

    Returns the targets by id, and the devotionals whose readings have other numbers now.
    """
    targets: dict[int, int] = {}
    renumbered: list[str] = []
    theirs, own = by_devotional(guest), by_devotional(reader)
    earlier: list[Reading] = []
    for devotional, readings in theirs.items():
        standing = own.get(devotional, [])
        for new, old in zip(readings, standing, strict=False):  # as far as both go back
            targets[new.pk] = old.pk
            if new.begun_at < old.begun_at:
                old.begun_at = new.begun_at
                earlier.append(old)
        extra = readings[len(standing) :]
        targets |= {reading.pk: reading.pk for reading in extra}
        if extra and standing:
            renumber(standing, by=len(extra))
            renumbered.append(devotional)
        for number, reading in enumerate(reversed(extra), start=1):
            reading.number, reading.reader = number, reader
        Reading.objects.bulk_update(extra, ["number", "reader"])
    Reading.objects.bulk_update(earlier, ["begun_at"])
    return targets, renumbered


def by_devotional(reader: Reader) -> dict[str, list[Reading]]:
    """The readings of `reader`, newest first."""
    found: dict[str, list[Reading]] = {}
    for reading in Reading.objects.by(reader).order_by("devotional", "-number"):
        found.setdefault(reading.devotional, []).append(reading)
    return found


def renumber(readings: list[Reading], *, by: int) -> None:
    # In two steps: a constraint is looked at for each row, in no order that we choose.
    rows = Reading.objects.by(readings[0].reader).filter(pk__in=[each.pk for each in readings])
    rows.update(number=F("number") + OUT_OF_THE_WAY)
    rows.update(number=F("number") + by - OUT_OF_THE_WAY)


def outdate_open_pages(reader: Reader, devotional: str) -> None:
    """Give every reflection a version that no page has: an open one still has the old numbers.

    Words from there meet what stands as a conflict, and never take its place.
    """
    rows = Reflection.objects.by(reader).filter(reading__devotional=devotional)
    newest = rows.aggregate(newest=Max("version"))["newest"] or 0
    rows.update(version=newest + 1)


# Reflections


def move_reflections(guest: Reader, reader: Reader, targets: dict[int, int]) -> int:
    kept_at = {
        (reading, section, prompt): pk
        for pk, reading, section, prompt in Reflection.objects.by(reader)
        .filter(reading__in=set(targets.values()))
        .values_list("pk", "reading", "section", "prompt")
    }
    moved = 0
    theirs = Reflection.objects.by(guest).order_by("pk")
    while batch := list(theirs[:BATCH]):
        places = [(targets[each.reading_id], each.section, each.prompt) for each in batch]
        met = Reflection.objects.by(reader).in_bulk([kept_at[p] for p in places if p in kept_at])
        move_batch(
            [(row, met.get(kept_at.get(place))) for row, place in zip(batch, places, strict=True)],
            reader,
            targets,
        )
        moved += len(batch)
    return moved


def move_batch(
    batch: list[tuple[Reflection, Reflection | None]], reader: Reader, targets: dict[int, int]
) -> None:
    """Move the guest's reflections of a batch, each with the reader's own at its place, if any."""
    stay: list[Reflection] = []
    meetings: list[Meeting] = []
    for theirs, own in batch:
        theirs.reading_id = targets[theirs.reading_id]
        bind_to(theirs, reader)
        if own is None:
            stay.append(theirs)
        else:
            meetings.append(meeting := meet(own, theirs, [opened(own), opened(theirs)]))
            stay.append(meeting.stays)
    replaced = {meeting.goes.pk: meeting.stays.pk for meeting in meetings}
    if replaced:
        let_step_aside(replaced)
        Revision.objects.bulk_create(as_revision(each) for each in meetings if each.is_kept)
        Reflection.objects.filter(pk__in=replaced).delete()
    write(stay, ["reader", "reading", "sealed", "version", "begun_at", "has_met_another"])


def let_step_aside(replaced: dict[uuid.UUID, uuid.UUID]) -> None:
    """Move what hangs on a reflection that goes to the one that stands for it."""
    history = list(Revision.objects.filter(reflection__in=replaced))
    for revision in history:
        revision.reflection_id = replaced[revision.reflection_id]
    write(history, ["reflection"])
    stepping_aside.send(Reflection, replaced=replaced)


# The rest


def move_marks(guest: Reader, reader: Reader, targets: dict[int, int]) -> None:
    """Move the marks for paper; a section is marked once."""
    known = set(OnPaper.objects.by(reader).values_list("reading", "section"))
    marks: Iterable[OnPaper] = list(OnPaper.objects.by(guest))
    for mark in marks:
        mark.reader, mark.reading_id = reader, targets[mark.reading_id]
    new = [mark for mark in marks if (mark.reading_id, mark.section) not in known]
    OnPaper.objects.by(guest).exclude(pk__in=[mark.pk for mark in new]).delete()
    OnPaper.objects.bulk_update(new, ["reader", "reading"], batch_size=BATCH)


def move_operations(guest: Reader, reader: Reader) -> int:
    """Move what answers a save that is sent again: a page of the guest's may still be waiting.

    Not those from before there was the reader, and a little after: `first_save_by` would take one
    for the reader's own first save, and hand the reader's key to whoever sends it again.
    """
    since = reader.made_at + timedelta(minutes=2)
    theirs = Operation.objects.by(guest).filter(done_at__gt=since)
    twice = Operation.objects.by(reader).filter(op_id__in=theirs.values("op_id")).values("op_id")
    return theirs.exclude(op_id__in=list(twice.values_list("op_id", flat=True))).update(
        reader=reader
    )
