"""What a reader brought to groups, for pages to show. Changes nothing."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from django.db.models import Count
from django.utils import timezone

from devotional.content.library import Library
from devotional.groups.access import memberships_of
from devotional.groups.models import Membership, Share
from devotional.readers.access import words_of
from devotional.readers.hooks import Together
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection
from devotional.reflections.readings import title_from
from devotional.sharing.models import Origin

SHOWN = 20  # copies on one page: each may be 100 KB
LONG = 420  # letters that stand unfolded: about a dozen lines on a phone
LINES = 8


@dataclass(frozen=True, slots=True)
class Brought:
    """One copy as it stands before its group, by the names that the group's page goes by."""

    share: Share
    text: str | None  # None: can't be opened with the keys on this server
    section_title: str

    @property
    def id(self) -> uuid.UUID:
        return self.share.pk

    @property
    def name(self) -> str:
        return self.share.membership.name

    @property
    def asked(self) -> str:
        return self.share.asked

    @property
    def shared_at(self) -> datetime:
        return self.share.shared_at

    @property
    def is_long(self) -> bool:
        text = self.text or ""
        return len(text) > LONG or text.count("\n") >= LINES

    @classmethod
    def of(cls, share: Share, library: Library) -> Self:
        devotional = library.devotional(share.group.devotional)
        section = devotional.section(share.section) if devotional else None
        return cls(
            share=share,
            text=words_of(share),
            section_title=section.title if section else title_from(share.section),
        )


@dataclass(frozen=True, slots=True)
class Copy:
    """What would stand before a group; shown as what stands there, but whole."""

    name: str
    asked: str
    text: str
    shared_at: datetime
    id: str = "copy"
    is_long: bool = False  # nothing of it is folded away before it is brought


def as_it_would_stand(membership: Membership, reflection: Reflection, words: str) -> Copy:
    return Copy(membership.name, reflection.asked, words, timezone.now())


@dataclass(frozen=True, slots=True)
class Page:
    """A page of all that a reader brought, by group and the newest first."""

    all: list[Brought] = field(default_factory=list)
    start: int = 0
    more: bool = False

    @property
    def before(self) -> int:
        return max(self.start - SHOWN, 0)

    @property
    def after(self) -> int:
        return self.start + SHOWN


def brought_by(reader: Reader, library: Library, *, start: int = 0) -> Page:
    """One query."""
    shares = Share.objects.by(reader).select_related("group", "membership")
    in_order = shares.order_by("group__name", "group", "-shared_at", "-id")
    found = list(in_order[start : start + SHOWN + 1])
    return Page([Brought.of(each, library) for each in found[:SHOWN]], start, len(found) > SHOWN)


def one_brought_by(reader: Reader, library: Library, share_id: uuid.UUID) -> Brought | None:
    shares = Share.objects.by(reader).select_related("group", "membership")
    found = shares.filter(pk=share_id).first()
    return Brought.of(found, library) if found else None


def groups_reading(reader: Reader, devotional_id: str) -> list[Membership]:
    """The groups to which `reader` may bring words about a devotional, the newest first."""
    return list(memberships_of(reader).filter(group__devotional=devotional_id))


def origins_among(reader: Reader, reflections: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of `reflections` from which something stands before a group; one query, if any."""
    if not (ids := list(reflections)):
        return set()
    found = Origin.objects.filter(share__reader=reader, reflection__in=ids)
    return set(found.values_list("reflection_id", flat=True))


def together(reader: Reader) -> Together:
    """What goes for others when `reader` goes; one query."""
    counted = memberships_of(reader).annotate(brought=Count("shares"))
    rows = list(counted.values_list("is_leader", "brought"))
    return Together(
        groups=len(rows),
        leads=sum(is_leader for is_leader, _brought in rows),
        shares=sum(brought for _is_leader, brought in rows),
    )
