"""A reader's own words, encrypted, and earlier wordings of them that were worth keeping.

Every query of these starts from the reader: `Reflection.objects.by(reader)`. Nothing here is ever
shown to anyone else; groups have no path to it.
"""

from django.db import models

from devotional.readers.models import Reader
from devotional.readers.sealed import OwnedQuerySet, SealedText


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

    BOUND_NAME = "reflection"

    # The index of the journal begins with it.
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+", db_index=False)
    reading = models.ForeignKey(
        Reading,
        on_delete=models.CASCADE,
        related_name="reflections",
        db_index=False,  # the constraint's index begins with it
    )
    section = models.CharField(max_length=64)
    prompt = models.CharField(max_length=64)
    asked = models.TextField(help_text="The prompt's words as they were answered.")
    section_digest = models.CharField(
        max_length=64, help_text="The section's text as it was then, to notice a change (W13)."
    )
    version = models.PositiveIntegerField(default=1, help_text="Counts saves; decides order.")
    begun_at = models.DateTimeField()
    written_at = models.DateTimeField(help_text="The last change.")
    kept_at = models.DateTimeField(
        null=True, help_text="When the newest wording that was kept as a revision had been written."
    )
    has_met_another = models.BooleanField(
        default=False, help_text="Whether words from elsewhere were laid aside for these."
    )

    added = 0  # blocks of space that this save has added for it so far; no column

    objects = OwnedQuerySet["Reflection"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reading", "section", "prompt"], name="one_reflection_a_prompt"
            )
        ]
        indexes = [
            models.Index(fields=["reader", "-written_at", "-id"], name="reflections_by_time")
        ]

    def __str__(self) -> str:
        return f"reflection {self.id}"


class Revision(SealedText):
    """An earlier wording of a reflection, or one that met a newer one and stepped aside."""

    BOUND_NAME = "revision"

    class Kind(models.TextChoices):
        EARLIER = "earlier"
        CONFLICT = "conflict"

    # Each index is a page more that every save writes; the one below serves both of these.
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+", db_index=False)
    reflection = models.ForeignKey(
        Reflection, on_delete=models.CASCADE, related_name="revisions", db_index=False
    )
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
    reader = models.ForeignKey(
        Reader,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # looked for by its id, and each index is a page more to write
    )
    fingerprint = models.CharField(max_length=64, help_text="Keyed hash of what was sent.")
    outcomes = models.TextField(help_text="What was answered, as JSON without any of the words.")
    done_at = models.DateTimeField()

    objects = OwnedQuerySet["Operation"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["op_id", "reader"], name="one_operation_of_an_id")
        ]

    def __str__(self) -> str:
        return f"operation {self.op_id}"


class OnPaper(models.Model):
    """A section that was answered on paper; nothing is stored but that (W15)."""

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")
    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="on_paper")
    section = models.CharField(max_length=64)

    objects = OwnedQuerySet["OnPaper"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "section"], name="one_mark_a_section")
        ]

    def __str__(self) -> str:
        return f"on paper {self.pk}"


class KeyCheck(models.Model):
    """One record that only the right key ring opens, verified at each start (S6)."""

    sealed = models.BinaryField()

    def __str__(self) -> str:
        return "key check"
