"""Joining a group by its invitation: once, by POST, under a first name (T3, T4).

Joining needs no consent to keep words, since none are kept: a name, that one is in the group, and
a key for the browser. Whoever writes later is asked then.
"""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from devotional.groups.access import MEMBER, WAITING
from devotional.groups.invitations import is_open
from devotional.groups.models import Group, Invitation, Membership
from devotional.readers import erasures
from devotional.readers.guests import give_token, make_member, may_ask_again
from devotional.readers.limits import is_used_up, may_try
from devotional.readers.models import Merge, Reader
from devotional.readers.quotas import admit_new_reader
from devotional.readers.turn import take_turn_of_form

HOUR = timedelta(hours=1)
AT_ONCE = 30  # joins an hour that need no word of the leader's: a hall of people shares an address
MOST_WAITING = 100  # at a time; a link that got about must not bury the leader …
WAITING_FROM_ONE = 50  # … nor one address take all places on the list: so many a day


class Reason(StrEnum):
    """Why a leader is asked about someone new."""

    OLD_LINK = "old link"
    FULL = "full"
    RUSH = "rush"  # many joined within the hour


class Ended(Exception):
    """The link was reset or the group deleted while the page was open."""


class TooManyWait(Exception):
    """So many wait for the leader's word that nobody more is put on the list."""


def join(reader: Reader, invitation: Invitation, *, name: str, address: str = "") -> Membership:
    """Make `reader` a member, or let them wait for the leader; whoever is one stays as they are.

    Joining twice is one membership. One `address`, where there is one, takes a part of the
    places on the list only. Raises Ended and TooManyWait; then nothing has changed.
    """
    now = timezone.now()
    with transaction.atomic():
        # Joins of one group wait for each other here, so that its limit holds.
        group = Group.objects.select_for_update().filter(pk=invitation.group_id).first()
        if group is None or not Invitation.objects.filter(pk=invitation.pk).exists():
            raise Ended
        there = Membership.objects.by(reader).filter(group=group).first()
        if there is not None and there.standing == MEMBER:
            return there
        must_wait = there is not None or asks_first(group, invitation, now) or not is_counted(group)
        membership = there or Membership(group=group, reader=reader)
        membership.name = name
        if there is None or there.standing != WAITING:  # else they keep their place in the list
            if must_wait and not has_place_to_wait(group, address):
                raise TooManyWait
            membership.standing = WAITING if must_wait else MEMBER
            membership.joined_at = now
        membership.save()
    membership.group = group
    return membership


def asks_first(group: Group, invitation: Invitation, now: datetime) -> Reason | None:
    """Why the leader is asked about someone new; None where nobody is. Counts nothing."""
    if not is_open(invitation, now=now):
        return Reason.OLD_LINK
    if group.memberships.filter(standing=MEMBER).count() >= group.limit:
        return Reason.FULL
    if is_used_up("join", str(group.pk), times=AT_ONCE, within=HOUR):
        return Reason.RUSH
    return None


def is_counted(group: Group) -> bool:
    """Count someone who joins at once; False where so many have within the hour."""
    return may_try("join", str(group.pk), times=AT_ONCE, within=HOUR)


def has_place_to_wait(group: Group, address: str) -> bool:
    """Whether there is room on the list of a group, and `address` has not had its part of it.

    So strangers with one address leave room for those who are meant.
    """
    if group.memberships.filter(standing=WAITING).count() >= MOST_WAITING:
        return False
    day = timedelta(days=1)
    return not address or may_try(
        "wait", f"{group.pk} {address}", times=WAITING_FROM_ONE, within=day
    )


def join_as_guest(
    invitation: Invitation, *, name: str, op_id: uuid.UUID, address: str
) -> tuple[Membership, str]:
    """The same for someone who is not known yet, with a key for their browser.

    `op_id` was drawn for the form: sent twice, before the first answer brought a cookie, it makes
    one guest. It is as good as a key until then, for minutes at most and not after signing out, and
    stands in a page that nothing keeps.
    Raises QuotaError where `address` has brought as many as one may.
    """
    with transaction.atomic():
        guest = guest_of(op_id, address=address)
        token = give_token(guest)
        return join(guest, invitation, name=name, address=address), token


def guest_of(op_id: uuid.UUID, *, address: str) -> Reader:
    """The guest whom this very form made, if its answer may have been lost; else a new one.

    Raises QuotaError where `address` has brought as many as one may.
    """
    take_turn_of_form(op_id)
    # Only this server could name the id beforehand.
    digest = salted_hmac("devotional.groups.joining", op_id.hex, algorithm="sha256").digest()
    id_ = uuid.UUID(bytes=digest[:16], version=4)
    there = Reader.objects.filter(pk=id_).first()
    if there is not None and may_ask_again(there):
        return there
    admit_new_reader(address)
    # An id that was erased is never used again: a restored backup would erase it anew. Nor one of a
    # guest who became a reader: they would be taken for them.
    is_used = (
        there is not None
        or Merge.objects.filter(guest_id=id_).exists()
        or any(mark.id == id_ for mark in erasures.noted())
    )
    return make_member(None if is_used else id_)


def let_in(lead: Membership, waiting: Membership) -> None:
    """Make someone who waits a member; safe to repeat."""
    Membership.objects.filter(group=lead.group_id, pk=waiting.pk, standing=WAITING).update(
        standing=MEMBER, joined_at=timezone.now()
    )
