"""How a leaf is answered: to htmx with a receipt beside the words, to a plain form with a page."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from devotional.content.loader import current_library
from devotional.lib.http import beside_the_words, fragment_wanted
from devotional.readers.consent import consent_version
from devotional.readers.keeping import is_in_app
from devotional.readers.middleware import ReaderRequest
from devotional.reflections.answers import Receipt
from devotional.reflections.leaf import Leaf

PAGE = "reflections/page.html"
FORM = f"{PAGE}#form"


def acknowledge(request: ReaderRequest, leaf: Leaf, receipt: Receipt) -> HttpResponse:
    """Say that the words are kept. Called only after the commit."""
    status = 409 if receipt.in_conflict else 200
    if fragment_wanted(request):
        return render_receipt(request, leaf, status)
    if receipt.in_conflict:
        return render_leaf(request, leaf, PAGE, status=status)
    if not current_library_has(leaf):
        return redirect("readings:devotional", leaf.devotional.id)
    place = reverse("library:section", args=[leaf.devotional.id, leaf.section.id])
    return redirect(f"{place}#saved")


def current_library_has(leaf: Leaf) -> bool:
    devotional = current_library().devotional(leaf.devotional.id)
    return devotional is not None and devotional.section(leaf.section.id) is not None


def refuse(request: ReaderRequest, leaf: Leaf, status: int = 422) -> HttpResponse:
    """Nothing was saved, and what was written is still in its box."""
    if fragment_wanted(request):
        return render_receipt(request, leaf, status)
    return render_leaf(request, leaf, PAGE, status=status)


def render_receipt(request: ReaderRequest, leaf: Leaf, status: int) -> HttpResponse:
    """States for below the boxes, and the form's foot where it has changed.

    Where it hasn't, it stays: a finger may be on its button while autosave answers.
    """
    if status != 401 and is_foot_unchanged(request, leaf):
        return beside_the_words(render_leaf(request, leaf, f"{PAGE}#receipt", status=status))
    return render_leaf(request, leaf, f"{PAGE}#receipt_with_foot", status=status)


def is_foot_unchanged(request: ReaderRequest, leaf: Leaf) -> bool:
    return (
        leaf.agreed and "consent" not in request.POST and request.POST.get("writer") == leaf.writer
    )


def render_leaf(
    request: ReaderRequest, leaf: Leaf, template: str, status: int = 200
) -> HttpResponse:
    context = {
        "leaf": leaf,
        "devotional": leaf.devotional,
        "section": leaf.section,
        "language": leaf.devotional.language,
        "consent_version": consent_version(),
        "in_app": is_in_app(request),
        "in_panel": template != PAGE,
        "after": leaf.devotional.after(leaf.section),
        "at_the_end": end_of(leaf),
    }
    return render(request, template, context, status=status)


def end_of(leaf: Leaf) -> str:
    """Where the last part leads; nowhere for a devotional that can be read no longer."""
    if not current_library_has(leaf):
        return ""
    return reverse("library:end", args=[leaf.devotional.id])
