"""A reader's own words, encrypted, and every earlier wording of them.

Every query of these starts from the reader: `Reflection.objects.by(reader)`. Nothing here is ever
shown to anyone else; groups have no path to it.
"""

import uuid
from typing import Self

from django.db import models

from devotional.lib.encryption import default_ring
from devotional.readers.models import Reader


class OwnedQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows that belong to a reader, and the only way to them."""

    def by(self, reader: Reader) -> Self:
        return self.filter(reader=reader)


class SealedText(models.Model):
    """A text at rest: sealed, and bound to its reader and row, so that it opens nowhere else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")
    sealed = models.BinaryField()

    class Meta:
        abstract = True

    @property
    def bound_to(self) -> tuple[str, ...]:
        return (type(self).__name__.lower(), str(self.reader_id), str(self.id))

    @property
    def text(self) -> str:
        """The words. Raises EncryptionError where the row was moved, altered or its key is gone."""
        return default_ring().open(bytes(self.sealed), bound_to=self.bound_to)

    @text.setter
    def text(self, words: str) -> None:
        self.sealed = default_ring().seal(words, bound_to=self.bound_to)


class Reading(models.Model):
    """One time through a devotional, dated (W11)."""

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="readings")
    devotional = models.CharField(max_length=100)
    number = models.PositiveIntegerField(help_text="1 for the first reading, 2 for the second, …")
    begun_at = models.DateTimeField()

    objects = OwnedQuerySet["Reading"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "devotional", "number"], name="one_reading_of_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"reading {self.number} of {self.devotional}"


class Reflection(SealedText):
    """One reader's answer to one prompt in one reading."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="reflections")
    section = models.CharField(max_length=64)
    prompt = models.CharField(max_length=64)
    asked = models.TextField(help_text="The prompt's words as they were answered.")
    section_digest = models.CharField(
        max_length=64, help_text="The section's text as it was then, to notice a change (W13)."
    )
    version = models.PositiveIntegerField(default=1, help_text="Counts saves; decides order.")
    begun_at = models.DateTimeField()
    written_at = models.DateTimeField(help_text="The last change.")

    objects = OwnedQuerySet["Reflection"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reading", "section", "prompt"], name="one_reflection_a_prompt"
            )
        ]

    def __str__(self) -> str:
        return f"reflection {self.id}"


class Revision(SealedText):
    """An earlier wording of a reflection, or one that met a newer one and stepped aside."""

    class Kind(models.TextChoices):
        EARLIER = "earlier"
        CONFLICT = "conflict"

    reflection = models.ForeignKey(Reflection, on_delete=models.CASCADE, related_name="revisions")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.EARLIER)
    version = models.PositiveIntegerField(help_text="The version that this wording had or met.")
    asked = models.TextField()
    written_at = models.DateTimeField()

    objects = OwnedQuerySet["Revision"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["reflection", "-written_at"], name="revisions_by_time")]

    def __str__(self) -> str:
        return f"revision {self.id}"


class Operation(models.Model):
    """A save that was carried out, so that sending it again is answered and not repeated (W6)."""

    op_id = models.UUIDField(help_text="Chosen by who sends it; kept across retries.")
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64, help_text="Keyed hash of what was sent.")
    outcomes = models.TextField(help_text="What was answered, as JSON without any of the words.")
    done_at = models.DateTimeField(db_index=True)

    objects = OwnedQuerySet["Operation"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "op_id"], name="one_operation_of_an_id")
        ]

    def __str__(self) -> str:
        return f"operation {self.op_id}"
