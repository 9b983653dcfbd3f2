"""Everything as one page to print, sent part by part: head, section by section, end (K10).

A page of ten thousand reflections is long, but never as a whole in memory here.
"""

from collections.abc import Iterator

from django.http import HttpRequest
from django.template.loader import render_to_string

from devotional.journal.export import Plan, Words
from devotional.readers.access import says_something, words_of

HERE = "<!-- here -->"  # in the page's template, where the readings are to stand


def printed(request: HttpRequest, plan: Plan) -> Iterator[str]:
    """The page. Its last words say that it is whole."""
    page = render_to_string("export/print.html", {"plan": plan, "here": HERE}, request)
    head, end = page.split(HERE)
    yield head
    words = Words(plan)
    for reading in plan.readings:
        yield render_to_string("export/print.html#reading", {"reading": reading})
        for section in reading.sections:
            answers = [
                {"reflection": reflection, "text": text}
                for reflection in words.rows(section.reflections)
                if says_something(text := words_of(reflection))
            ]
            if answers or section.on_paper:
                context = {"section": section, "answers": answers}
                yield render_to_string("export/print.html#section", context)
    yield end
