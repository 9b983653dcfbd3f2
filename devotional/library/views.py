"""The shelf, the cover, the sections and the end: the same for everyone.

These views know nothing of who is reading. They render without the request, so that no cookie,
token or name can find its way into a page that is kept for all (R4).
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import override

from devotional.content.library import Devotional, Section
from devotional.content.loader import current_library
from devotional.lib.http import public_page


def library_version() -> str:
    return current_library().version


def find_devotional(devotional_id: str) -> Devotional:
    """The devotional of that id, or Http404."""
    if devotional := current_library().devotional(devotional_id):
        return devotional
    raise Http404


def find_section(devotional_id: str, section_id: str) -> tuple[Devotional, Section]:
    """The section of that id and its devotional, or Http404."""
    devotional = find_devotional(devotional_id)
    if section := devotional.section(section_id):
        return devotional, section
    raise Http404


def render_for_all(template: str, language: str = "en", **context: object) -> HttpResponse:
    """A page without a request in it, in the devotional's own language where we speak it."""
    with override(language):
        return HttpResponse(render_to_string(template, {"language": language, **context}))


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """The shelf; where one devotional stands alone, its cover (R1)."""
    devotionals = current_library().devotionals
    if len(devotionals) == 1:
        return cover_page(devotionals[0])
    return render_for_all("library/shelf.html", devotionals=devotionals)


@public_page
def cover(request: HttpRequest, devotional_id: str) -> HttpResponse:
    return cover_page(find_devotional(devotional_id))


@public_page
def section(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    devotional, here = find_section(devotional_id, section_id)
    return render_for_all(
        "library/section.html",
        devotional.language,
        devotional=devotional,
        section=here,
        before=devotional.before(here),
        after=devotional.after(here),
        parts=len(devotional.sections),
        light=light(here.number, len(devotional.sections)),
        alone=len(current_library().devotionals) == 1,
    )


@public_page
def end(request: HttpRequest, devotional_id: str) -> HttpResponse:
    """After the last part: what one may do with what was read and written."""
    devotional = find_devotional(devotional_id)
    return render_for_all(
        "library/end.html",
        devotional.language,
        devotional=devotional,
        asks=where_it_asks(devotional),
    )


def cover_page(devotional: Devotional) -> HttpResponse:
    return render_for_all(
        "library/cover.html",
        devotional.language,
        devotional=devotional,
        first=devotional.sections[0],
        alone=len(current_library().devotionals) == 1,
        asks=where_it_asks(devotional),
    )


def where_it_asks(devotional: Devotional) -> str:
    """After which parts there is something to answer: `everywhere`, `somewhere` or nowhere."""
    asking = sum(1 for section in devotional.sections if section.prompts)
    if asking == len(devotional.sections):
        return "everywhere"
    return "somewhere" if asking else ""


def light(part: int, parts: int) -> int:
    """How far the light has grown, in twelfths: a step that the stylesheet has a rule for."""
    return round(12 * part / parts)
