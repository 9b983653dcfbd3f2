"""Whether a reader's words would find their reader again, and from which browsers (K2, K5)."""

import re

from django.db.models import QuerySet
from django.http import HttpRequest

from devotional.readers.guests import key_must_be_used_since, token_in
from devotional.readers.models import DeviceToken, Reader, today

# Browsers inside other apps keep cookies of their own, and may drop them with the app's.
IN_APP = re.compile(
    r"Instagram|FBA[NV]|FB_IAB|WhatsApp|\bLine/|TikTok|musical_ly|BytedanceWebview|MicroMessenger"
    r"|Snapchat|Twitter for|LinkedInApp|Pinterest/|; wv\)"
)


def has_way_back(reader: Reader) -> bool:
    """Whether `reader` can come back on another browser. Asks nothing of a reader looked up here.

    `find_reader()` brings both along, so that every page and receipt can tell.
    """
    return hasattr(reader, "return_code") or hasattr(reader, "account")


def is_in_app(request: HttpRequest) -> bool:
    """Whether the page is shown by another app's own browser. Only private replies may ask."""
    return IN_APP.search(request.headers.get("User-Agent", "")) is not None


def other_browsers(request: HttpRequest, reader: Reader) -> QuerySet[DeviceToken]:
    """The keys of `reader` that other browsers hold."""
    since = key_must_be_used_since(today())
    living = DeviceToken.objects.filter(reader=reader, used_on__gte=since)
    return living.exclude(digest=token_in(request))
