"""The page of ways back, the return code, and the browsers that know a reader (K2, K5)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from devotional.lib.http import is_opened_as_page, see_other
from devotional.readers.accounts import ways_of
from devotional.readers.device_links import end_link
from devotional.readers.erasing import end_sessions
from devotional.readers.guests import mark_of, mark_of_id
from devotional.readers.keeping import has_way_back, is_in_app, other_browsers
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Merge, Reader, ReturnCode
from devotional.readers.return_codes import make_code, mark_of_code, standing_code
from devotional.readers.signing_in_views import sign_in_first
from devotional.readers.views_arriving import ask_for_code, qr_of
from devotional.readers.ways_views import must_sign_in


@require_safe
def keep(request: ReaderRequest) -> HttpResponse:
    """Which ways back there are; for nobody, how to come back."""
    reader = request.reader
    if reader is None:
        return ask_for_code(request)
    code = getattr(reader, "return_code", None)
    context = {
        "reader": reader,
        "writer": mark_of(reader),
        "has_way_back": has_way_back(reader),
        "ways": ways_of(reader),
        "code": code,
        "replaces": mark_of_code(code),
        "others": other_browsers(request, reader).count(),
        "in_app": is_in_app(request),
        "has_changed": "changed" in request.GET,
    }
    return render(request, "readers/keep.html", context)


@require_POST
def return_code(request: ReaderRequest) -> HttpResponse:
    """Make a return code, in place of the one that the form names, and show it this once.

    Where there is an account it takes a sign-in within the hour, as every other way in does: who
    finds an open tablet must not take a lasting door along.
    """
    reader = request.reader
    if reader is None:
        return see_other("readers:keep")
    if must_sign_in(request, reader):
        return sign_in_first(request, then=reverse("readers:keep"))
    code = make_code(reader, replaces=request.POST.get("replaces", ""))
    if code is None:
        return ask_before_renewing(request, reader)
    context = {"code": code, "qr": qr_of(code), "in_app": is_in_app(request)}
    return render(request, "readers/code.html", context)


def ask_before_renewing(request: ReaderRequest, reader: Reader) -> HttpResponse:
    """409: another code stands, perhaps from this very form. It is not ended without a word."""
    code = standing_code(reader)
    context = {"code": code, "replaces": mark_of_code(code)}
    return render(request, "readers/code_stands.html", context, status=409)


@require_POST
def sign_others_out(request: ReaderRequest) -> HttpResponse:
    """End the keys of all other browsers, and what they have begun of signing in.

    And, where the form asks for it after a way in was changed, the return code: as long as there is
    an account to come back by.
    """
    reader = request.reader
    if reader is None:
        return see_other("readers:keep")
    ends_code = request.POST.get("code") == "end" and hasattr(reader, "account")
    if ends_code and must_sign_in(request, reader):
        return sign_in_first(request, then=reverse("readers:keep"))
    if ends_code:
        ReturnCode.objects.filter(reader=reader).delete()
    other_browsers(request, reader).delete()
    end_link(reader)
    # Whoever is half-way in, by a code that they have, has no key yet.
    end_sessions(reader, but=request.session.session_key)
    return see_other("readers:keep", note="code-ended" if ends_code else "only-here")


@require_safe
def who(request: ReaderRequest) -> HttpResponse:
    """Who is here, by their mark, and after it the marks of guests who became them.

    For pages that come back from a browser's memory, and for drafts that such a guest left behind.
    """
    if is_opened_as_page(request):
        return see_other("readers:keep")
    reader = request.reader
    marks = [mark_of(reader)]
    if reader is not None:
        merged = Merge.objects.filter(reader=reader).order_by("done_at")
        marks += [mark_of_id(guest_id) for guest_id in merged.values_list("guest_id", flat=True)]
    return HttpResponse(" ".join(marks), content_type="text/plain; charset=utf-8")
