"""The journal as pages: everything by date, searching, deleting.

htmx swaps what was found, and an entry for the word that it was deleted; without it each is a page.
"""

import uuid
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devotional.content.loader import current_library
from devotional.journal.deleting import delete_reflection, deleted_by, erase_now, purge
from devotional.journal.dressing import dressed
from devotional.journal.folding import fold
from devotional.journal.putting_back import PutBack, put_back
from devotional.journal.search import search
from devotional.journal.timeline import (
    Entry,
    Page,
    Point,
    page_after,
    page_around,
    page_before,
    shown_of,
)
from devotional.journal.ways import glance, months_of
from devotional.lib.http import fragment_wanted
from devotional.lib.unavailable import UNAVAILABLE, let_go
from devotional.readers.access import known_reader, words_of
from devotional.readers.limits import may_try
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.reflections.forms import as_stored
from devotional.reflections.models import Reflection

NOT_PUT_BACK = gettext_lazy(
    "This can’t be opened right now, so it wasn’t restored. It stays under Recently deleted for "
    "the rest of the day."
)

# Each search opens all that someone wrote: a minute of one person's is no more than a few.
SEARCHES = 60
WITHIN = timedelta(minutes=5)
TOO_OFTEN = gettext_lazy("Too many searches. Please try again in a few minutes.")


class SearchForm(forms.Form):
    """A word or a phrase to look for, and whether in earlier versions too."""

    words = forms.CharField(
        max_length=200, error_messages={"required": gettext_lazy("Type a word to search for.")}
    )
    earlier = forms.BooleanField(required=False)

    def clean_words(self) -> str:
        words = as_stored(self.cleaned_data["words"])
        if not fold(words):
            raise forms.ValidationError(_("Type a word to search for."))
        return words


# Looking


@require_safe
def everything(request: ReaderRequest) -> HttpResponse:
    """The journal by date; for someone unknown, what will be here."""
    reader = request.reader
    if reader is None:
        return render(request, "journal/all.html", {"page": None})
    page = page_asked_for(request, reader)
    seen = glance(reader)
    if seen.has_stale:
        tidy()
    has_more = page.newer or page.older
    year = timezone.localtime(page.entries[0].written_at).year if page.entries else None
    context = {
        "page": page,
        "entries": dressed(reader, page.entries).values(),
        "several": len({entry.devotional for entry in page.entries}) > 1,
        "months": months_of(reader, seen, year) if has_more else None,
        "has_deleted": seen.has_deleted,
        "is_back": "back" in request.GET,  # by a code, another device or an account
        "answers": Reflection.objects.by(reader).count() if "back" in request.GET else 0,
    }
    return render(request, "journal/all.html", context)


@require_safe
def of_devotional(_request: ReaderRequest, devotional_id: str) -> HttpResponse:
    """Where one devotional's journal was: it is by part now."""
    return cast(HttpResponse, redirect("readings:devotional", devotional_id))


def page_asked_for(request: ReaderRequest, reader: Reader) -> Page:
    """The page `before`, `after` or `around` a point, or `until` a month; else the newest."""
    library = current_library()
    asked = request.GET
    try:
        if "after" in asked:
            return page_after(reader, Point.named(asked["after"]), library)
        if "around" in asked:
            return page_around(reader, Point.named(asked["around"]), library)
        point = Point.named(asked["before"]) if "before" in asked else None
        if "until" in asked:
            point = Point.end_of(asked["until"])
        return page_before(reader, point, library)
    except (ValueError, OverflowError) as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: ReaderRequest) -> HttpResponse:
    """Find a word in one's own texts. It comes by POST, so that no address or history holds it."""
    if request.method != "POST":
        return render_search(request, {"reader_known": request.reader is not None})
    reader = known_reader(request)
    form = SearchForm(request.POST)
    sent = {"reader_known": True, "words": request.POST.get("words", "")[:200]}
    sent["earlier"] = "earlier" in request.POST
    if not form.is_valid():
        problem = " ".join(str(each) for each in form.errors.get("words", []))
        return render_search(request, {**sent, "problem": problem}, status=422)
    if not may_try("search", reader.pk.hex, times=SEARCHES, within=WITHIN):
        response = render_search(request, {**sent, "problem": TOO_OFTEN}, status=429)
        response["Retry-After"] = str(int(WITHIN.total_seconds()))
        return response
    words, earlier = form.cleaned_data["words"], form.cleaned_data["earlier"]
    result = search(reader, words, current_library(), earlier=earlier)
    return render_search(request, {**sent, "result": result})


def render_search(
    request: ReaderRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    part = "#found" if fragment_wanted(request) and request.method == "POST" else ""
    return render(request, f"journal/search.html{part}", context, status=status)


def tidy() -> None:
    """Let go of what was deleted more than a day ago. A page opens also where that can't be."""
    try:
        purge()
    except UNAVAILABLE as error:
        let_go(error)


# Deleting


@require_safe
def deleted(request: ReaderRequest) -> HttpResponse:
    """What was deleted of late and can be put back, or be gone at once."""
    reader = request.reader
    tidy()
    return render_deleted(request, reader)


@require_POST
def delete(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """Delete one reflection; what comes back offers to undo it."""
    reader = known_reader(request)
    deletion = delete_reflection(reader, reflection_id)
    if deletion is None:
        raise Http404
    if fragment_wanted(request):
        context = {"id": reflection_id, "taken_back": deletion.taken_back}
        return render(request, "journal/gone.html", context | {"view": view_of(request)})
    return cast(HttpResponse, redirect(f"{reverse('journal:deleted')}#deleted"))


@require_POST
def undo(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """Put a deleted reflection back: where it was, or into the history of what is there now."""
    reader = known_reader(request)
    outcome, reflection = put_back(reader, reflection_id)
    if outcome is PutBack.SHUT:
        if fragment_wanted(request):
            context = {"id": reflection_id, "problem": NOT_PUT_BACK, "view": view_of(request)}
            return render(request, "journal/gone.html", context)
        return render_deleted(request, reader, problem=str(NOT_PUT_BACK), status=409)
    if reflection is None:
        raise Http404
    if fragment_wanted(request):
        shown = shown_of(reader).get(pk=reflection.pk)
        entry = Entry.of(shown, words_of(shown), current_library())
        context = {"entry": dressed(reader, [entry])[entry.id], "put_back": outcome.name}
        return render(request, "journal/entry.html", context | {"view": view_of(request)})
    if outcome is PutBack.JOINED:
        return cast(HttpResponse, redirect("history:reflection", reflection.pk))
    page = f"{reverse('journal:all')}?around={Point.of(reflection)}"
    return cast(HttpResponse, redirect(f"{page}#entry-{reflection.pk}"))


@require_POST
def erase(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """Let what was deleted be gone for good, before its day is over."""
    if not erase_now(known_reader(request), reflection_id):
        raise Http404
    return cast(HttpResponse, redirect(f"{reverse('journal:deleted')}#erased"))


def view_of(request: ReaderRequest) -> str:
    """Whether an entry is shown among those of its date or of its part."""
    return "part" if request.POST.get("view") == "part" else "date"


def render_deleted(
    request: ReaderRequest, reader: Reader | None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    found = deleted_by(reader, current_library()) if reader else []
    context = {"deleted": found, "problem": problem}
    return render(request, "journal/deleted.html", context, status=status)
