"""The history of one reflection as a page, and putting an earlier wording back."""

import uuid
from functools import partial
from typing import cast

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from devotional.content.loader import current_library
from devotional.readers import hooks
from devotional.readers.access import known_reader, says_something, words_of
from devotional.readers.limits import client_address
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.quotas import QuotaError, use_space
from devotional.reflections.history import (
    History,
    PutBack,
    compare_with_now,
    find_reflection,
    history_of,
    put_back,
    revisions_of,
)
from devotional.reflections.models import Reflection
from devotional.reflections.readings import part_name

NOT_PUT_BACK = {
    PutBack.STALE: gettext_lazy(
        "This answer changed after you opened the page, so nothing was restored. "
        "You’re seeing the newest version; earlier ones are below."
    ),
    PutBack.SHUT: gettext_lazy(
        "This version can’t be opened right now, so nothing was restored. Nothing has changed."
    ),
}


class Asked(forms.Form):
    """What the page's address asks to see."""

    start = forms.IntegerField(required=False, min_value=0, max_value=100_000)
    compare = forms.UUIDField(required=False)


class RestoreForm(forms.Form):
    """Which wording is to stand again, and the version that was seen standing."""

    revision = forms.UUIDField()
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)


@require_safe
def history(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """One reflection and its earlier wordings; `?compare=` marks what became of one of them."""
    reader = known_reader(request)
    reflection = reflection_or_404(reader, reflection_id)
    asked = Asked(request.GET)
    if not asked.is_valid():
        raise Http404
    found = history_of(reader, reflection, start=asked.cleaned_data["start"] or 0)
    if compare := asked.cleaned_data["compare"]:
        wording = found.wording(compare)
        if wording is None:
            raise Http404
        compare_with_now(found, wording)
    return render_history(request, found)


@require_POST
def restore(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """Put an earlier wording back; what stood is kept below it."""
    reader = known_reader(request)
    reflection = reflection_or_404(reader, reflection_id)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        raise Http404
    revision = revisions_of(reader, reflection).filter(pk=form.cleaned_data["revision"]).first()
    if revision is None:
        raise Http404
    spend = partial(use_space, reader, address=client_address(request))
    try:
        outcome = put_back(
            reader, reflection, revision, seen=form.cleaned_data["version"], spend=spend
        )
    except QuotaError as error:
        found = history_of(reader, reflection_or_404(reader, reflection_id))
        return render_history(request, found, notice=str(error), status=error.status)
    if outcome is PutBack.DONE:
        note = "put-back" if says_something(words_of(reflection)) else "put-back-again"
        return cast(HttpResponse, redirect(f"{page_of(reflection)}#{note}"))
    found = history_of(reader, reflection_or_404(reader, reflection_id))
    return render_history(request, found, notice=str(NOT_PUT_BACK[outcome]), status=409)


def reflection_or_404(reader: Reader, reflection_id: uuid.UUID) -> Reflection:
    reflection = find_reflection(reader, reflection_id)
    if reflection is None:
        raise Http404
    return reflection


def page_of(reflection: Reflection) -> str:
    return reverse("history:reflection", args=[reflection.pk])


def render_history(
    request: ReaderRequest, history: History, *, notice: str = "", status: int = 200
) -> HttpResponse:
    reflection = history.reflection
    devotional = current_library().devotional(reflection.reading.devotional)
    section = devotional.section(reflection.section) if devotional else None
    groups = hooks.groups_by_devotional(known_reader(request))
    context = {
        "history": history,
        "reflection": reflection,
        "reading": reflection.reading,
        "devotional": devotional,
        "section": section,
        "section_title": part_name(devotional, reflection.section),
        "still_asked": section is not None and section.prompt(reflection.prompt) is not None,
        "changed": section is not None and section.digest != reflection.section_digest,
        "groups": groups.get(reflection.reading.devotional, ()),
        "language": devotional.language if devotional else None,
        "notice": notice,
    }
    return render(request, "history/reflection.html", context, status=status)
