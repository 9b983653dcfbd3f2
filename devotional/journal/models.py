"""What looking back adds to a reader's words: lines marked as hinges, and what was just deleted."""

from django.db import models

from devotional.readers.sealed import OwnedQuerySet, SealedText
from devotional.reflections.models import Reflection


class Hinge(SealedText):
    """A line of one's own that was marked as a turning point (K8).

    Sealed is JSON: the words themselves and a little of what stood before and after them, so that
    an edit of the reflection can't move the mark to other words.
    """

    BOUND_NAME = "hinge"

    reflection = models.ForeignKey(Reflection, on_delete=models.CASCADE, related_name="hinges")
    marked_at = models.DateTimeField()

    objects = OwnedQuerySet["Hinge"].as_manager()

    def __str__(self) -> str:
        return f"hinge {self.id}"


class Deleted(SealedText):
    """A reflection that was deleted of late, sealed, until it is gone for good (K6).

    Part 0 is the reflection; those after it are its earlier wordings, some to a part.
    """

    BOUND_NAME = "deleted"

    reflection_id = models.UUIDField()
    part = models.PositiveIntegerField(default=0)
    deleted_at = models.DateTimeField(db_index=True)

    objects = OwnedQuerySet["Deleted"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reflection_id", "part"], name="one_part_of_a_number")
        ]

    def __str__(self) -> str:
        return f"deleted {self.id}"
