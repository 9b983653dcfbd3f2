"""The group's handout: the public sheet, and on the leader's the invitation for its code (T8).

The sheet itself is `library`'s and holds no name: paper is left lying about.
"""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_safe

from devotional.groups.access import membership_of
from devotional.groups.invitations import invitation_of, link_of
from devotional.groups.models import Membership
from devotional.library.sheet_views import address_of, handout_of
from devotional.library.views import find_section
from devotional.readers.middleware import ReaderRequest


@require_safe
def handout(request: ReaderRequest, group_id: uuid.UUID, section_id: str) -> HttpResponse:
    """For the leader with the invitation's code, for members with the section's."""
    membership = membership_of(request.reader, group_id)
    devotional, section = find_section(membership.group.devotional, section_id)
    invitation = invitation_link(membership, section_id) if membership.is_leader else ""
    sheet = handout_of(devotional, section, link=invitation or address_of(devotional, section))
    context = {
        **sheet,
        "group": membership.group,
        "is_leader": membership.is_leader,
        "invites": bool(invitation),
        "language": devotional.language,
    }
    with override(devotional.language):
        return render(request, "groups/handout.html", context)


def invitation_link(lead: Membership, section_id: str) -> str:
    """The group's link to that part, for paper; empty where none lets people in just now."""
    invitation = invitation_of(lead)
    return (link_of(invitation, part=section_id) or "") if invitation else ""
