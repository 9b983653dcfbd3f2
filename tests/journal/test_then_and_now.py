"""One question across readings, side by side and dated (K7)."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from devotional.content.loader import forget_library
from devotional.journal.models import Hinge
from devotional.reflections.models import Reading, Reflection
from devotional.reflections.passages import Passage
from harness.actors import Browser
from tests.reflections.helpers import change, plain, the_reader

PAGE = "/hinges/then-and-now/on-doors/opening/before/"
CANARY = "The canary of the first reader."
MONTHS = {1: 3, 2: 6, 3: 11}  # March, June, November


def add(number: int, text: str, *, asked: str = "Which door is before you?") -> Reflection:
    """An answer to the same question in another reading."""
    reader = the_reader()
    day = datetime(2025, MONTHS.get(number, 12), 3, 9, tzinfo=UTC)
    reading, _new = Reading.objects.get_or_create(
        reader=reader, devotional="on-doors", number=number, defaults={"begun_at": day}
    )
    reflection = Reflection(
        reader=reader,
        reading=reading,
        section="opening",
        prompt="before",
        asked=asked,
        section_digest="",
        begun_at=day,
        written_at=day,
    )
    reflection.text = text
    reflection.save()
    return reflection


def sides(html: str) -> list[tuple[str, str, str]]:
    """Day, reading and words of each side."""
    found = re.findall(
        r"<h2[^>]*>(.*?)</h2>.*?<p class=\"then\" id[^>]*>(.*?)</p>"
        r".*?<div class=\"own\"[^>]*>(.*?)</div>",
        html,
        re.DOTALL,
    )
    return [(plain(day), reading, words) for day, reading, words in found]


@pytest.fixture
def returned(reader: Browser) -> Browser:
    """A reader with three readings: March, June and November."""
    day = datetime(2025, 3, 3, 9, tzinfo=UTC)
    Reflection.objects.by(the_reader()).update(written_at=day, begun_at=day)
    add(2, "In June.")
    add(3, "In November.")
    return reader


def page(browser: Browser, query: str = "") -> str:
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    return str(answer.content.decode())


FIRST = ("3 March 2025", "First time through", CANARY)
SECOND = ("3 June 2025", "Second time through", "In June.")
THIRD = ("3 November 2025", "Third time through", "In November.")


def test_the_first_beside_the_newest(returned: Browser) -> None:
    html = page(returned)
    assert sides(html) == [FIRST, THIRD]
    assert html.count("Which door is before you?") == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?then=2", [SECOND, THIRD]),
        ("?now=2", [FIRST, SECOND]),
        ("?then=3&now=1", [THIRD, FIRST]),
        ("?then=2&now=2", [SECOND, THIRD]),
        ("?then=3&now=3", [THIRD, SECOND]),
        ("?then=77&now=88", [FIRST, THIRD]),
    ],
)
def test_two_of_three_are_chosen(
    returned: Browser, query: str, expected: list[tuple[str, str, str]]
) -> None:
    assert sides(page(returned, query)) == expected


def test_every_choice_leads_to_what_it_says(returned: Browser) -> None:
    html = page(returned)
    links = re.findall(r'<a href="(\?[^"]+)">(\w+ time through)</a>', html)
    assert [name for _query, name in links] == ["Second time through", "Second time through"]
    first, second = (page(returned, query.replace("&amp;", "&")) for query, _name in links)
    assert (sides(first), sides(second)) == ([SECOND, THIRD], [FIRST, SECOND])


@pytest.mark.parametrize("query", ["?then=0", "?then=x", "?now=-1", "?now=99999999999999"])
def test_nonsense_in_the_address(returned: Browser, query: str) -> None:
    assert returned.get(PAGE + query).status_code == 404


def test_the_question_as_it_was_asked_each_time(reader: Browser) -> None:
    add(2, "A new one.", asked="Which door stands before you now?")
    html = page(reader)
    asked = re.findall(r'<p class="question-then"[^>]*>(.*?)</p>', html)
    assert asked == ["Which door is before you?", "Which door stands before you now?"]
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == ["Which door stands before you now?"]


def test_one_answer_has_nothing_beside_it_yet(reader: Browser) -> None:
    html = page(reader)
    said = plain(html)
    assert "Nothing to put beside it yet. When you’re ready, begin again with empty boxes." in said
    form = re.search(r'action="(/readings/on-doors/begin/)"', html)
    assert form
    answer = reader.post(form[1], reader.fields(PAGE))
    assert answer["Location"] == "/read/on-doors/opening/#again"
    said = plain(page(reader))
    assert "You’ve begun your second time through, but haven’t answered this yet." in said
    assert "Begin again" not in said


def test_marked_lines_are_lit_on_both_sides(returned: Browser) -> None:
    for number, quote in ((1, "canary"), (3, "November")):
        row = Reflection.objects.by(the_reader()).get(reading__number=number)
        at = row.text.index(quote)
        passage = Passage.lifted(row.text, at, at + len(quote))
        assert passage is not None
        hinge = Hinge(reader=row.reader, reflection=row, marked_at=row.written_at)
        hinge.text = passage.written()
        hinge.save()
    assert [words for _day, _time, words in sides(page(returned))] == [
        "The <mark>canary</mark> of the first reader.",
        "In <mark>November</mark>.",
    ]


def test_cleared_answers_do_not_count(returned: Browser) -> None:
    for reflection in Reflection.objects.by(the_reader()).filter(reading__number__gt=1):
        reflection.text = " \n"
        reflection.save()
    assert sides(page(returned)) == [FIRST]
    for reflection in Reflection.objects.by(the_reader()):
        reflection.text = ""
        reflection.save()
    assert returned.get(PAGE).status_code == 404


def test_what_can_not_be_opened_costs_its_side(returned: Browser) -> None:
    Reflection.objects.by(the_reader()).filter(reading__number=3).update(sealed=b"nonsense")
    html = page(returned)
    assert "This can’t be opened right now" in plain(html)
    assert sides(html) == [FIRST]


def test_a_question_that_is_gone(content: Path, returned: Browser) -> None:
    change(content, "- Which door is before you? {: #before }\n", "", retired="opening/before")
    html = page(returned)
    assert sides(html) == [FIRST, THIRD]
    assert "This question is no longer in the text. What you wrote is still here." in plain(html)


def test_a_devotional_that_is_gone(content: Path, reader: Browser) -> None:
    (content / "on-doors.md").unlink()
    (content / "another.md").write_text("---\ntitle: Another\nsummary: One.\n---\n\nWords.\n")
    forget_library()
    html = page(reader)
    assert CANARY in html
    assert "Begin again" not in html
    assert "Remind me" not in html


def test_by_part_only_where_there_are_two(reader: Browser) -> None:
    readings = "/readings/on-doors/"
    assert PAGE not in reader.get(readings).content.decode()
    add(2, "Again.")
    reader.write("opening", closed="Only once.")
    html = reader.get(readings).content.decode()
    assert re.findall(r'href="(/hinges/then-and-now/[^"]+)"', html) == [PAGE]


def test_a_stranger_sees_nothing(
    returned: Browser, other_reader: Browser, stranger: Browser
) -> None:
    assert CANARY in page(returned)
    assert sides(page(other_reader))[0][2] == "Words of the other reader."
    assert CANARY not in page(other_reader)
    Reflection.objects.exclude(reader=the_reader()).delete()
    for browser in (other_reader, stranger):
        assert browser.get(PAGE).status_code == 404
    for browser in (other_reader, stranger):
        assert browser.post(PAGE).status_code == 405
    assert CANARY in page(returned)


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    reader: Browser, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for reading in range(2, number + 2):
        add(reading, "Again.")
    with django_assert_num_queries(3):
        assert len(sides(page(reader))) == 2
