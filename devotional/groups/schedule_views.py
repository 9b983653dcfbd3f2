"""When the group meets, for its leader to change; and each member's own calendar link (T7)."""

import uuid
from datetime import datetime
from hashlib import sha256

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devotional.content.library import Devotional
from devotional.content.loader import current_library
from devotional.groups.access import lead_of, membership_of
from devotional.groups.clock import habits_of
from devotional.groups.feeds import address_of, feed_of, group_behind, meetings_of, renew_feed
from devotional.groups.joining_views import GUESSES, WITHIN
from devotional.groups.message import rhythm_words
from devotional.groups.models import Membership
from devotional.groups.planning import meet_after_all, plan, skip
from devotional.groups.schedule import day_in, is_finished, schedule_of, to_come
from devotional.groups.schedule_forms import ChangingForm, SkipForm
from devotional.lib.http import see_other
from devotional.readers.limits import client_address, may_try
from devotional.readers.middleware import ReaderRequest


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """The meetings to come, and the form that changes them."""
    lead = lead_of(request.reader, group_id)
    devotional = devotional_or_404(lead)
    now = timezone.now()
    sent = request.POST if request.method == "POST" else None
    form = ChangingForm(sent, group=lead.group, devotional=devotional, now=now)
    if not form.is_bound:
        return render_schedule(request, lead, devotional, form, now)
    if not form.is_valid():
        return render_schedule(request, lead, devotional, form, now, status=422)
    plan(lead, now=now, **form.columns())
    return see_other("groups:schedule", group_id, note="saved")


@require_POST
def skip_day(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """We don't meet on that day; or we do after all."""
    lead = lead_of(request.reader, group_id)
    form = SkipForm(request.POST)
    if not form.is_valid():
        raise Http404
    day, now = form.cleaned_data["day"], timezone.now()
    if form.cleaned_data["meets"] == "yes":
        meet_after_all(lead, day, now=now)
    else:
        skip(lead, day, devotional_or_404(lead), now=now)
    return see_other("groups:schedule", group_id, note="moved")


def devotional_or_404(member: Membership) -> Devotional:
    if devotional := current_library().devotional(member.group.devotional):
        return devotional
    raise Http404


def render_schedule(
    request: ReaderRequest,
    lead: Membership,
    devotional: Devotional,
    form: ChangingForm,
    now: datetime,
    *,
    status: int = 200,
) -> HttpResponse:
    plan = schedule_of(lead.group, devotional)
    today = day_in(plan.zone, now)
    habits = habits_of(request)
    skipped = [(day, habits.day(day), None) for day in plan.skipped_on if day >= today]
    meetings = [
        (meeting.on, meeting.words(habits), devotional.sections[meeting.section])
        for meeting in to_come(plan, now)
    ]
    context = {
        "group": lead.group,
        "devotional": devotional,
        "language": devotional.language,
        "schedule": form,
        "days": sorted([*skipped, *meetings], key=lambda row: row[0]),
        "rhythm": "" if is_finished(plan, now) else rhythm_words(plan, habits),
        "is_finished": is_finished(plan, now),
        "here": devotional.section(form.here),
    }
    return render(request, "groups/schedule.html", context, status=status)


# Calendars


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """One's own link for a calendar; a POST makes it, or another in its place."""
    me = membership_of(request.reader, group_id)
    if request.method == "POST":
        renew_feed(me)
        return see_other("groups:calendar", group_id, note="link")
    feed = feed_of(me)
    address = address_of(feed) if feed else None
    plan = schedule_of(me.group, current_library().devotional(me.group.devotional))
    context = {
        "group": me.group,
        "me": me,
        "feed": feed,
        "address": address,
        # What phones and computers take for a calendar to be kept up to date.
        "webcal": f"webcal://{address.partition('://')[2]}" if address else "",
        "meets": bool(plan.meetings),
        "rhythm": rhythm_words(plan, habits_of(request)),
    }
    return render(request, "groups/calendar.html", context)


@require_safe
def feed(request: ReaderRequest, token: str) -> HttpResponseBase:
    """What a calendar fetches: whoever has the link, and nothing of who that is."""
    group = group_behind(token)
    if group is None:
        return unknown_feed(request)
    made = meetings_of(group, current_library().devotional(group.devotional))
    response = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="reading-together.ics"'
    response["ETag"] = f'"{sha256(made).hexdigest()[:32]}"'
    conditional = get_conditional_response(request, etag=response["ETag"], response=response)
    return response if conditional is None else conditional


def unknown_feed(request: ReaderRequest) -> HttpResponse:
    """Whoever tries many links is told to wait. Good ones are found before anybody is counted."""
    if may_try("feed", client_address(request), times=GUESSES, within=WITHIN):
        raise Http404
    words = _("Too many tries. Please try again in a few minutes.")
    response = HttpResponse(f"{words}\n", status=429, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(int(WITHIN.total_seconds()))
    return response
