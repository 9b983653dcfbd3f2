"""What a leader sends to others: the link, its QR code, and the week's message (T2)."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from devotional.content.library import Devotional, Section
from devotional.content.loader import current_library
from devotional.groups.access import lead_of
from devotional.groups.invitations import invitation_of, is_open, link_of
from devotional.groups.message import message_of, rhythm_words
from devotional.groups.models import Group, Membership
from devotional.groups.schedule import day_in, is_finished, schedule_of, this_week_of
from devotional.lib.http import fragment_wanted
from devotional.lib.qr import qr_svg
from devotional.readers.middleware import ReaderRequest

NONE = "none"
LINE = {"class": "line"}


class MessageForm(forms.Form):
    """Which part the message is about, and with which question."""

    section = forms.ChoiceField(required=False, widget=forms.Select(attrs=LINE))
    question = forms.ChoiceField(required=False, widget=forms.Select(attrs=LINE))

    def __init__(self, asked: Any, *, group: Group, devotional: Devotional) -> None:
        """`asked` is followed where it can be; another part's question gives way to the first."""
        now = timezone.now()
        plan = schedule_of(group, devotional)
        today = day_in(plan.zone, now)
        self.meetings = {
            devotional.sections[each.section].id: each for each in plan.meetings if each.on >= today
        }
        here = this_week_of(group, devotional, now) or devotional.sections[-1]
        self.about = devotional.section(asked.get("section", "")) or here
        numbers = [str(number) for number, _each in enumerate(self.about.together, start=1)]
        first = numbers[0] if numbers else NONE
        chosen = asked.get("question", "")
        self.chosen = chosen if chosen in (NONE, *numbers) else first
        super().__init__(initial={"section": self.about.id, "question": self.chosen})
        self.fields["section"] = forms.ChoiceField(
            choices=[(each.id, self.spoken(each)) for each in devotional.sections],
            widget=forms.Select(attrs=LINE),
        )
        questions = zip(numbers, self.about.together, strict=True)
        self.fields["question"] = forms.ChoiceField(
            choices=[*questions, (NONE, gettext_lazy("Without a question"))],
            widget=forms.Select(attrs=LINE),
        )

    def spoken(self, section: Section) -> str:
        meeting = self.meetings.get(section.id)
        return f"{date_format(meeting.on, 'j F')} · {section.label}" if meeting else section.title

    def message(self, link: str) -> str:
        question = "" if self.chosen == NONE else self.about.together[int(self.chosen) - 1]
        meeting = self.meetings.get(self.about.id)
        return message_of(self.about, meeting, question=question, link=link)


@require_safe
def invite(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """The week's message, the link and its code. Looking changes nothing and makes no link."""
    lead = lead_of(request.reader, group_id)
    devotional = current_library().devotional(lead.group.devotional)
    context = {"group": lead.group, "devotional": devotional, **about_link(lead)}
    if devotional:
        form = MessageForm(request.GET, group=lead.group, devotional=devotional)
        path = reverse("library:section", args=[devotional.id, form.about.id])
        # Without an invitation the text itself is open to everyone.
        text = form.message(context["link"] or settings.SITE_URL + path)
        context |= {"form": form, "message": text, "language": devotional.language}
    if fragment_wanted(request) and devotional:
        return render(request, "groups/invite.html#message", context)
    return render(request, "groups/invite.html", context)


@require_safe
def qr(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """A sheet for a wall or a table: what is read, the code, and when one meets."""
    lead = lead_of(request.reader, group_id)
    devotional = current_library().devotional(lead.group.devotional)
    plan = schedule_of(lead.group, devotional)
    context = {
        "group": lead.group,
        "devotional": devotional,
        "rhythm": "" if is_finished(plan, timezone.now()) else rhythm_words(plan),
        **about_link(lead),
    }
    return render(request, "groups/qr.html", context)


def about_link(lead: Membership) -> dict[str, Any]:
    """The invitation that stands, as pages show it; `link` is empty where none does."""
    invitation = invitation_of(lead)
    link = link_of(invitation) if invitation else None
    return {
        "invitation": invitation,
        "link": link or "",
        "is_open": invitation is not None and is_open(invitation),
        "code": qr_svg(link, title=_("The invitation as a QR code")) if link else "",
    }
