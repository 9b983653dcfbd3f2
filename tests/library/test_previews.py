"""Links as messengers fetch them: the right tags, a picture in size, nothing stored (R10)."""

import io
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.content.loader import forget_library
from devotional.library.previews import picture
from devotional.readers.models import Reader
from devotional.templatetags.site import og_locale

SITE = "https://words.example"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
# What each sends when someone pastes a link. iMessage calls itself two others in one.
MESSENGERS: dict[str, dict[str, str]] = {
    "WhatsApp": {"user-agent": "WhatsApp/2.24.20.89 A", "accept-encoding": "gzip"},
    "Slack": {
        "user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "range": "bytes=0-32768",
        "accept-encoding": "gzip",
    },
    "iMessage": {
        "user-agent": SAFARI + "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 "
        "Facebot Twitterbot/1.0",
        "accept-encoding": "gzip, deflate",
    },
    "Facebook": {
        "user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "range": "bytes=0-524287",
        "accept-encoding": "deflate, gzip",
    },
}


class Tags(HTMLParser):
    """The meta tags of a page, by property or name."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "meta" and (name := at.get("property") or at.get("name")):
            assert name not in self.found or name == "theme-color", name
            self.found[name] = at.get("content") or ""


def og(html: str) -> dict[str, str]:
    found = Tags(html).found
    return {name: value for name, value in found.items() if name.startswith(("og:", "twitter:"))}


@pytest.fixture(autouse=True)
def _at_an_address(settings: Settings) -> None:
    settings.SITE_URL = SITE


@pytest.mark.parametrize("messenger", MESSENGERS)
@pytest.mark.parametrize(
    ("path", "title", "image"),
    [
        ("/", "On Doors", "/preview/on-doors.png"),
        ("/read/on-doors/", "On Doors", "/preview/on-doors.png"),
        ("/read/on-doors/hinges/", "Hinges", "/preview/on-doors.png"),
    ],
)
@pytest.mark.django_db
def test_a_link_unfolds_where_it_is_pasted(
    path: str, title: str, image: str, messenger: str, content: Path
) -> None:
    visitor, headers = Client(), MESSENGERS[messenger]
    head = visitor.head(path, headers=headers)
    page = visitor.get(path, headers=headers | {"accept-encoding": ""})
    assert (head.status_code, page.status_code) == (200, 200)
    assert og(page.content.decode()) == {
        "og:type": "article",
        "og:title": title,
        "og:description": "Two short pieces about doors.",
        "og:url": SITE + (path if path != "/" else "/read/on-doors/"),
        "og:site_name": "Devotional",
        "og:image": SITE + image,
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "On Doors",
        "twitter:card": "summary_large_image",
    }
    shown = visitor.get(urlsplit(SITE + image).path, headers=headers)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert len(shown.content) < 300_000
    with Image.open(io.BytesIO(shown.content)) as opened:
        assert (opened.format, opened.size) == ("PNG", (1200, 630))
    assert [dict(reply.cookies) for reply in (head, page, shown)] == [{}, {}, {}]
    assert not visitor.cookies
    assert (Session.objects.count(), Reader.objects.count()) == (0, 0)


def test_a_picture_is_kept_by_everyone_and_never_compressed_again(
    content: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = Client()
    # Without the fixture `db`, a query would fail here.
    first = visitor.get("/preview/on-doors.png", headers={"accept-encoding": "gzip, br"})
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert first.headers.get("Content-Encoding") is None
    again = visitor.get("/preview/on-doors.png", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    head = visitor.head("/preview/on-doors.png")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(first.content))


@pytest.mark.parametrize("path", ["/preview/nothing.png", "/preview/on-doors/nothing.png"])
def test_there_is_no_picture_of_what_is_not_there(path: str, content: Path) -> None:
    assert Client().get(path).status_code == 404


def test_a_new_title_is_drawn_anew(content: Path) -> None:
    old = Client().get("/preview/on-doors.png").content
    file = content / "on-doors.md"
    file.write_text(file.read_text().replace("title: On Doors", "title: On Gates"))
    forget_library()
    assert Client().get("/preview/on-doors.png").content != old


def test_an_address_that_named_a_section_shows_the_same_picture(content: Path) -> None:
    """Links that were pasted before still ask for it."""
    of_section = Client().get("/preview/on-doors/hinges.png")
    assert of_section.content == Client().get("/preview/on-doors.png").content


def ink(png: bytes) -> tuple[int, int, int, int] | None:
    """The box around what is dark in the column of words, where the hinge is beside them."""
    with Image.open(io.BytesIO(png)) as opened:
        words = opened.crop((0, 20, 850, 630)).convert("L").point(lambda v: 255 * (v < 90))
        return words.getbbox()


@pytest.mark.parametrize(
    "title",
    ["On Doors", "“Why?”", "Tür — auf", "Ñandú…", "L’été", "Mu\u0301sica", "On\u00ad Doors"],
)
def test_a_title_stands_beside_the_hinge(title: str) -> None:
    assert picture(title) != picture("")


@pytest.mark.parametrize(
    "title",
    [
        *("الباب", "門", "Дверь", "Θύρα", "Open \U0001f6aa", " ", "\u202e", ""),
        *("Everything turns on something small. " * 60, "Unbroken" * 30),
    ],
)
def test_the_hinge_stands_alone_where_a_title_cannot_be_set(title: str) -> None:
    """No row of empty boxes, and nothing that is cut off."""
    assert picture(title, "by A. Carpenter") == picture("")


def test_a_long_title_stays_in_its_column() -> None:
    box = ink(picture("Everything turns on something small, and then again. " * 3, "by A. C."))
    assert box is not None
    left, top, right, bottom = box
    assert left >= 80
    assert top >= 30
    assert right <= 88 + 740
    assert bottom <= 570


@pytest.mark.parametrize(
    ("language", "locale"),
    [("en-GB", "en_GB"), ("pt-br", "pt_BR"), ("zh-Hant-TW", "zh_TW"), ("en", ""), ("es-419", "")],
)
def test_a_locale_is_named_where_there_is_a_region(language: str, locale: str) -> None:
    assert og_locale(language) == locale
    given = {"title": "T", "image": "/i.png", "alt": "T", "url": "/t/", "locale": locale}
    assert og(render_to_string("library/preview.html", given)).get("og:locale", "") == locale


def test_a_secret_address_and_the_name_of_the_site_stay_out(settings: Settings) -> None:
    """As an invitation includes it (T9)."""
    settings.SITE_NAME = "Hillside Church"
    given = {
        "title": "On <Doors>",
        "url": "",
        "image": "/preview/on-doors.png",
        "alt": "On <Doors>",
    }
    html = render_to_string("library/preview.html", given)
    assert og(html) == {
        "og:type": "article",
        "og:title": "On <Doors>",
        "og:image": SITE + "/preview/on-doors.png",
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "On <Doors>",
        "twitter:card": "summary_large_image",
    }


def test_the_sitemap_lists_covers_and_sections_with_their_days(content: Path) -> None:
    (content / "on-windows.md").write_text(
        "---\ntitle: On Windows\npublished: 2026-01-02\nupdated: 2026-03-04\n---\n\nLight.\n"
    )
    forget_library()
    reply = Client().get("/sitemap.xml")
    assert reply["Content-Type"] == "application/xml; charset=utf-8"
    pages = [
        [(part.tag.split("}")[1], part.text) for part in page]
        for page in ElementTree.fromstring(reply.content)  # noqa: S314  # our own
    ]
    assert pages == [
        [("loc", f"{SITE}/read/on-doors/")],
        [("loc", f"{SITE}/read/on-doors/opening/")],
        [("loc", f"{SITE}/read/on-doors/hinges/")],
        [("loc", f"{SITE}/read/on-doors/thresholds/")],
        [("loc", f"{SITE}/read/on-windows/"), ("lastmod", "2026-03-04")],
        [("loc", f"{SITE}/read/on-windows/opening/"), ("lastmod", "2026-03-04")],
    ]


def test_robots_keep_out_of_what_is_private_and_see_the_rest() -> None:
    from urllib.robotparser import RobotFileParser

    reply = Client().get("/robots.txt")
    assert reply["Content-Type"] == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(reply.content.decode().splitlines())
    assert rules.site_maps() == [f"{SITE}/sitemap.xml"]
    private = ["/account/keep/", "/journal/", "/reflect/on-doors/opening/", "/groups/", "/share/"]
    seen = ["/", "/read/on-doors/", "/preview/on-doors.png", "/j/a-token", "/static/css/site.css"]
    seen += ["/privacy/", "/handout/on-doors/opening/", "/sitemap.xml"]
    assert [path for path in private if rules.can_fetch("WhatsApp", path)] == []
    assert [path for path in seen if not rules.can_fetch("WhatsApp", path)] == []
