"""The page that sets November beside March."""

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devotional.content.loader import current_library
from devotional.journal.then_and_now import answers_to, beside, with_hinges
from devotional.readers.access import known_reader
from devotional.readers.middleware import ReaderRequest
from devotional.reflections.readings import part_name, readings_of


class Chosen(forms.Form):
    """Which two readings the address asks for."""

    then = forms.IntegerField(required=False, min_value=1, max_value=9999)
    now = forms.IntegerField(required=False, min_value=1, max_value=9999)


@require_safe
def then_and_now(
    request: ReaderRequest, devotional_id: str, section_id: str, prompt_id: str
) -> HttpResponse:
    """One question, answered twice; also where the text no longer asks it."""
    reader = known_reader(request)
    chosen = Chosen(request.GET)
    answers = answers_to(reader, devotional_id, section_id, prompt_id)
    if not answers or not chosen.is_valid():
        raise Http404
    devotional = current_library().devotional(devotional_id)
    section = devotional.section(section_id) if devotional else None
    context = {
        "pair": with_hinges(reader, beside(answers, **chosen.cleaned_data)),
        "devotional_id": devotional_id,
        "devotional": devotional,
        "section": section,
        "section_title": part_name(devotional, section_id),
        "prompt_id": prompt_id,
        "still_asked": section is not None and section.prompt(prompt_id) is not None,
        "newest": readings_of(reader, devotional_id).first() if len(answers) == 1 else None,
        "language": devotional.language if devotional else None,
    }
    return render(request, "hinges/then_and_now.html", context)
