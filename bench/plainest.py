"""The plainest private views that this site could have for a reader: what its own are held against.

Each looks its reader up as every page does, and answers from a template, stored nowhere. One shows
the reader's last words in a form of one box; the other takes such a form and keeps a sealed row.
"""

from functools import cache
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.template import engines

from devotional.lib.encryption import default_ring
from devotional.readers.middleware import ReaderRequest
from devotional.reflections.models import KeyCheck, Reflection

FORM = """
<form method="post">
  <label for="text">{{ asked }}</label>
  <textarea id="text" name="text">{{ words }}</textarea>
  <button>Save</button>
</form>
"""


@cache
def form_of_one_box() -> Any:
    return engines["django"].from_string(FORM)


class OneField(forms.Form):
    text = forms.CharField(strip=False)


def plain_page(request: ReaderRequest) -> HttpResponse:
    reader = request.reader
    if reader is None:
        return HttpResponse(status=404)
    last = Reflection.objects.by(reader).latest("written_at")
    context = {"asked": last.asked, "words": last.text}
    return HttpResponse(form_of_one_box().render(context, request))


def plain_save(request: ReaderRequest) -> HttpResponse:
    form = OneField(request.POST)
    reader = request.reader
    if reader is None or not form.is_valid():
        return HttpResponse(status=422)
    KeyCheck.objects.create(
        sealed=default_ring().seal(form.cleaned_data["text"], bound_to=("bench", str(reader.id)))
    )
    return render(request, "errors/503.html#notice")
