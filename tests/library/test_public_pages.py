"""Public pages are the same bytes for everyone, made once, and cost no query (R1-R4)."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoAssertNumQueries

from devotional.lib.http import NotPublicError, public_page
from harness.actors import Browser

PAGES = [
    "/",
    "/read/on-doors/",
    "/read/on-doors/opening/",
    "/read/on-doors/hinges/",
    "/end/on-doors/",
    "/print/on-doors/",
    "/print/on-doors/opening/",
    "/handout/on-doors/opening/",
    "/guide/on-doors/opening/",
    "/meeting/on-doors/opening/",
]


def words(html: str) -> list[str]:
    return unescape(re.sub(r"<[^>]+>", " ", html)).split()


def plain(text: list[str]) -> list[str]:
    """Words without the typography that the text may gain: quotes, dashes, ellipses."""
    joined = " ".join(text)
    for fancy, simple in {"“": '"', "”": '"', "’": "'", "‘": "'", "…": "..."}.items():
        joined = joined.replace(fancy, simple)
    return joined.split()


def test_the_three_pages_hold_the_essay_and_not_a_word_more(real_content: Path) -> None:
    """The title, the headings and the prose of the pages, in order, are the essay."""
    client = Client()
    read: list[str] = []
    for section in ("opening", "hingy", "gradual"):
        page = client.get(f"/read/the-continual-pursuit-of-breakthrough/{section}/")
        html = page.content.decode()
        (heading,) = re.findall(r"<h1>(.*?)</h1>", html, re.S)
        (prose,) = re.findall(r'<div class="prose">(.*?)</div>\s*</article>', html, re.S)
        read += words(heading) + words(prose)
    essay = (Path(__file__).parent.parent / "content" / "essay.txt").read_text()
    assert plain(read) == plain(essay.split())


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_costs_no_query_and_sets_no_cookie(
    path: str, reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        page = reader.get(path)
    assert page.status_code == 200
    assert not page.cookies
    assert page["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert page["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_is_the_same_bytes_for_everyone(
    path: str, reader: Browser, other_reader: Browser, stranger: Browser
) -> None:
    pages = {
        reader.get(path).content,
        other_reader.get(path, headers={"hx-request": "true"}).content,
        stranger.get(path + "?from=a-link", headers={"accept-language": "fr"}).content,
    }
    assert len(pages) == 1
    (page,) = pages
    assert b"csrfmiddlewaretoken" not in page
    assert b"canary" not in page


def test_a_page_takes_no_cookie_back(client: Client, content: Path) -> None:
    """Django deletes a session's cookie that can't be one; here that waits for a private page."""
    client.cookies["session"] = "short"
    page = client.get("/read/on-doors/opening/")
    assert (page.status_code, dict(page.cookies)) == (200, {})
    assert page["Vary"] == "Accept-Encoding"


def test_a_broken_cookie_is_nothing_to_a_public_page(content: Path) -> None:
    whole = Client().get("/").content
    broken = Client()
    broken.cookies["csrftoken"] = "x"
    page = broken.get("/")
    assert (page.status_code, page.content, dict(page.cookies)) == (200, whole, {})
    assert page["Vary"] == "Accept-Encoding"


def test_a_page_seen_before_is_answered_with_304(content: Path) -> None:
    client = Client()
    first = client.get("/read/on-doors/opening/")
    again = client.get("/read/on-doors/opening/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_a_changed_text_shows_under_a_new_tag(content: Path) -> None:
    client = Client()
    first = client.get("/read/on-doors/opening/")
    file = content / "on-doors.md"
    file.write_text(file.read_text().replace("changed its mind", "learned to move"))
    from devotional.content.loader import forget_library

    forget_library()
    second = client.get("/read/on-doors/opening/", headers={"if-none-match": first["ETag"]})
    assert second.status_code == 200
    assert "learned to move" in second.content.decode()


def test_a_public_page_that_would_set_a_cookie_is_refused() -> None:
    @public_page
    def with_cookie(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie("who", "me")
        return response

    @public_page
    def varying(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Vary": "Cookie"})

    for view in (with_cookie, varying):
        with pytest.raises(NotPublicError):
            view(RequestFactory().get("/"))


def test_one_place_knows_which_views_are_public() -> None:
    public = {
        pattern.name
        for slice_ in get_resolver().url_patterns
        if isinstance(slice_, URLResolver)
        for pattern in slice_.url_patterns
        if isinstance(pattern, URLPattern) and getattr(pattern.callback, "is_public", False)
    }
    assert public == {
        *("home", "cover", "section", "end", "privacy"),
        *("print", "print-section", "handout", "guide", "meeting"),
        *("preview", "section-preview", "sitemap", "robots"),
        *("service-worker", "offline", "manifest"),
    }


def test_home_is_the_cover_where_there_is_one_devotional(content: Path) -> None:
    client = Client()
    assert client.get("/").content == client.get("/read/on-doors/").content


def test_home_is_the_shelf_where_there_are_two(content: Path) -> None:
    (content / "on-windows.md").write_text("---\ntitle: On Windows\n---\n\nLight comes in.\n")
    page = Client().get("/").content.decode()
    assert re.findall(r'<a href="(/read/[^"]+)"><svg.*?</svg><b>(.*?)</b>', page) == [
        ("/read/on-doors/", "On Doors"),
        ("/read/on-windows/", "On Windows"),
    ]


def test_home_says_what_to_do_when_nothing_is_there(content: Path) -> None:
    (content / "on-doors.md").unlink()
    page = Client().get("/")
    assert page.status_code == 200
    assert "There’s nothing to read here yet" in page.content.decode()


def test_the_cover_names_author_summary_and_minutes(content: Path) -> None:
    html = Client().get("/read/on-doors/").content.decode()
    text = " ".join(words(html))
    assert "On Doors by A. Carpenter Two short pieces about doors. 3 parts" in text
    assert re.findall(r'class="contents path".*?</ol>', html, re.S)
    assert text.count("· about 3 minutes · a question after") == 1
    assert text.count(" 1 minute") == 3


def test_a_section_knows_its_place(content: Path) -> None:
    html = Client().get("/read/on-doors/hinges/").content.decode()
    assert " ".join(words(html)).count("Part 2 of 3") == 1
    assert '<progress class="growing" max="3" value="2" aria-label="Part 2 of 3">' in html
    assert re.findall(r'rel="(prev|next)" href="([^"]+)"', html) == [
        ("prev", "/read/on-doors/opening/"),
        ("next", "/read/on-doors/thresholds/"),
    ]
    assert re.findall(r'href="([^"]+)" aria-current="page"', html) == ["/read/on-doors/hinges/"]
    assert html.count("<h1>") == 1


def test_questions_for_a_group_are_not_shown_to_one_alone(content: Path) -> None:
    html = Client().get("/read/on-doors/opening/").content.decode()
    assert "Which door is before you?" in html
    assert "hold open for others" not in html


def test_a_section_without_prompts_has_no_panel(content: Path) -> None:
    html = Client().get("/read/on-doors/thresholds/").content.decode()
    assert "/reflect/" not in html


def cover_of(body: str, folder: Path) -> str:
    (folder / "asking.md").write_text(f"---\ntitle: Asking\n---\n\n{body}")
    return unescape(Client().get("/read/asking/").content.decode())


def test_a_cover_promises_questions_only_where_there_are_some(content: Path) -> None:
    everywhere = cover_of("Words.\n\n### Reflect\n\n- Which ones?\n", content)
    assert "a question after each" in everywhere
    somewhere = unescape(Client().get("/read/on-doors/").content.decode())
    assert "a question after some" in somewhere


def test_a_cover_without_questions_promises_none(content: Path) -> None:
    html = cover_of("Words.\n", content)
    assert "a question after" not in html
    assert "private to you" not in html
    assert "No account needed." in html


@pytest.mark.parametrize(
    "path", ["/read/nothing/", "/read/on-doors/nothing/", "/nothing/", "/read/on-doors/opening/x/"]
)
def test_an_unknown_address_says_what_to_do_next(path: str, content: Path) -> None:
    page = Client().get(path)
    assert page.status_code == 404
    html = page.content.decode()
    assert "<h1>We can’t find that page</h1>" in html
    assert 'href="/">Go to the home page</a>' in html
    assert page["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_a_page_is_inline_or_from_elsewhere(path: str, content: Path) -> None:
    html = Client().get(path).content.decode()
    # What scripts say stands in the page as JSON, which no browser runs.
    html = html.replace('<script id="autosave-phrases" type="application/json">', "")
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", html) == []
    # The canonical address and those for messengers are names; a browser fetches none of them.
    loaded = re.sub(r'<(?:link rel="canonical"|meta property="og:)[^>]*>', "", html)
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', loaded) == []


def test_the_language_and_direction_come_from_the_text(content: Path) -> None:
    (content / "al-bab.md").write_text("---\ntitle: الباب\nlanguage: ar\n---\n\nنص قصير.\n")
    html = Client().get("/read/al-bab/").content.decode()
    assert '<html lang="ar">' in html
    assert '<article class="cover" dir="rtl"' in html


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_take_nothing(method: str, content: Path) -> None:
    call: Callable[[str], HttpResponse] = getattr(Browser(), method)
    assert call("/read/on-doors/").status_code == 405
