"""A guest who turns out to be a reader: one transaction, and safe to ask for twice (K4)."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from devotional.readers.models import Merge, Reader
from devotional.readers.signals import merging, tallying


class CannotMerge(Exception):
    """A row of the guest's can't be taken along; nothing was moved."""


def reflections_of(reader: Reader) -> int:
    """How many reflections `reader` has; what they say is asked of nobody."""
    answers: list[tuple[Any, Any]] = tallying.send(Reader, reader=reader)
    return sum(count for _receiver, count in answers)


def merge(guest: Reader, *, into: Reader) -> Merge:
    """Make everything of `guest` belong to `into`, and end the guest.

    Raises CannotMerge where `guest` has an account, so is somebody else, or where a row can't be
    opened, and django.db.DatabaseError. In all cases everything is as it was.
    """
    with transaction.atomic():
        # Nobody else writes for either meanwhile. In one order, so that two merges at once can't
        # wait for each other.
        locked = {
            reader.pk: reader
            for reader in Reader.objects.select_for_update()
            .filter(pk__in=[guest.pk, into.pk])
            .order_by("pk")
        }
        done = Merge.objects.filter(guest_id=guest.pk, reader=into).first()
        if done is not None:
            return done
        if len(locked) != 2 or hasattr(locked[guest.pk], "account"):
            raise CannotMerge
        moved: dict[str, int] = {}
        both = {"guest": locked[guest.pk], "reader": locked[into.pk]}
        answers: list[tuple[Any, Any]] = merging.send(Reader, **both)
        for _receiver, counts in answers:
            moved |= counts
        note_last_visit(locked[into.pk], locked[guest.pk])
        # Those who became the guest are the reader's from here on: erased with them, and known to
        # be them. Left to the guest, their rows would go with it.
        Merge.objects.filter(reader=locked[guest.pk]).update(reader=locked[into.pk])
        # With the guest go its tokens and its return code: nothing opens it any more.
        locked[guest.pk].delete()
        return Merge.objects.create(
            guest_id=guest.pk, reader=into, moved=moved, done_at=timezone.now()
        )


def note_last_visit(reader: Reader, guest: Reader) -> None:
    """The later visit of the two counts. What `reader` agreed to stays as it was."""
    if guest.seen_on > reader.seen_on:
        reader.seen_on = guest.seen_on
        reader.save(update_fields=["seen_on"])
