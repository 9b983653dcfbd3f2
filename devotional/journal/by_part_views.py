"""The journal by part: of one devotional, or the choice between several."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devotional.content.loader import current_library
from devotional.journal.by_part import by_part
from devotional.readers.middleware import ReaderRequest
from devotional.reflections.readings import devotionals_read, title_from


@require_safe
def everything(request: ReaderRequest) -> HttpResponse:
    """The one devotional that was read, or all of them; for someone unknown, what will be here."""
    reader = request.reader
    read = devotionals_read(reader, current_library()) if reader else []
    if len(read) == 1:
        return render_devotional(request, read[0].id)
    return render(request, "journal/devotionals.html", {"read": read})


@require_safe
def of_devotional(request: ReaderRequest, devotional_id: str) -> HttpResponse:
    """One devotional, also where its text is gone."""
    return render_devotional(request, devotional_id)


def render_devotional(request: ReaderRequest, devotional_id: str) -> HttpResponse:
    reader, library = request.reader, current_library()
    devotional = library.devotional(devotional_id)
    written = by_part(reader, devotional_id, library) if reader else None
    if written is None:
        if devotional is None:
            raise Http404
        return render(request, "journal/devotionals.html", {"read": []})
    context = {
        "devotional_id": devotional_id,
        "devotional": devotional,
        "title": devotional.title if devotional else title_from(devotional_id),
        "written": written,
        "newest": written.newest,
    }
    return render(request, "journal/by_part.html", context)
