"""Beginning again, and taking that back."""

from typing import cast

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from devotional.content.loader import current_library
from devotional.readers.access import known_reader
from devotional.readers.middleware import ReaderRequest
from devotional.reflections.readings import begin_again, undo_begin


@require_POST
def begin(request: ReaderRequest, devotional_id: str) -> HttpResponse:
    """Begin again, and go to the first section."""
    reader = known_reader(request)
    devotional = current_library().devotional(devotional_id)
    if devotional is None:
        raise Http404
    if begin_again(reader, devotional_id, after=number_in(request, "after")) is None:
        raise Http404
    first = reverse("library:section", args=[devotional_id, devotional.sections[0].id])
    return cast(HttpResponse, redirect(f"{first}#again"))


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
