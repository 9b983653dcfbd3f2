"""A reader's rights as pages: to know, to see what they agreed to, and to erase (K11, K12).

Erasing takes two pages: one that says what goes, and one that asks once more. The last one answers
with the page to land on, not with a redirect: that page clears this browser, and an address that
did so could be linked to by anyone.
"""

from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from devotional.lib.http import public_page
from devotional.readers import hooks
from devotional.readers.consent import consent_sentence, has_agreed
from devotional.readers.erasing import erase_reader, erase_words
from devotional.readers.guests import mark_of
from devotional.readers.merging import reflections_of
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.privacy import facts


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """What is stored, where, how long, who can read it, how to leave: the same for everyone."""
    page = render_to_string("rights/privacy.html", {"language": "en", "facts": facts()})
    return HttpResponse(page)


@require_safe
def consent(request: ReaderRequest) -> HttpResponse:
    """The sentence as it reads today, when this reader agreed, and how to withdraw."""
    reader = request.reader
    context = {
        "reader": reader,
        "sentence": consent_sentence(),
        "agreed": has_agreed(reader),
        "facts": facts(),
    }
    return render(request, "rights/consent.html", context)


@require_safe
def erase(request: ReaderRequest) -> HttpResponse:
    """What can be erased, and what each of it means; nothing is erased by looking."""
    reader = request.reader
    context = {
        "reader": reader,
        "written": reflections_of(reader) if reader else 0,
        "facts": facts(),
    }
    return render(request, "rights/erase.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_words(request: ReaderRequest) -> HttpResponse:
    """Everything written, once more asked, and then gone. The reader stays."""
    if request.method != "POST":
        return ask_once_more(request, whole=False)
    reader = asked_by(request)
    if reader is None:
        return cast(HttpResponse, redirect("rights:erase"))
    erase_words(reader)
    return landing(request, whole=False)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_reader(request: ReaderRequest) -> HttpResponse:
    """The reader with everything, once more asked, and then gone."""
    if request.method != "POST":
        return ask_once_more(request, whole=True)
    reader = asked_by(request)
    if reader is None:
        return cast(HttpResponse, redirect("rights:erase"))
    erase_reader(reader)
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        request.session.flush()
    response = landing(request, whole=True)
    for name in (settings.READER_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        response.delete_cookie(name, samesite="Lax")
    return response


def asked_by(request: ReaderRequest) -> Reader | None:
    """The reader, if the form was made for them: never another one's words, and nothing twice."""
    reader = request.reader
    made_for = request.POST.get("writer", "")
    return reader if reader is not None and made_for == mark_of(reader) else None


def ask_once_more(request: ReaderRequest, *, whole: bool) -> HttpResponse:
    reader = request.reader
    if reader is None:
        raise Http404
    context = {
        "whole": whole,
        "writer": mark_of(reader),
        "written": reflections_of(reader),
        "has_account": hasattr(reader, "account"),
        "together": hooks.together(reader),
        "facts": facts(),
    }
    return render(request, "rights/confirm.html", context)


def landing(request: ReaderRequest, *, whole: bool) -> HttpResponse:
    """The calm page afterwards. It has the browser forget too: drafts, copies, what Back shows."""
    response = render(request, "rights/erased.html", {"whole": whole, "facts": facts()})
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
