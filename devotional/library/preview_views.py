"""What is made for machines that look at links: pictures, the list of pages, the rules (R10).

All of it is public, the same for everyone and free of queries, as the pages that it is about.
"""

from collections.abc import Iterator
from xml.etree import ElementTree

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from devotional.content.library import Devotional
from devotional.content.loader import current_library
from devotional.lib.http import public_page
from devotional.library.previews import picture
from devotional.library.views import find_devotional, find_section

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"

# Where nothing is for everyone. Invitations are not among them: a crawler that may not fetch
# /j/… never learns that it is not to be listed, and no messenger could show what it is (T9).
PRIVATE = (
    *("/account/", "/calendar/", "/consent/", "/erase/", "/export/", "/groups/", "/hinges/"),
    *("/history/", "/journal/", "/readings/", "/reflect/", "/share/"),
)


@public_page
def of_cover(request: HttpRequest, devotional_id: str) -> HttpResponse:
    return picture_of(find_devotional(devotional_id))


@public_page
def of_section(request: HttpRequest, devotional_id: str, section_id: str) -> HttpResponse:
    """The same picture at the address that links to a section named before."""
    devotional, _section = find_section(devotional_id, section_id)
    return picture_of(devotional)


def picture_of(devotional: Devotional) -> HttpResponse:
    with override(devotional.language):
        by = _("by %(author)s") % {"author": devotional.author} if devotional.author else ""
    return HttpResponse(picture(devotional.title, by), content_type="image/png")


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """Covers and sections, with the day of the last change where the author gave one."""
    listed = ElementTree.Element("urlset", xmlns=SITEMAP)
    for devotional in current_library().devotionals:
        changed = devotional.updated or devotional.published
        for path in pages_of(devotional):
            page = ElementTree.SubElement(listed, "url")
            ElementTree.SubElement(page, "loc").text = settings.SITE_URL + path
            if changed:
                ElementTree.SubElement(page, "lastmod").text = changed.isoformat()
    body = ElementTree.tostring(listed, encoding="utf-8", xml_declaration=True)
    return HttpResponse(body, content_type="application/xml; charset=utf-8")


def pages_of(devotional: Devotional) -> Iterator[str]:
    yield reverse("library:cover", args=[devotional.id])
    for section in devotional.sections:
        yield reverse("library:section", args=[devotional.id, section.id])


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {prefix}" for prefix in PRIVATE), ""]
    lines += [f"Sitemap: {settings.SITE_URL}{reverse('library:sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
