"""Taking everything away: the page that offers it, the ZIP, and a page to print (K10).

Both are sent as they are made. What goes wrong before the first part is answered as anywhere; after
it the reply can only break off, and shows that it did: a ZIP without its end is none, and the page
to print says at its end that it is whole.
"""

from collections.abc import Iterator
from datetime import tzinfo
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devotional.content.loader import current_library
from devotional.journal.archive import files_of, folder_of
from devotional.journal.export import narrowed, plan_for
from devotional.journal.printing import printed
from devotional.lib.long_replies import Places
from devotional.lib.zip_stream import zip_stream
from devotional.readers.access import known_reader
from devotional.readers.middleware import ReaderRequest

places = Places(settings.THREADS)


@require_safe
def page(request: ReaderRequest) -> HttpResponse:
    """What can be taken, and the ways to; for someone unknown, that there is nothing yet."""
    reader = request.reader
    plan = plan_for(reader, current_library()) if reader else None
    return render(request, "export/all.html", {"plan": plan})


@require_safe
def everything(request: ReaderRequest) -> HttpResponseBase:
    """The ZIP. Its size isn't known before it is made, so it is sent without one."""
    plan = plan_for(known_reader(request), current_library(), zone_of(request))
    response = streamed(request, zip_stream(files_of(plan)), "application/zip")
    response["Content-Disposition"] = f'attachment; filename="{folder_of(plan)}.zip"'
    return response


def zone_of(request: ReaderRequest) -> tzinfo | None:
    """The time zone of the reader's device, where a script has told it."""
    name = request.GET.get("zone", "")
    return ZoneInfo(name) if name in available_timezones() else None


@require_safe
def to_print(request: ReaderRequest) -> HttpResponseBase:
    """Everything on one page."""
    plan = plan_for(known_reader(request), current_library())
    return streamed(request, printed(request, plan), "text/html; charset=utf-8")


@require_safe
def one_to_print(request: ReaderRequest, devotional_id: str, number: int) -> HttpResponseBase:
    """One reading on a page, where everything would be too much for one."""
    plan = narrowed(plan_for(known_reader(request), current_library()), devotional_id, number)
    if not plan.readings:
        raise Http404
    return streamed(request, printed(request, plan), "text/html; charset=utf-8")


def streamed[T: bytes | str](
    request: ReaderRequest, parts: Iterator[T], content_type: str
) -> StreamingHttpResponse:
    """A reply sent part by part; for HEAD none is made.

    503 where too many are being sent, or one to this reader.
    """
    if request.method == "HEAD":
        return StreamingHttpResponse(iter(()), content_type=content_type)
    held = places.take(parts, who=known_reader(request).pk.hex)
    return StreamingHttpResponse(held, content_type=content_type)
