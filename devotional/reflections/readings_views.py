"""The readings of one reader: all of them, those of one devotional, and a new one."""

from typing import cast

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from devotional.content.loader import current_library
from devotional.readers.access import known_reader
from devotional.readers.middleware import ReaderRequest
from devotional.reflections.readings import (
    begin_again,
    devotionals_read,
    past_readings,
    title_from,
    undo_begin,
)


@require_safe
def everything(request: ReaderRequest) -> HttpResponse:
    """Every devotional that was read; for someone unknown, what will be here."""
    reader = request.reader
    read = devotionals_read(reader, current_library()) if reader else []
    return render(request, "readings/all.html", {"read": read})


@require_safe
def of_devotional(request: ReaderRequest, devotional_id: str) -> HttpResponse:
    """The readings of one devotional, also where its text is gone from the shelf."""
    reader = request.reader
    devotional = current_library().devotional(devotional_id)
    readings = past_readings(reader, devotional_id, devotional) if reader else []
    if not readings:
        if devotional is None:
            raise Http404(_("There is nothing here."))
        return render(request, "readings/all.html", {"read": []})
    context = {
        "devotional_id": devotional_id,
        "devotional": devotional,
        "title": devotional.title if devotional else title_from(devotional_id),
        "language": devotional.language if devotional else None,
        "readings": readings,
        "newest": readings[0],
    }
    return render(request, "readings/devotional.html", context)


@require_POST
def begin(request: ReaderRequest, devotional_id: str) -> HttpResponse:
    """Begin again, and go to the first section."""
    reader = known_reader(request)
    devotional = current_library().devotional(devotional_id)
    if devotional is None:
        raise Http404(_("There is nothing here."))
    if begin_again(reader, devotional_id, after=number_in(request, "after")) is None:
        raise Http404(_("There is nothing here."))
    return cast(HttpResponse, redirect("library:section", devotional_id, devotional.sections[0].id))


@require_POST
def undo(request: ReaderRequest, devotional_id: str) -> HttpResponse:
    """Take back a reading that was begun by mistake; one that holds anything stays."""
    reader = known_reader(request)
    taken_back = undo_begin(reader, devotional_id, number=number_in(request, "number") or 0)
    page = reverse("readings:devotional", args=[devotional_id])
    return cast(HttpResponse, redirect(page if taken_back else f"{page}#stays"))


def number_in(request: ReaderRequest, name: str) -> int | None:
    """A reading's number from the form, or None where it is not one."""
    sent = request.POST.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
