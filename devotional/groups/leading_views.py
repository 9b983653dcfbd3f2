"""What its leader may do with a group. Whoever doesn't lead it finds nothing here.

Whatever takes something away has a page of its own first, which says what happens to the words.
What is said afterwards is only said where it was done: of a form that comes twice, or was made up,
nothing is.
"""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from devotional.groups import members
from devotional.groups.access import (
    lead_of,
    members_with,
    membership_of,
    memberships_of,
    one_of,
    waiting_for,
)
from devotional.groups.forms import LeadingForm
from devotional.groups.invitations import invitation_of
from devotional.groups.models import Group, Membership
from devotional.lib.http import see_other
from devotional.readers.access import known_reader
from devotional.readers.middleware import ReaderRequest


@require_http_methods(["GET", "HEAD", "POST"])
def lead(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """Members, who waits, the link, and the group's name and limit, which are changed here."""
    me = lead_of(request.reader, group_id)
    usual = {"name": me.group.name, "limit": me.group.limit}
    form = LeadingForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        Group.objects.filter(pk=group_id).update(**form.cleaned_data)
        return see_other("groups:lead", group_id, note="kept")
    context = {
        "form": form,
        "me": me,
        "group": me.group,
        "members": list(members_with(me)),
        "waiting": list(waiting_for(me)),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "groups/lead.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ReaderRequest, group_id: uuid.UUID, member_id: uuid.UUID) -> HttpResponse:
    """Remove a member, with what they shared here; removed is removed at once."""
    me = lead_of(request.reader, group_id)
    if request.method == "POST":
        there = members_with(me).filter(pk=member_id).first()  # nobody, where it was sent twice
        is_done = there is not None and members.remove(there)
        return see_other("groups:lead", group_id, note="removed" if is_done else "")
    member = one_of(members_with(me).filter(is_leader=False), member_id)
    has_link = invitation_of(me) is not None
    return ask_first(request, "groups/remove.html", me, member, has_link=has_link)


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: ReaderRequest, group_id: uuid.UUID, member_id: uuid.UUID) -> HttpResponse:
    """Don't let in someone who waits."""
    me = lead_of(request.reader, group_id)
    if request.method == "POST":
        there = waiting_for(me).filter(pk=member_id).first()
        is_done = there is not None and members.decline(there)
        return see_other("groups:lead", group_id, note="declined" if is_done else "")
    return ask_first(request, "groups/decline.html", me, one_of(waiting_for(me), member_id))


@require_http_methods(["GET", "HEAD", "POST"])
def decline_all(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """Let in nobody of those who wait."""
    me = lead_of(request.reader, group_id)
    if request.method == "POST":
        is_done = members.decline_all(me)
        return see_other("groups:lead", group_id, note="declined-all" if is_done else "")
    count = waiting_for(me).count()
    if not count:
        return see_other("groups:lead", group_id)
    return ask_first(request, "groups/decline_all.html", me, count=count)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: ReaderRequest, group_id: uuid.UUID, member_id: uuid.UUID) -> HttpResponse:
    """Let another member lead. Nothing else changes."""
    reader = request.reader
    if request.method == "POST":
        me = membership_of(reader, group_id)
        to = one_of(members_with(me), member_id)
        if not to.is_leader and not (me.is_leader and members.hand_over(me, to)):
            lead_of(reader, group_id)  # answers for whoever doesn't lead
        return see_other("groups:group", group_id)
    me = lead_of(reader, group_id)
    member = one_of(members_with(me).filter(is_leader=False), member_id)
    return ask_first(request, "groups/hand_over.html", me, member)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """End the group, with everything that was shared in it."""
    reader = known_reader(request)
    if request.method == "POST":
        me = memberships_of(reader).filter(group=group_id, is_leader=True).first()
        if me is None:  # sent twice, or by who doesn't lead
            return see_other("groups:all")
        members.delete_group(me)
        return see_other("groups:all", note="deleted")
    return ask_first(request, "groups/delete.html", lead_of(reader, group_id))


def ask_first(
    request: ReaderRequest,
    template: str,
    me: Membership,
    member: Membership | None = None,
    **more: Any,
) -> HttpResponse:
    return render(request, template, {"me": me, "group": me.group, "member": member, **more})
