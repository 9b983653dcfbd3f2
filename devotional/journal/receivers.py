"""What looking back does when readers merge or are erased, and when time is up."""

import uuid
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from devotional.journal.deleting import purge
from devotional.journal.models import Deleted, Hinge
from devotional.readers.models import Reader
from devotional.readers.pruning import UNDO_FOR
from devotional.readers.sealed import hand_over, write
from devotional.readers.signals import erasing_again, holding, merging, tidying, weighing
from devotional.reflections.models import Reflection
from devotional.reflections.signals import stepping_aside


def move(sender: type[Reader], *, guest: Reader, reader: Reader, **_: Any) -> dict[str, int]:
    return {
        "hinges": hand_over(Hinge.objects.by(guest), reader),
        "deleted": hand_over(Deleted.objects.by(guest), reader),
    }


def move_hinges(
    sender: type[Reflection], *, replaced: dict[uuid.UUID, uuid.UUID], **_: Any
) -> None:
    """A reflection steps aside for another: its hinges stay, with the words they hold."""
    hinges = list(Hinge.objects.filter(reflection__in=replaced))
    for hinge in hinges:
        hinge.reflection_id = replaced[hinge.reflection_id]
    write(hinges, ["reflection"])


def weigh(sender: type[Reader], *, reader: Reader, **_: Any) -> int:
    return Hinge.objects.by(reader).space() + Deleted.objects.by(reader).space()


def who_deleted(sender: type[Reader], **_: Any) -> list[QuerySet[Any, Any]]:
    return [Deleted.objects.values("reader")]


def erase_again(sender: type[Reader], *, ids: list[uuid.UUID], for_good: bool, **_: Any) -> int:
    """Only what is gone for good; what can still be undone is left to its reader."""
    return Deleted.objects.filter(reflection_id__in=ids).delete()[0] if for_good else 0


def let_go(sender: type[Reader], *, now: datetime, dry_run: bool, **_: Any) -> dict[str, int]:
    """Erase for good what can no longer be put back."""
    return {"deleted reflections": purge(now - UNDO_FOR, dry_run=dry_run)}


def connect() -> None:
    merging.connect(move, dispatch_uid="journal")
    stepping_aside.connect(move_hinges, dispatch_uid="journal")
    weighing.connect(weigh, dispatch_uid="journal")
    holding.connect(who_deleted, dispatch_uid="journal")
    erasing_again.connect(erase_again, dispatch_uid="journal")
    tidying.connect(let_go, dispatch_uid="journal")
