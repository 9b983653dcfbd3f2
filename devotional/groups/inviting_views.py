"""What a leader sends to others: the week's message, the link and its QR code (T2)."""

import uuid
from hashlib import sha256
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from devotional.content.library import Devotional, Section
from devotional.content.loader import current_library
from devotional.groups.access import lead_of
from devotional.groups.clock import Habits, habits_of
from devotional.groups.invitations import invitation_of, is_open, link_of
from devotional.groups.message import message_of, rhythm_words
from devotional.groups.models import Group, Invitation
from devotional.groups.schedule import day_in, is_finished, schedule_of, this_week_of
from devotional.lib.http import fragment_wanted
from devotional.lib.qr import qr_svg
from devotional.readers.middleware import ReaderRequest

NONE = "none"
LINE = {"class": "line"}
A_LINE = 34  # letters on a phone, for a box that a browser doesn't let grow by itself


class MessageForm(forms.Form):
    """Which part the message is about, and with which question."""

    section = forms.ChoiceField(required=False, widget=forms.Select(attrs=LINE))
    question = forms.ChoiceField(required=False, widget=forms.Select(attrs=LINE))

    def __init__(
        self, asked: QueryDict, *, group: Group, devotional: Devotional, habits: Habits
    ) -> None:
        """`asked` is followed where it can be; another part's question gives way to the first."""
        now = timezone.now()
        plan = schedule_of(group, devotional)
        today = day_in(plan.zone, now)
        self.habits = habits
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
            choices=[*questions, (NONE, gettext_lazy("No question"))],
            widget=forms.Select(attrs=LINE),
        )

    def spoken(self, section: Section) -> str:
        meeting = self.meetings.get(section.id)
        if not meeting:
            return section.title
        return f"{self.habits.short_day(meeting.on)} · {section.label}"

    def message(self, link: str) -> str:
        question = "" if self.chosen == NONE else self.about.together[int(self.chosen) - 1]
        meeting = self.meetings.get(self.about.id)
        return message_of(self.about, meeting, question=question, link=link, habits=self.habits)


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """The week's message, the link and its code. Looking makes no link, and a POST keeps nothing.

    By POST another part or question is asked for, with the message as it stands by then: words of
    the leader's own are replaced only after a question.
    """
    lead = lead_of(request.reader, group_id)
    devotional = current_library().devotional(lead.group.devotional)
    invitation = invitation_of(lead)
    context = {"group": lead.group, "devotional": devotional, **about_link(invitation)}
    if devotional:
        context |= about_message(request, lead.group, devotional, invitation)
    if fragment_wanted(request) and devotional:
        return render(request, "groups/invite.html#message", context)
    return render(request, "groups/invite.html", context)


def about_message(
    request: ReaderRequest, group: Group, devotional: Devotional, invitation: Invitation | None
) -> dict[str, Any]:
    sent = request.POST if request.method == "POST" else None
    asked = request.GET if sent is None else sent
    form = MessageForm(asked, group=group, devotional=devotional, habits=habits_of(request))
    link = link_of(invitation, part=form.about.id) if invitation else None
    if not link:  # the text itself is open to everyone
        path = reverse("library:section", args=[devotional.id, form.about.id])
        link = settings.SITE_URL + path
    made = form.message(link)
    typed = "" if sent is None else sent.get("message", "").replace("\r\n", "\n")
    is_own = bool(typed.strip()) and digest(typed) != asked.get("made", "")
    text = typed if is_own and asked.get("rewrite") != "yes" else made
    return {
        "form": form,
        "message": text,
        "made": digest(made),
        "asks": text != made and asked.get("rewrite") != "no",
        "rows": sum(1 + len(line) // A_LINE for line in text.split("\n")),
        "is_changing": bool(asked),
        "language": devotional.language,
    }


def digest(text: str) -> str:
    """Tells whether a message is still as it was made."""
    return sha256(text.encode(errors="replace")).hexdigest()


@require_safe
def qr(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """A sign for a wall or a table: what is read, the code, and when one meets."""
    lead = lead_of(request.reader, group_id)
    devotional = current_library().devotional(lead.group.devotional)
    plan, habits = schedule_of(lead.group, devotional), habits_of(request)
    context = {
        "group": lead.group,
        "devotional": devotional,
        "rhythm": "" if is_finished(plan, timezone.now()) else rhythm_words(plan, habits),
        **about_link(invitation_of(lead)),
    }
    return render(request, "groups/qr.html", context)


def about_link(invitation: Invitation | None) -> dict[str, Any]:
    """The invitation that stands, as pages show it; `link` is empty where none does."""
    link = link_of(invitation) if invitation else None
    return {
        "invitation": invitation,
        "link": link or "",
        "is_open": invitation is not None and is_open(invitation),
        "code": qr_svg(link, title=_("The invitation as a QR code")) if link else "",
    }
