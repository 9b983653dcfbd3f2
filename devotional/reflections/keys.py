"""The key ring belongs to the database: proven at each start, and renewed by a rotation.

Only here are rows met without their reader, since a key seals everyone's. A text is opened to be
sealed again and for nothing else: none is kept, shown or logged.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import BinaryField, Count, QuerySet
from django.db.models.functions import Substr

from devotional.lib.encryption import (
    KeyRing,
    KeyRingError,
    Tampered,
    UnknownKey,
    add_key,
    check_value,
    default_ring,
    ensure_key_ring,
    retire_keys,
)
from devotional.lib.encryption.record import KEY_ID_BYTES
from devotional.lib.postgresql import let_others_end
from devotional.readers.sealed import Sealed
from devotional.reflections.models import KeyCheck

CHECK_ROW = 1  # one row by its number, so that of two processes only one can make it
BATCH = 200  # rows a transaction: the lock is held for milliseconds, and saves go between
SAMPLE = 50  # rows to try a ring on, where a database has no check value yet


# At each start


def prove_key_ring() -> bool:
    """Make sure that the key ring opens what is stored here, before anything is served.

    A database that holds nothing yet is given a ring; True if this call made it. Raises
    KeyRingError, whose message is the one line to show, and DatabaseError.
    """
    path = Path(settings.KEY_RING)
    # Another process may be at its first start. It makes the ring first and then stores what needs
    # it, so the file is looked for again.
    if not path.exists() and needs_key_ring() and not path.exists():
        raise KeyRingError(
            f"The key ring {path} is missing, and nothing written here can be read without it. "
            "Put it back from where its copy is kept."
        )
    is_new = ensure_key_ring(path)
    ring = default_ring()
    check = KeyCheck.objects.filter(pk=CHECK_ROW).first()
    if check is None:
        store_check(ring)
        return is_new
    ring.verify_check_value(check.sealed)
    if not ring.is_current(check.sealed):
        store_check(ring)  # a rotation was interrupted between its key and its check value
    return is_new


def opens_what_is_stored() -> bool:
    """Whether the ring at hand is still the database's: one query, and nothing is made or changed.

    Raises KeyRingError where there is no ring to speak of, and DatabaseError.
    """
    check = KeyCheck.objects.filter(pk=CHECK_ROW).first()
    if check is None:
        return False  # each start stores one
    default_ring().verify_check_value(check.sealed)
    return True


def needs_key_ring() -> bool:
    return KeyCheck.objects.exists() or any(rows(model).exists() for model in sealed_models())


def store_check(ring: KeyRing) -> None:
    """Store a check value of the newest key, in place of one that this ring opens.

    A copy of the ring from before then no longer passes for the ring of this database.
    """
    with transaction.atomic():
        if not KeyCheck.objects.filter(pk=CHECK_ROW).exists():
            prove_on_rows(ring)
        check, is_new = KeyCheck.objects.get_or_create(
            pk=CHECK_ROW, defaults={"sealed": lambda: check_value(ring)}
        )
        if not is_new:  # another process may have been first, perhaps with another ring
            ring.verify_check_value(check.sealed)
            check.sealed = check_value(ring)
            check.save(update_fields=["sealed"])


def prove_backup(using: str) -> None:
    """Raise KeyRingError unless the key ring opens the backup that Django knows as `using`."""
    path = Path(settings.KEY_RING)
    check = KeyCheck.objects.using(using).filter(pk=CHECK_ROW).first()
    if check is None and not any(rows(model, using).exists() for model in sealed_models()):
        return
    if not path.exists():
        raise KeyRingError(
            f"The key ring {path} is missing, and nothing in this backup can be read without it. "
            "Put it back from where its copy is kept."
        )
    if check is None:
        prove_on_rows(default_ring(), using)
    else:
        default_ring().verify_check_value(check.sealed)


def prove_on_rows(ring: KeyRing, using: str | None = None) -> None:
    """Raise KeyRingError if there are sealed rows and the ring opens none of those it is tried on.

    For a database from before there was a check value. One row may be damaged, so some are tried.
    """
    tried = 0
    for model in sealed_models():
        for row in rows(model, using).only("id", "sealed", *model.BOUND_BY)[:SAMPLE]:
            if opens(ring, row):
                return
            tried += 1
    if tried:
        raise KeyRingError(
            f"The key ring {ring.path} does not open what is stored here. "
            "Put back the key ring that belongs to this database."
        )


def opens(ring: KeyRing, row: Sealed) -> bool:
    try:
        ring.open(row.sealed, bound_to=row.bound_to)
    except (Tampered, UnknownKey):
        return False
    return True


# Rotation


@dataclass
class Rotation:
    """What a rotation has done so far: counts, and the ids of rows that it couldn't open."""

    resealed: int = 0
    overtaken: int = 0  # rows that changed or went while they were being sealed again
    unreadable: set[str] = field(default_factory=set)  # "reflection 0b5c…"


def begin_rotation() -> None:
    """Add a new key; everything is sealed with it from here on, in running servers too.

    A save that begins later meets the new key, and those that began before are waited for: on
    SQLite by the transaction that stores the check value, which can't begin sooner. So once this
    has returned, no row of an older key is added.
    """
    add_key(Path(settings.KEY_RING))
    resume_rotation()


def resume_rotation() -> None:
    """Make sure of what `begin_rotation` promises, whenever it was interrupted."""
    store_check(default_ring())
    let_others_end(connection)


def reseal_rows(tell: Callable[[Rotation], None]) -> Rotation:
    """Seal every row of an older key with the newest; return when none is left but the unreadable.

    May be broken off anywhere and called again. `tell` is called after each batch.
    """
    rotation = Rotation()
    busy = True
    while busy:  # once more, as long as the last round found something to do
        before = rotation.resealed + rotation.overtaken
        for model in sealed_models():
            for batch in older_rows(model):
                reseal_batch(model, batch, rotation)
                tell(rotation)
        busy = rotation.resealed + rotation.overtaken > before
    return rotation


def older_rows(model: type[Sealed]) -> Iterator[list[Sealed]]:
    """The rows that are not sealed with the newest key, in batches by id."""
    older = not_of(default_ring(), model).only("id", "sealed", *model.BOUND_BY).order_by("id")
    batch = list(older[:BATCH])
    while batch:
        yield batch
        batch = list(older.filter(id__gt=batch[-1].id)[:BATCH])


def reseal_batch(model: type[Sealed], batch: list[Sealed], rotation: Rotation) -> None:
    """Seal a batch again, each row only if it still holds what was read: a save goes first."""
    ring = default_ring()
    sealed_again: list[tuple[Sealed, bytes]] = []
    for row in batch:
        try:
            sealed_again.append((row, ring.reseal(row.sealed, bound_to=row.bound_to)))
        except (Tampered, UnknownKey):
            rotation.unreadable.add(f"{model.BOUND_NAME} {row.id}")
    with transaction.atomic():
        replaced = sum(
            # What it is bound to needs no look: another place would be another seal.
            rows(model).filter(pk=row.pk, sealed=bytes(row.sealed)).update(sealed=again)
            for row, again in sealed_again
        )
    rotation.resealed += replaced
    rotation.overtaken += len(sealed_again) - replaced


# Retiring


def retire_older_keys(to: Path) -> list[str]:
    """Move the older keys from the ring to the file `to`; return their ids.

    Refused while any row needs one of them, whether or not it can be opened. No row is saved with
    one in between: on SQLite the transaction holds the write lock until the ring is changed, and
    on PostgreSQL nobody is left who began before the newest key.
    """
    let_others_end(connection)
    with transaction.atomic():
        ring = default_ring()
        store_check(ring)
        counts = rows_by_key()
        needing = sum(counts[key_id] for key_id in ring.ids - {ring.newest_id})
        if needing:
            raise KeyRingError(
                f"{needing} rows are still sealed with an older key. "
                "Run: manage.py rotate_keys --resume"
            )
        return retire_keys(Path(settings.KEY_RING), keep=frozenset(), to=to)


def rows_by_key() -> Counter[str]:
    """How many rows each key has sealed, by the key's id."""
    counts: Counter[str] = Counter()
    for model in sealed_models():
        by_key: Any = rows(model).annotate(key_id=part_of_sealed(2, KEY_ID_BYTES))
        for key_id, number in by_key.values_list("key_id").annotate(number=Count("pk")):
            counts[bytes(key_id).hex()] += number
    return counts


# Rows


def sealed_models() -> list[type[Sealed]]:
    """Every table of sealed texts, those that are yet to come included."""
    return [model for model in apps.get_models() if issubclass(model, Sealed)]


def rows[M: Sealed](model: type[M], using: str | None = None) -> QuerySet[M]:
    return model._base_manager.using(using)


def not_of[M: Sealed](ring: KeyRing, model: type[M]) -> QuerySet[M]:
    """The rows that the ring's newest key has not sealed."""
    header = part_of_sealed(1, len(ring.newest_header))
    annotated: Any = rows(model).alias(header=header)
    older: QuerySet[M] = annotated.exclude(header=ring.newest_header)
    return older


def part_of_sealed(start: int, length: int) -> Any:
    # Any: the stubs take a part of a binary column for text.
    return Substr("sealed", start, length, output_field=BinaryField())
