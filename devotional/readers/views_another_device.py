"""To another device: the page that shows a link, and the one that the link opens (K14).

Looking changes nothing, sets nothing and is noted nowhere, since previews and scanners open links;
one tap there is a POST, and goes on as a return code does.
"""

import secrets

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from devotional.lib.http import address_is_secret, fragment_wanted, see_other
from devotional.lib.qr import qr_svg
from devotional.readers import hooks
from devotional.readers.arrivals import expect
from devotional.readers.device_links import (
    find_link,
    is_link_of,
    is_waiting,
    make_link,
    standing_link,
    use_link,
)
from devotional.readers.guests import find_reader
from devotional.readers.keeping import is_in_app
from devotional.readers.limits import client_address, may_try
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.signing_in_views import sign_in_first
from devotional.readers.views_arriving import A_WHILE, FROM_ONE_ADDRESS, may_come_right
from devotional.readers.ways_views import must_sign_in


@require_http_methods(["GET", "HEAD", "POST"])
def another_device(request: ReaderRequest) -> HttpResponse:
    """Make a link and show it this once; by GET, what became of it.

    Where there is an account it takes a sign-in within the hour, as every other way in does.
    """
    reader = request.reader
    if reader is None:
        return see_other("readers:come_back")
    if request.method != "POST":
        return show_link(request, reader)
    if must_sign_in(request, reader):
        return sign_in_first(request, then=reverse("readers:another_device"))
    path = reverse("readers:carry_on", args=[make_link(reader)])
    return show_link(request, reader, link=settings.SITE_URL + path)


def show_link(request: ReaderRequest, reader: Reader, *, link: str = "") -> HttpResponse:
    """The page with `link`, where it was made just now, and whether the standing one was used."""
    standing = standing_link(reader)
    waits = standing is not None and is_waiting(standing)
    if waits and not link and fragment_wanted(request):
        return HttpResponse(status=204)  # nothing to show yet
    context = {
        "link": link,
        "code": qr_svg(link, title=_("The link as a QR code")) if link else "",
        "standing": standing,
        "waits": waits,
        "in_app": is_in_app(request),
    }
    return render(request, "readers/another_device.html", context)


@address_is_secret
@require_http_methods(["GET", "HEAD", "POST"])
def carry_on(request: ReaderRequest, token: str) -> HttpResponseBase:
    """Ask whether this is the one who made the link; a tap makes this browser theirs."""
    token = token.removesuffix("/")
    if request.method == "POST":
        return arrive_by_link(request, token)
    link = find_link(token)
    if link is None:
        return no_such_link(request)
    # `request.reader` would note the visit and renew the cookie, and looking leaves no trace.
    here = find_reader(request.COOKIES.get(settings.READER_COOKIE_NAME, ""))
    if here == link.reader:
        return see_other("readers:another_device")
    context = {
        "wrote_at": hooks.last_wrote(link.reader),
        "made_at": link.reader.made_at,
        "form": secrets.token_hex(16),
        "path": request.path,
    }
    return HttpResponse(render_to_string("readers/carry_on.html", context))


def arrive_by_link(request: ReaderRequest, token: str) -> HttpResponse:
    if is_link_of(request.reader, token):
        return see_other("journal:all")  # there already; what is unused stays good for another
    reader = use_link(token, form=request.POST.get("form", "")[:64])
    if reader is None:
        return no_such_link(request)
    if not may_come_right(request, reader):
        return no_such_link(request)
    request.session.flush()  # whoever has signed in here before is not who comes now
    expect(request, reader)
    return see_other("readers:arrive")


def no_such_link(request: ReaderRequest) -> HttpResponse:
    """The same for a link that never was, was used, or is past its time.

    Whoever tries many is told to wait, in the same words. That is no lock: a link that is good is
    found before anybody is counted.
    """
    address = client_address(request)
    waits = not may_try("device link", address, times=FROM_ONE_ADDRESS, within=A_WHILE)
    page = render_to_string("readers/no_such_link.html", {})
    response = HttpResponse(page, status=429 if waits else 404)
    if waits:
        response["Retry-After"] = str(int(A_WHILE.total_seconds()))
    return response
