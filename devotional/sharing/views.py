"""Pages that bring words to a group: choosing them, looking at the very copy, taking it back.

Words come by POST and stand in no address. The one page where all copies are is the reader's own;
what a group sees is the group's page.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devotional.content.loader import current_library
from devotional.groups.models import Membership
from devotional.lib.http import see_other
from devotional.readers.access import known_reader, words_of
from devotional.readers.limits import client_address
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Reader
from devotional.readers.quotas import QuotaError, blocks_of, use_space
from devotional.reflections.answers import digest
from devotional.reflections.choosing import ChoosingForm
from devotional.reflections.forms import WordsField
from devotional.reflections.history import find_reflection
from devotional.reflections.models import Reflection
from devotional.reflections.passages import pieces_of
from devotional.reflections.readings import title_from
from devotional.sharing import brought
from devotional.sharing.actions import NotYourWords, TooMany, copies_of, share, take_back

STALE = gettext_lazy(
    "You have written here since you opened this page, so nothing was shared with the group. "
    "These are your words as they stand now."
)
TOO_MANY = gettext_lazy(
    "You’ve shared as much from this answer as a group can hold. Take something back first."
)
NOT_CLEAR = gettext_lazy("What was chosen could not be understood, so nothing was shared.")


class PageForm(forms.Form):
    """Which page of everything the address asks for."""

    start = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)


class GroupField(forms.TypedChoiceField):
    """One of the reader's own groups, as their membership in it."""

    def __init__(self, groups: Sequence[Membership]) -> None:
        by_id = {str(each.group_id): each for each in groups}
        super().__init__(
            choices=[(id_, each.group.name) for id_, each in by_id.items()],
            coerce=by_id.__getitem__,
        )


class ShareForm(ChoosingForm):
    """Which words, or all of them, and for which group."""

    stale = STALE

    whole = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, text: str, groups: Sequence[Membership]) -> None:
        super().__init__(data, text=text)
        self.fields["group"] = GroupField(groups)

    def span(self) -> tuple[int, int]:
        return (0, len(self.text)) if self.cleaned_data.get("whole") else super().span()

    @property
    def words(self) -> str:
        """A part without the space around it; the whole as it is."""
        if self.cleaned_data["whole"]:
            return self.text
        return str(self.cleaned_data["passage"].quote)


class BringForm(forms.Form):
    """The very copy that was looked at, and for which group."""

    words = WordsField()

    def __init__(self, data: Any, *, groups: Sequence[Membership]) -> None:
        super().__init__(data)
        self.fields["group"] = GroupField(groups)


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """One's own words, to choose from; and then exactly what the group would see."""
    reader = known_reader(request)
    reflection = reflection_or_404(reader, reflection_id)
    groups = brought.groups_reading(reader, reflection.reading.devotional)
    if request.method != "POST" or not groups:
        return render_choosing(request, reader, reflection, groups)
    form = ShareForm(request.POST, text=words_of(reflection) or "", groups=groups)
    if not form.is_valid():
        problem = " ".join(str(error) for error in form.non_field_errors()) or str(NOT_CLEAR)
        status = 409 if form.is_stale else 422
        return render_choosing(request, reader, reflection, groups, problem=problem, status=status)
    membership = form.cleaned_data["group"]
    copy = brought.as_it_would_stand(membership, reflection, form.words)
    context = {"membership": membership, "copy": copy}
    return render(request, "sharing/preview.html", about(reflection) | context)


@require_POST
def bring(request: ReaderRequest, reflection_id: uuid.UUID) -> HttpResponse:
    """Bring to the group what was just looked at."""
    reader = known_reader(request)
    reflection = reflection_or_404(reader, reflection_id)
    groups = brought.groups_reading(reader, reflection.reading.devotional)
    form = BringForm(request.POST, groups=groups)
    if not form.is_valid():
        problem = str(NOT_CLEAR)
        return render_choosing(request, reader, reflection, groups, problem=problem, status=422)
    membership, words = form.cleaned_data["group"], form.cleaned_data["words"]
    space = blocks_of(len(words.encode()))
    try:
        with transaction.atomic():
            use_space(reader, space, address=client_address(request))
            made = share(reader, membership=membership, reflection=reflection, words=words)
    except QuotaError as error:
        problem, status = str(error), error.status
        return render_choosing(request, reader, reflection, groups, problem=problem, status=status)
    except NotYourWords:
        problem = str(STALE)
        return render_choosing(request, reader, reflection, groups, problem=problem, status=409)
    except TooMany:
        problem = str(TOO_MANY)
        return render_choosing(request, reader, reflection, groups, problem=problem, status=422)
    return see_other("groups:group", membership.group_id, note=f"share-{made.pk}")


@require_safe
def everything(request: ReaderRequest) -> HttpResponse:
    """All that one brought to groups; for someone without any, what that would be."""
    reader = request.reader
    form = PageForm(request.GET)
    if not form.is_valid():
        raise Http404
    start = form.cleaned_data["start"] or 0
    library = current_library()
    page = brought.brought_by(reader, library, start=start) if reader else brought.Page()
    return render(request, "sharing/all.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def take_it_back(request: ReaderRequest, share_id: uuid.UUID) -> HttpResponse:
    """Asked once, as it can't be undone; asked for twice, or of another's, it says the same."""
    reader = known_reader(request)
    if request.method == "POST":
        take_back(reader, share_id)
        return see_other("sharing:all", note="taken-back")
    found = brought.one_brought_by(reader, current_library(), share_id)
    if found is None:
        raise Http404
    return render(request, "sharing/take_back.html", {"brought": found})


def reflection_or_404(reader: Reader, reflection_id: uuid.UUID) -> Reflection:
    reflection = find_reflection(reader, reflection_id)
    if reflection is None:
        raise Http404
    return reflection


def about(reflection: Reflection) -> dict[str, Any]:
    """What pages about one reflection say of it."""
    devotional = current_library().devotional(reflection.reading.devotional)
    section = devotional.section(reflection.section) if devotional else None
    return {
        "reflection": reflection,
        "section_title": section.title if section else title_from(reflection.section),
        "devotional": devotional,
        "back": reverse("library:section", args=[devotional.id, section.id]) + "#reflect"
        if devotional and section
        else reverse("journal:all"),
    }


def render_choosing(
    request: ReaderRequest,
    reader: Reader,
    reflection: Reflection,
    groups: Sequence[Membership],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    text, named = words_of(reflection), request.GET.get("group", "")
    context = {
        "groups": [each for each in groups if str(each.group_id) == named] or groups,
        "group": request.POST.get("group") or (str(groups[0].group_id) if groups else ""),
        "text": text,
        "pieces": [(piece, False) for piece in pieces_of(text or "")],
        "seen": digest(text or ""),
        "copies": copies_of(reader, reflection).count(),
        "problem": problem,
    }
    return render(request, "sharing/choose.html", about(reflection) | context, status=status)
