"""What is sealed at rest, and what belongs to a reader: shapes for every slice above.

Abstract models only. What the words say, and where they are shown, is theirs.
"""

import uuid
from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models import Sum
from django.db.models.functions import Length

from devotional.lib.encryption import EncryptionError, default_ring
from devotional.readers.merging import CannotMerge
from devotional.readers.models import Reader

BATCH = 200  # rows: few statements for many of them, and little memory


class OwnedQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows that belong to a reader, and the only way to them."""

    def by(self, reader: Reader | uuid.UUID) -> Self:
        """Those of a reader, who may be named by their id."""
        return self.filter(reader=reader)

    def space(self) -> int:
        """How many bytes the encrypted texts of these rows take."""
        return int(self.aggregate(space=Sum(Length("sealed"), default=0))["space"])


class Sealed(models.Model):
    """A text at rest: sealed, and bound to its row, so that it opens nowhere else.

    Each model says under which name its rows are bound. That name is part of every row: with
    another one nothing that is stored would open, so it stays when a class is renamed.
    """

    BOUND_NAME: ClassVar[str]
    BOUND_BY: ClassVar[tuple[str, ...]] = ()  # columns beside the id that it is bound to

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed = models.BinaryField()

    class Meta:
        abstract = True

    @property
    def bound_to(self) -> tuple[str, ...]:
        places = (getattr(self, column) for column in self.BOUND_BY)
        return (self.BOUND_NAME, *map(str, places), str(self.id))

    @property
    def text(self) -> str:
        """The words. Raises EncryptionError where the row was moved, altered or its key is gone."""
        return default_ring().open(bytes(self.sealed), bound_to=self.bound_to)

    @text.setter
    def text(self, words: str) -> None:
        self.sealed = default_ring().seal(words, bound_to=self.bound_to)


class SealedText(Sealed):
    """A reader's own words, bound to their reader too."""

    BOUND_BY = ("reader_id",)

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


# Handing over, when a guest turns out to be a reader


def hand_over[M: SealedText](rows: OwnedQuerySet[M], reader: Reader) -> int:
    """Seal `rows`, those of one guest, for `reader`; how many there were. Raises CannotMerge."""
    moved = 0
    while batch := list(rows.order_by("pk")[:BATCH]):
        for row in batch:
            bind_to(row, reader)
        write(batch, ["reader", "sealed"])
        moved += len(batch)
    return moved


def write[M: Sealed](rows: list[M], fields: Iterable[str]) -> None:
    """Store `fields` of rows that are there: `bulk_update`, but in a fraction of its time.

    Whoever writes waits while a merge is under way, and there may be 10,000 rows.
    """
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=list(fields)
        )


def bind_to(row: SealedText, reader: Reader) -> None:
    """Seal `row` anew for `reader`, without storing it. Raises CannotMerge."""
    text = opened(row)
    row.reader = reader
    row.text = text


def opened(row: SealedText) -> str:
    """The words of `row`. Raises CannotMerge where they don't open."""
    try:
        return row.text
    except EncryptionError as error:
        raise CannotMerge from error
