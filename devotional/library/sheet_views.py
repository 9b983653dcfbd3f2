"""What a group takes in hand: sheets to print, the leader's guide and meeting mode (R7, T8).

Public pages, made from the text alone. What belongs to a group, as its invitation on the same
handout, is added above and handed in as a value; nothing here knows of one.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from devotional.content.library import Devotional, Section
from devotional.lib.http import public_page
from devotional.lib.qr import qr_svg
from devotional.library.views import find_devotional, find_section, render_for_all

# For a section whose author asks a group nothing.
ANY_TEXT = gettext_lazy("Which line of this part stays with you, and what do you hear in it?")

SILENCES = (1, 2, 3, 5)  # minutes, in meeting mode

# The order of an evening, in minutes; reading aloud takes as long as the text does.
WELCOME, WRITING, TALKING, CLOSE = 5, 10, 30, 5
READING_ALOUD_AT_LEAST = 5


@public_page
def whole(request: HttpRequest, devotional_id: str) -> HttpResponse:
    """The whole devotional as one page to print (R7)."""
    devotional = find_devotional(devotional_id)
    return sheet_of(devotional, devotional.sections)


@public_page
def part(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """One section as a page to print (R7)."""
    devotional, here = find_section(devotional_id, section_id)
    return sheet_of(devotional, (here,))


def sheet_of(devotional: Devotional, sections: tuple[Section, ...]) -> HttpResponse:
    """A page to print; `is_part` where it isn't the whole text."""
    return render_for_all(
        "library/print.html",
        devotional.language,
        devotional=devotional,
        sections=sections,
        is_part=len(sections) < len(devotional.sections),
    )


@public_page
def handout(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """One section on one sheet: the text in front, the group's questions on the back."""
    devotional, here = find_section(devotional_id, section_id)
    sheet = handout_of(devotional, here, link=address_of(devotional, here))
    return render_for_all("library/handout.html", devotional.language, **sheet)


@public_page
def guide(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """For the one who leads the evening: a page that prints on one sheet."""
    devotional, here = find_section(devotional_id, section_id)
    # Aloud a text takes about half as long again as in silence.
    aloud = max(READING_ALOUD_AT_LEAST, -(-here.minutes * 3 // 2))
    minutes = {
        "welcome": WELCOME,
        "aloud": aloud,
        "writing": WRITING,
        "talking": TALKING,
        "close": CLOSE,
    }
    return render_for_all(
        "library/guide.html",
        devotional.language,
        **part_of(devotional, here),
        minutes=minutes,
        whole_evening=sum(minutes.values()),
    )


@public_page
def meeting(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """One large question at a time, and a timer for silence; opens without a network too."""
    devotional, here = find_section(devotional_id, section_id)
    return render_for_all(
        "library/meeting.html",
        devotional.language,
        **part_of(devotional, here),
        silences=SILENCES,
    )


def handout_of(devotional: Devotional, section: Section, *, link: str) -> dict[str, object]:
    """What `library/handout_sheet.html` shows. `link` is where its QR code and address lead."""
    with override(devotional.language):
        code = qr_svg(link, title=_("QR code for the address beside it"))
    return {**part_of(devotional, section), "link": link, "code": code}


def part_of(devotional: Devotional, section: Section) -> dict[str, object]:
    """A section as a group meets it: with its questions, or one that fits any text."""
    return {
        "devotional": devotional,
        "section": section,
        "parts": len(devotional.sections),
        "questions": section.together or (ANY_TEXT,),
    }


def address_of(devotional: Devotional, section: Section) -> str:
    """A section's page, as someone types it who has only the sheet."""
    return settings.SITE_URL + reverse("library:section", args=[devotional.id, section.id])
