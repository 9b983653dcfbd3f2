"""What becomes of shares when the reflection that they were copied from moves or goes."""

import uuid
from typing import Any

from django.db.models.signals import post_delete

from devotional.groups.models import Share
from devotional.reflections.models import Reflection
from devotional.reflections.signals import deleting, stepping_aside
from devotional.sharing.models import Origin


def move_origins(
    sender: type[Reflection], *, replaced: dict[uuid.UUID, uuid.UUID], **_: Any
) -> None:
    """A reflection steps aside for another: what was shared from it goes on with that one."""
    for origin in Origin.objects.filter(reflection__in=replaced):
        Origin.objects.filter(pk=origin.pk).update(reflection=replaced[origin.reflection_id])


def take_all_back(sender: type[Reflection], *, reflection: Reflection, **_: Any) -> list[uuid.UUID]:
    """A reflection is deleted. That can be undone for a day, but its copies don't come back."""
    origins = Origin.objects.filter(reflection=reflection)
    ids = list(origins.values_list("share_id", flat=True))
    Share.objects.filter(pk__in=ids).delete()
    return ids


def take_back(sender: type[Origin], *, instance: Origin, **_: Any) -> None:
    """The reflection is gone, so its copies go too; where the share went first, nothing is left."""
    Share.objects.filter(pk=instance.pk).delete()


def connect() -> None:
    stepping_aside.connect(move_origins, dispatch_uid="sharing")
    deleting.connect(take_all_back, dispatch_uid="sharing")
    post_delete.connect(take_back, sender=Origin, dispatch_uid="sharing")
