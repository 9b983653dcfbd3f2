"""Who asks, on the request; and what every reply to them is unless it says that it is public.

A view finds the reader in `request.reader`. It names no headers and renews no cookie: that is done
here for all of them, so that nobody can forget it.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import cached_property

from devotional.lib.http import is_public, keep_private
from devotional.lib.unavailable import UNAVAILABLE, let_go
from devotional.readers import clock
from devotional.readers.guests import (
    find_reader,
    may_ask_again,
    note_answered,
    set_reader_cookie,
    token_in,
)
from devotional.readers.models import DeviceToken, Reader, today


class ReaderRequest(WSGIRequest):
    """A request that knows its reader."""

    @cached_property
    def reader(self) -> Reader | None:
        """The reader whose cookie the request carries; looked up when first asked, one query."""
        vars(self)["reader"] = None  # where this fails, the page that says so need not ask again
        return find_reader(self.COOKIES.get(settings.READER_COOKIE_NAME, ""))


def reader(request: HttpRequest) -> dict[str, Reader | None]:
    """Context processor: who asks, for the head of every private page."""
    return {"reader": getattr(request, "reader", None)}


class ReaderMiddleware:
    """Gives requests their reader; makes replies private, and renews the cookie of who was asked.

    A reply is public where `@public_page` says so. It stands below what answers static files.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: WSGIRequest) -> HttpResponseBase:
        request.__class__ = ReaderRequest  # Django has no setting for the class of requests
        assert isinstance(request, ReaderRequest)  # noqa: S101  # for the type checker
        response = self.get_response(request)
        if is_public(response):
            return response
        keep_private(response)
        # A cookie that the view has set or deleted stands, and an error has its own trouble.
        if response.status_code < 500 and settings.READER_COOKIE_NAME not in response.cookies:
            renew(request, response)
        return response


def renew(request: ReaderRequest, response: HttpResponseBase) -> None:
    """Once a day, note the visit and let the 400 days of this browser's key begin again.

    Only where a view has asked who is here. And of who has just joined a group, note that the
    answer with their key has come.
    """
    known, now = vars(request).get("reader"), today()
    if known is None:
        return
    if not known.consent_version and may_ask_again(known):
        try:
            note_answered(known)
        except UNAVAILABLE as error:
            let_go(error)
    if known.seen_on == now and getattr(known, "key_used_on", now) == now:
        return
    try:
        # Not save(), which fails where they were erased a moment ago.
        Reader.objects.filter(pk=known.pk).exclude(seen_on=now).update(seen_on=now)
        is_good = DeviceToken.objects.filter(digest=token_in(request)).update(used_on=now)
        clock.go_on(timezone.now())
    except UNAVAILABLE as error:
        let_go(error)
        return  # a full or locked disk must not close the page; tomorrow's visit notes it
    if is_good:
        set_reader_cookie(response, request.COOKIES[settings.READER_COOKIE_NAME])
