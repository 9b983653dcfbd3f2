"""What makes a group, changes who is in it, and ends it: one transaction a verb, safe to repeat.

Where someone goes, so does what they shared there, at once, and the ids are noted beside the
database, so that a restored backup brings nothing back. Nobody's own reflections are ever touched:
nothing here knows of one. Whoever calls holds the `Membership` that is the right to do it.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from devotional.content.library import Devotional
from devotional.groups.access import MEMBER, WAITING
from devotional.groups.invitations import close_link, invitation_of, invite, renew_link
from devotional.groups.models import Group, Invitation, Membership, Share
from devotional.lib.sqlite import empty_log
from devotional.readers import erasures
from devotional.readers.erasures import Mark
from devotional.readers.models import Reader

REMOVED = Membership.Standing.REMOVED
SENT_TWICE = timedelta(hours=1)  # the same name, devotional and leader within it: the same group


def make_group(
    reader: Reader, *, name: str, devotional: Devotional, first_name: str, **schedule: Any
) -> Membership:
    """A group with its leader and its link; the one that is there, where the form came twice.

    `schedule` are columns of the group: when it meets, and how it goes on.
    """
    now = timezone.now()
    with transaction.atomic():
        # Two of the same form wait for each other here.
        Reader.objects.select_for_update().get(pk=reader.pk)
        same = Membership.objects.by(reader).filter(
            is_leader=True,
            group__name=name,
            group__devotional=devotional.id,
            group__made_at__gt=now - SENT_TWICE,
        )
        if there := same.select_related("group").first():
            return there
        usual = {"time_zone": settings.TIME_ZONE, "section": devotional.sections[0].id}
        group = Group.objects.create(name=name, devotional=devotional.id, **{**usual, **schedule})
        lead = Membership.objects.create(
            group=group, reader=reader, name=first_name, is_leader=True, joined_at=now
        )
        invite(lead)
    return lead


def rename(member: Membership, name: str) -> None:
    """Give `member` another name, before the group and on everything that they shared."""
    Membership.objects.filter(pk=member.pk).exclude(standing=REMOVED).update(name=name)


def remove(member: Membership) -> bool:
    """End a membership now, with all that was shared, and reset the link that they know.

    False where nothing was ended: for who leads, and for who is no member any more.

    By the old link they would be back at once as somebody new, from a browser that isn't known.
    Those who wait go on waiting: none of them comes in without the leader. What is left of the
    member is a row without a name, so that in this browser the leader is asked about them. It has
    a new id: the old one is noted as gone for good.
    """
    with erasures.erasing() as marks:
        lock_group(member.group_id)
        gone = turn_away(member.group_id, marks, pk=member.pk, standing=MEMBER, is_leader=False)
        if gone:
            renew_link(member.group_id)
    empty_log()
    return bool(gone)


def decline(waiting: Membership) -> bool:
    """Say no to someone who waits; they may ask again. False where they don't wait any more."""
    with erasures.erasing() as marks:
        gone = turn_away(waiting.group_id, marks, pk=waiting.pk, standing=WAITING)
    empty_log()
    return bool(gone)


def decline_all(lead: Membership) -> bool:
    """Say no to everyone who waits, as one says it to one; False where nobody does."""
    with erasures.erasing() as marks:
        gone = turn_away(lead.group_id, marks, standing=WAITING)
    empty_log()
    return bool(gone)


def reset_link(lead: Membership) -> Invitation:
    """A new link in the place of the one that got about: that is dead, and so is what it brought.

    Who waits is turned away, since they came by the old one. Where no link stood any more nothing
    got about, and they go on waiting.
    """
    with erasures.erasing() as marks:
        lock_group(lead.group_id)
        if invitation_of(lead) is not None:
            turn_away(lead.group_id, marks, standing=WAITING)
        invitation = invite(lead)
    empty_log()
    return invitation


def end_link(lead: Membership) -> None:
    """No link any more, and nobody who waits by it; safe to repeat."""
    with erasures.erasing() as marks:
        lock_group(lead.group_id)
        turn_away(lead.group_id, marks, standing=WAITING)
        close_link(lead)
    empty_log()


def turn_away(group_id: uuid.UUID, marks: list[Mark], **which: Any) -> int:
    """End those memberships of a group, and leave a row without a name of each; how many."""
    rows = Membership.objects.filter(group=group_id, **which).select_for_update()
    there = list(rows.order_by("pk"))
    end([each.pk for each in there], marks)
    now = timezone.now()
    Membership.objects.bulk_create(
        Membership(group_id=group_id, reader_id=each.reader_id, standing=REMOVED, joined_at=now)
        for each in there
    )
    return len(there)


def lock_group(group_id: uuid.UUID) -> None:
    """Let nobody join, leave or be let in until the transaction ends. Before members are locked."""
    list(Group.objects.select_for_update().filter(pk=group_id).values_list("pk"))


def leave(member: Membership) -> bool:
    """Go, with all that one shared there, and leave no row; False for who leads."""
    with erasures.erasing() as marks:
        # As it stands now: the lead may have been handed over since the page was opened.
        there = Membership.objects.select_for_update().filter(pk=member.pk).first()
        if there is not None and there.is_leader:
            return False
        end([member.pk], marks)
    empty_log()
    return True


def hand_over(lead: Membership, to: Membership) -> bool:
    """Let `to` lead in the place of `lead`; False where either is not, any more, what it was."""
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=lead.group_id)
        group = Membership.objects.filter(group=lead.group_id, standing=MEMBER)
        # Locked: who leaves at this moment has left before, or finds that they lead.
        if group.select_for_update().filter(pk=to.pk).first() is None:
            return False
        # One leader at a time, also between these statements.
        if not group.filter(pk=lead.pk, is_leader=True).update(is_leader=False):
            return False
        group.filter(pk=to.pk).update(is_leader=True)
    return True


def delete_group(lead: Membership) -> None:
    """End the group for everyone, as its leader."""
    end_group(lead.group_id)


def end_group(group_id: uuid.UUID) -> None:
    """End a group: members, shares, link and calendars. For its leader, and for the host."""
    with erasures.erasing() as marks:
        group = Group.objects.select_for_update().filter(pk=group_id)
        if group.exists():
            members = Membership.objects.filter(group=group_id)
            end(list(members.values_list("pk", flat=True)), marks)
            marks.append(Mark("gone", group_id))
            group.delete()
    empty_log()


def end(ids: Iterable[uuid.UUID], marks: list[Mark]) -> None:
    """Delete memberships with all that hangs on them, and name what goes."""
    members = Membership.objects.filter(pk__in=list(ids))
    shares = Share.objects.filter(membership__in=members)
    for rows in (shares, members):
        marks += [Mark("gone", pk) for pk in rows.values_list("pk", flat=True)]
    members.delete()
