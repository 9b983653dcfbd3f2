"""A group's invitation: one link, made, found, shown again, and ended (T4).

Only its keyed hash is looked for, and the token itself lies sealed, so a stolen database opens no
group. Who may be let in by it is decided in `joining.py`.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from devotional.groups.models import GOOD_FOR, OPEN_FOR, Group, Invitation, Membership
from devotional.groups.tokens import digest_of, new_token
from devotional.readers.access import words_of

PURPOSE = "invitation"


def invite(lead: Membership) -> Invitation:
    """A new link to the group; one that there was is dead at once."""
    return make_link(lead.group_id)


def renew_link(group_id: uuid.UUID) -> None:
    """Another link where one stands, whoever asks for it; where none does there is none after."""
    if Invitation.objects.filter(group=group_id, good_until__gt=timezone.now()).exists():
        make_link(group_id)


def make_link(group_id: uuid.UUID) -> Invitation:
    now = timezone.now()
    token = new_token()
    invitation = Invitation(
        group_id=group_id,
        digest=digest_of(token, purpose=PURPOSE),
        open_until=now + OPEN_FOR,
        good_until=now + GOOD_FOR,
    )
    with transaction.atomic():
        # Two of the same form wait for each other here.
        Group.objects.select_for_update().get(pk=group_id)
        invitation.text = token  # sealed in the transaction, as a rotation of keys asks
        Invitation.objects.filter(group=group_id).delete()
        invitation.save(force_insert=True)
    return invitation


def close_link(lead: Membership) -> None:
    """End the link, with no other in its place; safe to repeat."""
    Invitation.objects.filter(group=lead.group_id).delete()


def invitation_of(lead: Membership) -> Invitation | None:
    """The link that stands, if one does and its time is not up."""
    good = Invitation.objects.filter(group=lead.group_id, good_until__gt=timezone.now())
    return good.first()


def find_invitation(token: str) -> Invitation | None:
    """The invitation whose link ends in `token`, with its group.

    What was never one, is past its time or was ended is the same to the caller, after the same
    work: one keyed hash, one search.
    """
    good = Invitation.objects.filter(
        digest=digest_of(token, purpose=PURPOSE), good_until__gt=timezone.now()
    )
    return good.select_related("group").first()


def link_of(invitation: Invitation, *, part: str = "") -> str | None:
    """Its whole address; None where the keys on this server don't open it. Then reset it.

    `part` is the id of the section that it leads to; without one to that of the week it is opened.
    """
    token = words_of(invitation)
    return None if token is None else settings.SITE_URL + path_of(token, part=part)


def path_of(token: str, *, part: str = "") -> str:
    return reverse("joining:welcome", args=[f"{token}/{part}" if part else token])


def token_and_part(path: str) -> tuple[str, str]:
    """What stands behind `/j/`, taken apart: the token, and the section that is meant, if any."""
    token, _slash, part = path.partition("/")
    return token, part.removesuffix("/")


def is_open(invitation: Invitation, *, now: datetime | None = None) -> bool:
    """Whether it lets people in at once; afterwards the leader is asked about each."""
    return (now or timezone.now()) < invitation.open_until
