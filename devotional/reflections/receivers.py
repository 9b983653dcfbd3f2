"""What reflections do when readers merge, are counted, or are erased. Connected at the start."""

import uuid
from typing import Any

from django.db.models import QuerySet

from devotional.readers.models import Reader
from devotional.readers.signals import erasing_again, holding, merging, tallying, weighing
from devotional.reflections.models import OnPaper, Reflection, Revision
from devotional.reflections.moving import move_everything


def move(sender: type[Reader], *, guest: Reader, reader: Reader, **_: Any) -> dict[str, int]:
    return move_everything(guest, reader)


def count(sender: type[Reader], *, reader: Reader, **_: Any) -> int:
    return Reflection.objects.by(reader).count()


def weigh(sender: type[Reader], *, reader: Reader, **_: Any) -> int:
    """Revisions by way of their reflections: no index leads from a reader to them."""
    mine = Reflection.objects.by(reader)
    return mine.space() + Revision.objects.by(reader).filter(reflection__in=mine).space()


def who_wrote(sender: type[Reader], **_: Any) -> list[QuerySet[Any, Any]]:
    """By ids alone: whether there is anything, not what."""
    return [Reflection.objects.values("reader"), OnPaper.objects.values("reader")]


def erase_again(sender: type[Reader], *, ids: list[uuid.UUID], **_: Any) -> int:
    """A restored database brought reflections back that their readers had deleted."""
    found = Reflection.objects.filter(pk__in=ids)
    number = found.count()
    if number:
        found.delete()
    return number


def connect() -> None:
    merging.connect(move, dispatch_uid="reflections")
    tallying.connect(count, dispatch_uid="reflections")
    weighing.connect(weigh, dispatch_uid="reflections")
    holding.connect(who_wrote, dispatch_uid="reflections")
    erasing_again.connect(erase_again, dispatch_uid="reflections")
