"""Leaving: this browser forgets its reader, and everything it kept for them (K5)."""

from django.conf import settings
from django.http import HttpResponseBase

from devotional.readers.guests import note_answered, token_in
from devotional.readers.keeping import has_way_back
from devotional.readers.merging import reflections_of
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import DeviceToken, Reader


def would_be_lost(reader: Reader) -> bool:
    """Whether words would be left that nobody could come back to."""
    return not has_way_back(reader) and reflections_of(reader) > 0


def leave[R: HttpResponseBase](request: ReaderRequest, response: R) -> R:
    """End this browser's key, its session and what it keeps; other browsers go on.

    A form that made this reader, and stands in the memory of a tab, opens them no more either.
    """
    if (reader := request.reader) is not None:
        note_answered(reader)
    DeviceToken.objects.filter(digest=token_in(request)).delete()
    request.session.flush()
    for name in (
        settings.READER_COOKIE_NAME,
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
    ):
        response.delete_cookie(name, samesite="Lax")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
