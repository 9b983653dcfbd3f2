"""The panel after a section: fetched by htmx, or opened as a page of its own without JavaScript.

Every reply here is one reader's own and is kept by nobody. A save answers htmx with a receipt and
a plain form with a redirect back to the section.
"""

from typing import cast

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from devotional.content.library import Devotional, Section
from devotional.content.loader import current_library
from devotional.lib.http import fragment_wanted, private
from devotional.readers.consent import consent_version, has_agreed
from devotional.readers.csrf import csrf_protect_readers
from devotional.readers.guests import (
    agree,
    current_reader,
    give_token,
    make_guest,
    renew,
    set_reader_cookie,
)
from devotional.readers.models import Reader
from devotional.reflections.forms import ReflectionForm, signed_questions
from devotional.reflections.leaf import Leaf, open_leaf, saved_leaf, unsaved_leaf
from devotional.reflections.saving import Place, Receipt, save_reflections

PAGE = "reflections/page.html"


def find_section(devotional_id: str, section_id: str) -> tuple[Devotional, Section]:
    """The section to reflect on, or Http404."""
    devotional = current_library().devotional(devotional_id)
    if devotional is not None and (section := devotional.section(section_id)) is not None:
        return devotional, section
    raise Http404(_("There is no section of that name here."))


@private
@require_safe
def panel(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """The form alone, for the slot that the section page keeps free for it."""
    devotional, section = find_section(devotional_id, section_id)
    leaf = open_leaf(current_reader(request), devotional, section)
    response = render_leaf(request, leaf, f"{PAGE}#form")
    renew(request, response)
    return response


@private
@csrf_protect_readers
@require_http_methods(["GET", "HEAD", "POST"])
def reflect(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """The same form as a page of its own, and where both forms are sent."""
    devotional, section = find_section(devotional_id, section_id)
    if request.method == "POST":
        return save(request, devotional, section)
    response = render_leaf(request, open_leaf(current_reader(request), devotional, section), PAGE)
    renew(request, response)
    return response


def save(request: HttpRequest, devotional: Devotional, section: Section) -> HttpResponse:
    """Save what was sent, or say why not with every word still in its box."""
    reader = current_reader(request)
    section_digest, prompts = signed_questions(
        request.POST.get("questions", ""), devotional_id=devotional.id, section_id=section.id
    ) or (section.digest, section.prompts)
    form = ReflectionForm(prompts, request.POST)
    if not form.is_valid():
        return refuse(request, unsaved_leaf(reader, devotional, section, form))
    answers = form.answers()
    leaf = unsaved_leaf(reader, devotional, section, form)
    if reader is None and not any(answer.text for answer in answers):
        leaf.notice = _("There is nothing to save yet. Write a word or two first.")
        return refuse(request, leaf)
    if not has_agreed(reader) and request.POST.get("consent") != consent_version():
        leaf.notice = _(
            "Please read the sentence below, and agree to it before we keep your words."
        )
        return refuse(request, leaf)
    place = Place(devotional.id, section.id, section_digest, form.reading_number)
    token = None
    with transaction.atomic():
        if reader is None:
            reader = make_guest()
            token = give_token(reader)
        elif not has_agreed(reader):
            agree(reader)
        receipt = save_reflections(reader, place=place, answers=answers, op_id=form.op_id)
    leaf = saved_leaf(reader, devotional, section, form, receipt.outcomes)
    response = acknowledge(request, leaf, receipt, reader)
    if token:
        set_reader_cookie(response, token)
    return response


def acknowledge(request: HttpRequest, leaf: Leaf, receipt: Receipt, reader: Reader) -> HttpResponse:
    """Say that the words are kept. Called only after the commit."""
    status = 409 if receipt.in_conflict else 200
    if fragment_wanted(request):
        return render_leaf(request, leaf, f"{PAGE}#receipt", status=status)
    if receipt.in_conflict:
        return render_leaf(request, leaf, PAGE, status=status)
    place = reverse("library:section", args=[leaf.devotional.id, leaf.section.id])
    return cast(HttpResponse, redirect(f"{place}#saved"))


def refuse(request: HttpRequest, leaf: Leaf) -> HttpResponse:
    """422: nothing was saved, and what was written is still in its box."""
    template = f"{PAGE}#receipt" if fragment_wanted(request) else PAGE
    return render_leaf(request, leaf, template, status=422)


def render_leaf(request: HttpRequest, leaf: Leaf, template: str, status: int = 200) -> HttpResponse:
    context = {
        "leaf": leaf,
        "devotional": leaf.devotional,
        "section": leaf.section,
        "language": leaf.devotional.language,
        "consent_version": consent_version(),
    }
    return render(request, template, context, status=status)
