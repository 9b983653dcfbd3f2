"""The calendar file. Anyone may have it: it asks for no reader, and keeps and sets nothing."""

from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from devotional.content.library import Devotional, Section
from devotional.content.loader import current_library
from devotional.journal.ask_again import Interval, calendar_of, entry_id

ZONES = timedelta(days=2)  # a visitor's day is never further from ours


class Asked(forms.Form):
    """After how long, and the visitor's own day."""

    after = forms.ChoiceField(choices=[(each.value, each.value) for each in Interval])
    today = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def day(self) -> date:
        """The visitor's day where a script told it and it can be true, else the server's."""
        ours = timezone.localdate()
        theirs: date = self.cleaned_data.get("today") or ours
        return theirs if abs(theirs - ours) <= ZONES else ours


@require_safe
def ask_again(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """The entry for a calendar; without `after`, the page that offers it."""
    devotional = current_library().devotional(devotional_id)
    section = devotional.section(section_id) if devotional else None
    if devotional is None or section is None:
        raise Http404
    if "after" not in request.GET:
        return render_page(request, devotional, section)
    form = Asked(request.GET)
    form.full_clean()
    if "after" not in form.cleaned_data:
        raise Http404
    interval, today = Interval(form.cleaned_data["after"]), form.day()
    entry = calendar_of(
        uid=entry_id(devotional_id, section_id, interval, today),
        day=interval.after(today),
        title=_("Time to come back"),
        says=_("You asked for a reminder to come back."),
        link=settings.SITE_URL + reverse("library:section", args=[devotional_id, section_id]),
        made_at=timezone.now(),
    )
    response = HttpResponse(entry, content_type="text/calendar; charset=utf-8")
    # Inline: an iPhone then shows the entry with *Add*, where an attachment goes among the files.
    # Browsers that can't show a calendar download it all the same, and it opens from there.
    response["Content-Disposition"] = 'inline; filename="come-back.ics"'
    return response


def render_page(request: HttpRequest, devotional: Devotional, section: Section) -> HttpResponse:
    context = {"devotional": devotional, "section": section, "language": devotional.language}
    return render(request, "hinges/asking_again.html", context)
