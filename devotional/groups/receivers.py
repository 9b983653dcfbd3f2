"""What groups do when readers merge, begin anew or are erased, and when a leader is gone."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_delete

from devotional.groups.models import Feed, Group, Membership, Share
from devotional.readers.models import Reader
from devotional.readers.sealed import hand_over
from devotional.readers.signals import beginning_anew, erasing_again, holding, merging, weighing

# Of two standings of the same person in one group the better one counts.
BETTER = [Membership.Standing.REMOVED, Membership.Standing.WAITING, Membership.Standing.MEMBER]


def move(sender: type[Reader], *, guest: Reader, reader: Reader, **_: Any) -> dict[str, int]:
    """The guest's memberships become the reader's; where both are in a group they become one."""
    theirs = list(Membership.objects.by(guest).order_by("joined_at"))
    own = {each.group_id: each for each in Membership.objects.by(reader)}
    shares = hand_over(Share.objects.by(guest), reader)
    for each in theirs:
        if standing := own.get(each.group_id):
            become_one(each, standing)
    Membership.objects.by(guest).update(reader=reader)
    return {"memberships": len(theirs), "shares": shares}


def become_one(guest: Membership, own: Membership) -> None:
    """Let `own` take over all that `guest` is and has in the same group, and end `guest`."""
    if BETTER.index(Membership.Standing(guest.standing)) > BETTER.index(
        Membership.Standing(own.standing)
    ):
        own.standing, own.name = guest.standing, guest.name
    Share.objects.filter(membership=guest).update(membership=own)
    known = own.read.values("section")
    guest.read.exclude(section__in=list(known.values_list("section", flat=True))).update(
        membership=own
    )
    if not Feed.objects.filter(membership=own).exists():
        Feed.objects.filter(membership=guest).update(membership=own)
    leads = guest.is_leader or own.is_leader
    # One leader at a time, also between these statements.
    Membership.objects.filter(pk=guest.pk).update(is_leader=False)
    own.is_leader, own.joined_at = leads, min(own.joined_at, guest.joined_at)
    own.save(update_fields=["standing", "name", "is_leader", "joined_at"])
    Membership.objects.filter(pk=guest.pk).delete()


def go_on(sender: type[Reader], *, old: Reader, new: Reader, **_: Any) -> None:
    """Words were erased, and shares with them; a member stays a member."""
    there = Membership.objects.by(new).values_list("group", flat=True)
    Share.objects.by(old).delete()
    Membership.objects.by(old).exclude(group__in=list(there)).update(reader=new)


def weigh(sender: type[Reader], *, reader: Reader, **_: Any) -> int:
    return Share.objects.by(reader).space()


def who_belongs(sender: type[Reader], **_: Any) -> list[QuerySet[Any, Any]]:
    return [Membership.objects.values("reader")]


def erase_again(sender: type[Reader], *, ids: list[uuid.UUID], for_good: bool, **_: Any) -> int:
    """A restored database brought back what was taken back, left or deleted."""
    if not for_good:
        return 0
    erased = 0
    for rows in (Share.objects, Membership.objects, Group.objects):
        found = rows.filter(pk__in=ids)
        if number := found.count():
            found.delete()
            erased += number
    return erased


def pass_on(sender: type[Membership], *, instance: Membership, **_: Any) -> None:
    """A leader is gone: who joined first leads. Where nobody is left there is no group."""
    if not instance.is_leader:
        return
    # Whoever joins or leaves at this moment waits, or was waited for.
    if Group.objects.select_for_update().filter(pk=instance.group_id).first() is None:
        return
    members = Membership.objects.select_for_update()
    others = members.filter(group=instance.group_id, standing=Membership.Standing.MEMBER)
    if others.filter(is_leader=True).exists():  # handed over, and the row here is older
        return
    if next_one := others.order_by("joined_at", "id").first():
        next_one.is_leader = True
        next_one.save(update_fields=["is_leader"])
    else:
        Group.objects.filter(pk=instance.group_id).delete()


def connect() -> None:
    merging.connect(move, dispatch_uid="groups")
    beginning_anew.connect(go_on, dispatch_uid="groups")
    weighing.connect(weigh, dispatch_uid="groups")
    holding.connect(who_belongs, dispatch_uid="groups")
    erasing_again.connect(erase_again, dispatch_uid="groups")
    post_delete.connect(pass_on, sender=Membership, dispatch_uid="groups")
