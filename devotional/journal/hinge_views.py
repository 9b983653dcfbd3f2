"""Pages of hinges: marking a line, taking the mark off and putting it back, and all of them."""

import base64
import uuid
from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devotional.content.loader import current_library
from devotional.journal import hinges
from devotional.journal.hinges import Marking, marking_of, path_of, show
from devotional.journal.models import Hinge
from devotional.journal.timeline import Point
from devotional.readers.access import known_reader, words_of
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.reflections.answers import digest
from devotional.reflections.choosing import ChoosingForm
from devotional.reflections.history import find_reflection
from devotional.reflections.models import Reflection
from devotional.reflections.passages import LONGEST, pieces_of
from devotional.reflections.readings import part_name

NOT_CLEAR = gettext_lazy(
    "We couldn’t tell which words you chose, so nothing was marked. Please try again."
)
TOO_MANY = gettext_lazy("This answer has as many hinges as it can hold. Remove one first.")


class PathForm(forms.Form):
    """Which page of the path the address asks for."""

    start = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)


class MarkForm(ChoosingForm):
    """The words on which something turned, few enough for a sheet with others."""

    stale = gettext_lazy(
        "You’ve changed this answer since you opened the page, so nothing was marked. "
        "Here’s how it reads now."
    )

    def clean(self) -> None:
        super().clean()
        size = len(self.cleaned_data["passage"].quote)
        if size > LONGEST:
            raise ValidationError(
                _(
                    "That’s too long for a hinge (%(size)s characters). Choose the line where it "
                    "turned, up to %(most)s."
                )
                % {"size": size, "most": LONGEST}
            )


class PutBackForm(forms.Form):
    """A mark that was just taken off: its own sealed record, which opens for its reader alone."""

    hinge = forms.UUIDField()
    marked_at = forms.DateTimeField()
    sealed = forms.CharField(max_length=20_000)

    def clean_sealed(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["sealed"], validate=True)
        except ValueError as error:
            raise ValidationError("not the base64 of anything") from error


@require_safe
def everything(request: ReaderRequest) -> HttpResponse:
    """All hinges in order of time; for someone without any, what a hinge is."""
    reader = request.reader
    form = PathForm(request.GET)
    if not form.is_valid():
        raise Http404
    start = form.cleaned_data["start"] or 0
    path = path_of(reader, current_library(), start=start) if reader else hinges.Path([])
    return render(request, "hinges/all.html", {"path": path})


@require_http_methods(["GET", "HEAD", "POST"])
def mark(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """One's own words, each sentence to be chosen, and what of them is marked already."""
    reader = known_reader(request)
    marking = marking_of(reader, reflection_or_404(reader, reflection_id))
    if request.method != "POST":
        return render_marking(request, marking)
    form = MarkForm(request.POST, text=marking.text or "")
    if not form.is_valid():
        problem = " ".join(str(error) for error in form.non_field_errors())
        status = 409 if form.is_stale else 422
        return render_marking(request, marking, problem=problem or str(NOT_CLEAR), status=status)
    if not hinges.mark(reader, marking, form.cleaned_data["passage"]):
        return render_marking(request, marking, problem=str(TOO_MANY), status=422)
    return cast(HttpResponse, redirect(f"{page_of(marking.reflection)}#marked"))


@require_POST
def take_off(request: ReaderRequest, hinge_id: uuid.UUID) -> HttpResponse:
    """Take a mark off. The words stay; the answer holds the way back, and nothing else does."""
    reader = known_reader(request)
    hinge = Hinge.objects.by(reader).select_related("reflection__reading").filter(pk=hinge_id)
    found = hinge.first()
    if found is None:  # sent twice
        return cast(HttpResponse, redirect("hinges:all"))
    shown = show(found, found.reflection, words_of(found.reflection))
    sealed = base64.b64encode(bytes(found.sealed)).decode()
    hinge.delete()
    context = {"hinge": shown, "sealed": sealed, "hinge_id": hinge_id}
    return render(request, "hinges/taken_off.html", context)


@require_POST
def put_back(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """Mark again what was just taken off."""
    reader = known_reader(request)
    reflection = reflection_or_404(reader, reflection_id)
    form = PutBackForm(request.POST)
    if not form.is_valid():
        raise Http404
    sent = form.cleaned_data
    if not hinges.put_back(
        reader, reflection, sent["hinge"], sealed=sent["sealed"], at=sent["marked_at"]
    ):
        raise Http404
    return cast(HttpResponse, redirect(f"{page_of(reflection)}#marked"))


def reflection_or_404(reader: Reader, reflection_id: uuid.UUID) -> Reflection:
    reflection = find_reflection(reader, reflection_id)
    if reflection is None:
        raise Http404
    return reflection


def page_of(reflection: Reflection) -> str:
    return reverse("hinges:mark", args=[reflection.pk])


def render_marking(
    request: ReaderRequest, marking: Marking, *, problem: str = "", status: int = 200
) -> HttpResponse:
    reflection = marking.reflection
    devotional = current_library().devotional(reflection.reading.devotional)
    text = marking.text or ""
    pieces = pieces_of(text)
    context = {
        "marking": marking,
        "reflection": reflection,
        "pieces": [(piece, marking.overlaps(piece.start, piece.end)) for piece in pieces],
        "seen": digest(text),
        "place": Point.of(reflection),
        "section_title": part_name(devotional, reflection.section),
        "language": devotional.language if devotional else None,
        "problem": problem,
    }
    return render(request, "hinges/mark.html", context, status=status)
