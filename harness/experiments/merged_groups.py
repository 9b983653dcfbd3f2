"""The part of B7 that is about groups: who belongs where, who leads, and what was shared."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from devotional.groups.models import Feed, Group, Membership, ReadIt, Share
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection
from devotional.sharing.models import Origin

TABLES: tuple[Any, ...] = (Group, Membership, Feed, ReadIt, Share, Origin)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STANDINGS = ["member", "member", "waiting", "removed"]


def join_groups(chance: random.Random, pair: list[Reader]) -> None:
    """Put each of the two into some groups, one of them in front perhaps, with words shared."""
    for number in range(3):
        group = Group.objects.create(name=f"{number}", devotional="on-doors", time_zone="UTC")
        leads = chance.choice([*pair, None])
        for one in pair:
            if one is leads or chance.random() < 0.6:
                join(chance, group, one, is_leader=one is leads)


def join(chance: random.Random, group: Group, one: Reader, *, is_leader: bool) -> None:
    membership = Membership.objects.create(
        group=group,
        reader=one,
        name="Sam",
        standing="member" if is_leader else chance.choice(STANDINGS),
        is_leader=is_leader,
        joined_at=BEGIN + timedelta(minutes=chance.randrange(400_000)),
    )
    if chance.random() < 0.5:
        ReadIt.objects.create(membership=membership, section="opening")
    if chance.random() < 0.5:
        feed = Feed(membership=membership, digest=f"{membership.pk.hex}")
        feed.text = "a link"
        feed.save(force_insert=True)
    reflections = list(Reflection.objects.by(one).order_by("pk"))
    for n, reflection in enumerate(chance.sample(reflections, k=min(2, len(reflections)))):
        share = Share(
            reader=one,
            group=group,
            membership=membership,
            section=reflection.section,
            asked="Asked?",
            shared_at=BEGIN,
        )
        share.text = f"share {n} of {one.pk} in {group.name}"
        share.save(force_insert=True)
        Origin.objects.create(share=share, reflection=reflection)


@dataclass(frozen=True, slots=True)
class Together:
    """What two readers, or the one whom they became, have in groups."""

    groups: dict[UUID, bool]  # whether they lead it
    read: set[tuple[UUID, str]]
    shares: Counter[tuple[UUID, str]]

    @classmethod
    def of(cls, *readers: Reader) -> Self:
        rows = Membership.objects.filter(reader__in=readers)
        groups: dict[UUID, bool] = {}
        for row in rows:
            groups[row.group_id] = groups.get(row.group_id, False) or row.is_leader
        return cls(
            groups=groups,
            read=set(
                ReadIt.objects.filter(membership__in=rows).values_list(
                    "membership__group", "section"
                )
            ),
            shares=Counter(
                (share.group_id, share.text) for share in Share.objects.filter(reader__in=readers)
            ),
        )


def holds_together(reader: Reader) -> bool:
    """Whether each membership is the only one, and each share hangs on what is the reader's."""
    rows = list(Membership.objects.by(reader))
    return (
        len(rows) == len({row.group_id for row in rows})
        and Membership.objects.count() == len(rows)
        and all(
            share.membership.reader_id == reader.pk
            and Origin.objects.get(share=share).reflection.reader_id == reader.pk
            for share in Share.objects.select_related("membership")
        )
    )
