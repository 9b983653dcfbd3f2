"""Pages of a group for everyone in it: making one, all of one's own, the group itself, leaving."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devotional.content.loader import current_library
from devotional.groups import members
from devotional.groups.access import (
    awaited_by,
    lead_of,
    members_with,
    membership_of,
    memberships_of,
    one_of,
    waiting_for,
)
from devotional.groups.clock import habits_of
from devotional.groups.forms import FirstNameForm, MakingForm, ReadForm, StartForm
from devotional.groups.group_page import all_of, page_of, say_read
from devotional.groups.joining import guest_of
from devotional.groups.joining_views import SOMEONE_ELSE
from devotional.groups.models import Membership
from devotional.groups.schedule_forms import ScheduleForm
from devotional.lib.http import is_opened_as_page, see_other
from devotional.readers.access import known_reader
from devotional.readers.guests import (
    give_token,
    mark_of,
    set_reader_cookie,
)
from devotional.readers.limits import client_address, may_try
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.quotas import QuotaError

MADE_IN_AN_HOUR = 30  # from one address


@require_safe
def everything(request: ReaderRequest) -> HttpResponse:
    """The groups that one is in, each with this week's section; else what a group is."""
    reader = request.reader
    context = {
        "groups": all_of(memberships_of(reader), current_library(), habits=habits_of(request)),
        "awaited": list(awaited_by(reader)),
    }
    return render(request, "groups/all.html", context)


# Making one


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ReaderRequest) -> HttpResponse:
    """A group in under a minute. Whoever makes one is known from then on, by a name there alone."""
    reader, library = request.reader, current_library()
    if request.method != "POST":
        first_name = memberships_of(reader).values_list("name", flat=True).first()
        asked_for = {"devotional": request.GET.get("of", ""), "first_name": first_name or ""}
        return render_making(request, MakingForm(library=library, initial=asked_for))
    form = MakingForm(request.POST, library=library)
    schedule = ScheduleForm(request.POST, now=timezone.now())
    if not (form.is_valid() and schedule.is_valid()):
        return render_making(request, form, schedule, status=422)
    if request.POST.get("writer") not in ("", None, mark_of(reader)):
        return render_making(request, form, schedule, notice=str(SOMEONE_ELSE), status=409)
    where, hour = client_address(request), timedelta(hours=1)
    if not may_try("make a group", where, times=MADE_IN_AN_HOUR, within=hour):
        notice = _("Too many groups were started from here. Please try again in an hour.")
        return render_making(request, form, schedule, notice=notice, status=429)
    try:
        lead, token = found(reader, form, schedule, where)
    except QuotaError as error:
        response = render_making(request, form, schedule, notice=str(error), status=error.status)
        response["Retry-After"] = str(error.retry_after)
        return response
    response = see_other("groups:invite", lead.group_id, note="ready")
    if token:
        set_reader_cookie(response, token)
    return response


def found(
    reader: Reader | None, form: MakingForm, schedule: ScheduleForm, address: str
) -> tuple[Membership, str | None]:
    """Make the group; and who leads it, with a token for their browser, where nobody was known."""
    asked = form.cleaned_data
    op_id = asked.pop("op") or uuid.uuid4()
    token = None
    with transaction.atomic():
        if reader is None:
            reader = guest_of(op_id, address=address)
            token = give_token(reader)
        lead = members.make_group(reader, **asked, **schedule.columns())
    return lead, token


def render_making(
    request: ReaderRequest,
    form: MakingForm,
    schedule: ScheduleForm | None = None,
    *,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    reader = request.reader
    devotionals = form.library.devotionals
    context = {
        "form": form,
        "schedule": schedule or ScheduleForm(now=timezone.now()),
        "alone": devotionals[0] if len(devotionals) == 1 else None,
        "reader": reader,
        "writer": mark_of(reader),
        "op": form["op"].value() or uuid.uuid4(),
        "notice": notice,
    }
    return render(request, "groups/new.html", context, status=status)


# The group


@require_safe
def group(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """The same for the leader and for members, but for what each may do."""
    me = membership_of(request.reader, group_id)
    form = StartForm(request.GET)
    if not form.is_valid():
        raise Http404
    start = form.cleaned_data["start"] or 0
    page = page_of(me, current_library(), habits=habits_of(request), start=start)
    context = {
        "page": page,
        "me": me,
        "group": me.group,
        "someone_waits": me.is_leader and waiting_for(me).exists(),
    }
    return render(request, "groups/group.html", context)


@require_POST
def read_it(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """ "I've read it", or not any more: one's own word, said of one section."""
    me = membership_of(request.reader, group_id)
    form = ReadForm(request.POST)
    devotional = current_library().devotional(me.group.devotional)
    if form.is_valid() and devotional and devotional.section(form.cleaned_data["section"]):
        say_read(me, form.cleaned_data["section"], is_read=form.cleaned_data["read"] == "yes")
    return see_other("groups:group", group_id, note="this-week")


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: ReaderRequest, group_id: uuid.UUID, member_id: uuid.UUID) -> HttpResponse:
    """Another first name: one's own, or as the leader anyone's."""
    me = membership_of(request.reader, group_id)
    if me.pk != member_id:
        lead_of(request.reader, group_id)
    member = one_of(members_with(me), member_id)
    form = FirstNameForm(request.POST or None, initial={"first_name": member.name})
    if request.method == "POST" and form.is_valid():
        members.rename(member, form.cleaned_data["first_name"])
        return see_other("groups:lead" if me.pk != member_id else "groups:group", group_id)
    context = {"form": form, "member": member, "me": me, "group": me.group}
    status = 422 if request.method == "POST" else 200
    return render(request, "groups/member.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """Go, after it was said what goes too; or wait no longer. Whoever leads can't just go."""
    reader = known_reader(request)
    mine = memberships_of(reader).filter(group=group_id) | awaited_by(reader).filter(group=group_id)
    me = mine.first()
    if me is None:
        if request.method == "POST":  # sent twice
            return see_other("groups:all")
        raise Http404
    if request.method != "POST":
        return render(request, "groups/leave.html", {"me": me, "group": me.group})
    if me.standing == Membership.Standing.WAITING:
        members.decline(me)
        return see_other("groups:all", note="withdrawn")
    if not members.leave(me):
        me.refresh_from_db()
        return render(request, "groups/leave.html", {"me": me, "group": me.group}, status=409)
    return see_other("groups:all", note="left")


# For the cover


@require_safe
def of(request: ReaderRequest, devotional_id: str) -> HttpResponse:
    """With whom one reads this devotional: a line for its cover; empty for everyone else."""
    if is_opened_as_page(request):
        return see_other("groups:all")
    reader = request.reader
    mine = memberships_of(reader).filter(group__devotional=devotional_id)
    groups = [each.group for each in mine]
    return render(request, "groups/of.html", {"groups": groups, "devotional_id": devotional_id})
