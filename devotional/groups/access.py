"""The only way to a group's rows: through one's own membership.

Every view begins with one of these. Whoever has no standing in a group is told that there is
nothing, as for a group that never was. What takes a `Membership` takes it as the proof of it.
"""

import uuid

from django.db.models import QuerySet
from django.http import Http404

from devotional.groups.models import Group, Membership, Share
from devotional.lib.unavailable import UNAVAILABLE, is_unavailable, let_go
from devotional.readers.models import Reader
from devotional.readers.sealed import OwnedQuerySet

MEMBER = Membership.Standing.MEMBER
WAITING = Membership.Standing.WAITING


def memberships_of(reader: Reader | None) -> OwnedQuerySet[Membership]:
    """The groups that `reader` belongs to, the newest first, each with its group."""
    if reader is None:
        return Membership.objects.none()
    mine = Membership.objects.by(reader).filter(standing=MEMBER)
    return mine.select_related("group").order_by("-joined_at", "id")


def groups_by_devotional(reader: Reader) -> dict[str, list[Group]]:
    """The groups of `reader`, the newest first, by the devotional that they read. One query.

    A page that hands words back, because the database can't be had, does without.
    """
    groups: dict[str, list[Group]] = {}
    try:
        for membership in memberships_of(reader):
            groups.setdefault(membership.group.devotional, []).append(membership.group)
    except UNAVAILABLE as error:
        if not is_unavailable(error):
            raise
        let_go(error)
    return groups


def awaited_by(reader: Reader | None) -> OwnedQuerySet[Membership]:
    """The groups that `reader` asked to join, and whose leaders have not answered yet."""
    if reader is None:
        return Membership.objects.none()
    mine = Membership.objects.by(reader).filter(standing=WAITING)
    return mine.select_related("group").order_by("-joined_at", "id")


def membership_of(reader: Reader | None, group_id: uuid.UUID) -> Membership:
    """The membership of `reader` in that group; Http404 for everyone who is not a member now."""
    if found := memberships_of(reader).filter(group=group_id).first():
        return found
    raise Http404


def lead_of(reader: Reader | None, group_id: uuid.UUID) -> Membership:
    """The same for the leader alone."""
    if (found := membership_of(reader, group_id)).is_leader:
        return found
    raise Http404


def members_with(membership: Membership) -> QuerySet[Membership]:
    """Everyone in the group, the leader first and then as they joined."""
    return Membership.objects.filter(group=membership.group_id, standing=MEMBER).order_by(
        "-is_leader", "joined_at", "id"
    )


def waiting_for(lead: Membership) -> QuerySet[Membership]:
    """Who asked to join and waits for the leader's word, the first first."""
    return Membership.objects.filter(group=lead.group_id, standing=WAITING).order_by(
        "joined_at", "id"
    )


def one_of(rows: QuerySet[Membership], member_id: uuid.UUID) -> Membership:
    """The one of that id among `rows`, or Http404: an id from another group is nothing here."""
    if found := rows.filter(pk=member_id).select_related("group").first():
        return found
    raise Http404


def shares_with(membership: Membership) -> QuerySet[Share]:
    """What was put before the group, the newest first, each with who did."""
    shares = Share.objects.filter(group=membership.group_id).select_related("membership")
    return shares.order_by("-shared_at", "-id")
