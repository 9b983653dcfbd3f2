"""The journal by part: every time through under its question, also of texts that are gone (W11)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.content.loader import forget_library
from devotional.reflections.models import OnPaper, Reading, Reflection
from harness.actors import Browser
from harness.html_forms import Fields
from tests.conftest import DOORS
from tests.reflections.helpers import change, plain, the_reader

ALL = "/readings/"
PAGE = "/readings/on-doors/"
BEGIN = f"{PAGE}begin/"
CANARY = "The canary of the first reader."


def page(browser: Browser, path: str = PAGE) -> str:
    shown = browser.get(path)
    assert shown.status_code == 200
    return str(shown.content.decode())


def words(html: str) -> list[str]:
    return re.findall(r'<div class="own"[^>]*>(.*?)</div>', html, re.DOTALL)


def articles(html: str) -> list[str]:
    return re.findall(r"<article.*?</article>", html, re.DOTALL)


def test_someone_unknown_is_told_what_will_be_here(
    stranger: Browser, reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        shown = stranger.get(ALL)
    html = shown.content.decode()
    assert (shown.status_code, len(shown.cookies)) == (200, 0)
    assert "Nothing here yet." in html
    assert 'href="/"' in html
    assert "on-doors" not in html


def test_one_devotional_is_shown_at_once_and_several_are_listed(reader: Browser) -> None:
    assert page(reader, ALL) == page(reader)
    Reading.objects.create(
        reader=the_reader(), devotional="on-windows", number=1, begun_at=timezone.now()
    )
    reader.post(BEGIN)
    html = page(reader, ALL)
    assert re.findall(r"<h2[^>]*><a href=\"(.*?)\">(.*?)</a>", html) == [
        (PAGE, "On Doors"),
        ("/readings/on-windows/", "On windows"),
    ]
    assert "Second time through begun" in plain(html)
    assert "No longer available to read. What you wrote is still here." in plain(html)


def test_the_three_views_lead_to_each_other(reader: Browser) -> None:
    views = {"/journal/": "By date", ALL: "By part", "/hinges/": "Hinges"}
    for path, name in views.items():
        html = page(reader, path)
        tabs = html.partition('<nav class="tabs"')[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)"', tabs) == list(views)
        assert re.findall(r'aria-current="page">([^<]+)<', tabs) == [name]
        assert re.findall(r"<h1>(.*?)</h1>", html) == ["Your journal"]


def test_a_part_shows_what_was_written_under_what_was_asked(reader: Browser) -> None:
    reader.write("hinges", turn="On a <b>small</b> thing.\n\n  Kept.")
    html = page(reader)
    assert re.findall(r"<h3[^>]*>(.*?)</h3>", html) == ["On Doors", "Hinges"]
    assert re.findall(r"<h4[^>]*>(.*?)</h4>", html) == [
        "Which door is before you?",
        "What does this day turn on?",
    ]
    assert words(html) == [CANARY, "On a &lt;b&gt;small&lt;/b&gt; thing.\n\n  Kept."]
    first, second = Reflection.objects.by(the_reader()).order_by("begun_at")
    assert re.findall(r'href="(/history/.*?|/reflect/.*?)"', html) == [
        "/reflect/on-doors/opening/?reading=1#text-before",
        f"/history/{first.id}/",
        "/reflect/on-doors/hinges/?reading=1#text-turn",
        f"/history/{second.id}/",
    ]


def test_each_time_through_stands_under_its_question_the_newest_first(reader: Browser) -> None:
    reader.post(BEGIN)
    reader.write("opening", before="The second time.", closed="Only once.")
    html = page(reader)
    assert words(html) == ["The second time.", CANARY, "Only once."]
    newest, before, once = articles(html)
    assert ("of-before" in newest, "of-before" in before, "of-before" in once) == (
        False,
        True,
        False,
    )
    assert "· Second time through" in plain(newest)
    assert "· First time through" in plain(before)
    assert re.findall(r'href="(/hinges/then-and-now/.*?)"', html) == [
        "/hinges/then-and-now/on-doors/opening/before/"
    ]


def test_a_question_that_read_differently_says_how(reader: Browser) -> None:
    reader.post(BEGIN)
    reader.write("opening", before="The second time.")
    Reflection.objects.filter(reading__number=1).update(asked="Which door was it?")
    html = page(reader)
    assert re.findall(r"<h4[^>]*>(.*?)</h4>", html) == ["Which door is before you?"]
    assert "The question then: Which door was it?" in plain(html)


def test_a_time_through_without_a_word_says_so_warmly(reader: Browser) -> None:
    reader.post(BEGIN)
    assert (
        "Your second time through has begun. The boxes are empty, ready for whatever you find "
        "this time. Continue reading" in plain(page(reader))
    )
    reader.write("opening", before="The second time.")
    Reflection.objects.filter(reading__number=1).delete()
    assert "Nothing was written this time. Some readings are just for reading." in plain(
        page(reader)
    )
    Reflection.objects.all().delete()
    Reading.objects.filter(number=2).delete()
    assert "Nothing written yet. Take your time." in plain(page(reader))


def test_a_part_on_paper_is_told(reader: Browser) -> None:
    OnPaper.objects.create(
        reader=the_reader(), reading=Reading.objects.get(reader=the_reader()), section="thresholds"
    )
    assert "Thresholds You wrote on paper." in plain(page(reader))
    reader.post(BEGIN)
    assert "Thresholds First time through · You wrote on paper." in plain(page(reader))


def test_a_cleared_box_points_to_its_history(reader: Browser) -> None:
    reader.write("opening", before="")
    html = page(reader)
    assert "You cleared this on" in plain(html)
    assert "Earlier versions are still here." in plain(html)
    assert "/journal/delete/" not in html


@pytest.mark.parametrize(
    ("old", "new", "retired", "says"),
    [
        ("{: #hinges", "{: #hooks", "hinges", "This part is no longer in the text."),
        ("{: #turn }", "{: #spin }", "hinges/turn", "This question is no longer in the text."),
    ],
)
def test_what_is_gone_from_the_text_is_not_gone_from_here(
    old: str, new: str, retired: str, says: str, reader: Browser, content: Path
) -> None:
    reader.write("hinges", turn="On a small thing.")
    change(content, old, new, retired=retired)
    said = plain(page(reader))
    assert f"{says} What you wrote is still here." in said
    assert "What does this day turn on?" in said
    assert "On a small thing." in said
    assert "/reflect/on-doors/hinges/" not in page(reader)


def test_a_devotional_that_is_gone_is_still_here(reader: Browser, content: Path) -> None:
    (content / "on-doors.md").rename(content / "on-windows.md")
    (content / "on-windows.md").write_text(DOORS.replace("On Doors", "On Windows"))
    forget_library()
    html = page(reader)
    assert "On doors No longer available to read. What you wrote is still here." in plain(html)
    assert CANARY in html
    assert "Begin again" not in html
    assert reader.post(BEGIN).status_code == 404
    assert Reading.objects.by(the_reader()).count() == 1


def test_words_that_do_not_open_cost_one_line(reader: Browser) -> None:
    reader.write("hinges", turn="On a small thing.")
    Reflection.objects.filter(section="hinges").update(sealed=b"\x01" + b"0" * 60)
    said = plain(page(reader))
    assert "This can’t be opened right now" in said
    assert CANARY in said


def test_an_answer_deleted_here_comes_back_as_it_stood_here(reader: Browser) -> None:
    html = page(reader)
    mine = Reflection.objects.by(the_reader()).get()
    gone = reader.send(f"/journal/delete/{mine.pk}/", Fields(html).values, htmx=True)
    back = reader.send(f"/journal/put-back/{mine.pk}/", Fields(gone.content.decode()).values)
    said = plain(back.content.decode())
    assert "· First time through" in said
    assert "Restored." in said
    assert "<h3" not in back.content.decode()


def test_the_pages_cost_the_same_for_one_and_three_times(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def look() -> None:
        with django_assert_num_queries(7):
            reader.get(PAGE)
        with django_assert_num_queries(8):
            reader.get(ALL)

    look()
    for again in ("The second time.", "The third time."):
        reader.post(BEGIN)
        reader.write("opening", before=again, closed=again)
        reader.write("hinges", turn=again)
    assert Reading.objects.by(the_reader()).count() == 3
    look()


def test_another_reader_sees_their_own(reader: Browser, other_reader: Browser) -> None:
    Reading.objects.all().update(begun_at=timezone.now() - timedelta(days=9))
    assert words(page(reader)) == [CANARY]
    assert words(page(other_reader)) == words(page(other_reader, ALL))
    assert words(page(other_reader)) == ["Words of the other reader."]
