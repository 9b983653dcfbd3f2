"""What the leader does with the link, and with those who wait."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from devotional.groups import members
from devotional.groups.access import lead_of, one_of, waiting_for
from devotional.groups.invitations import invitation_of
from devotional.groups.joining import let_in as let_someone_in
from devotional.groups.models import Membership
from devotional.lib.http import see_other
from devotional.readers.middleware import ReaderRequest


@require_http_methods(["GET", "HEAD", "POST"])
def reset_link(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """Another link in the place of the one that reached the wrong people, which ends at once."""
    lead = lead_of(request.reader, group_id)
    if request.method != "POST":
        return ask_first(request, "groups/reset_link.html", lead)
    was_there = invitation_of(lead) is not None
    members.reset_link(lead)
    return see_other("groups:invite", group_id, note="reset" if was_there else "")


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """No link at all, until the leader makes one again."""
    lead = lead_of(request.reader, group_id)
    if request.method != "POST":
        return ask_first(request, "groups/close_link.html", lead)
    members.end_link(lead)
    return see_other("groups:invite", group_id)


def ask_first(request: ReaderRequest, template: str, lead: Membership) -> HttpResponse:
    """What the link's end comes to; where there is none, one is led to where one is made."""
    if invitation_of(lead) is None:
        return see_other("groups:invite", lead.group_id)
    context = {"group": lead.group, "waiting": waiting_for(lead).count()}
    return render(request, template, context)


@require_POST
def let_in(request: ReaderRequest, group_id: uuid.UUID, member_id: uuid.UUID) -> HttpResponse:
    """Say yes to someone who waits; to say so twice is to say so once."""
    lead = lead_of(request.reader, group_id)
    let_someone_in(lead, one_of(waiting_for(lead), member_id))
    return see_other("groups:lead", group_id, note="let-in")
