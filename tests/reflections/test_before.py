"""What the panel shows of before: earlier readings, earlier wordings, another text (W11-W13)."""

import re
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from devotional.content.loader import forget_library
from devotional.reflections.models import Reading, Reflection
from devotional.templatetags.lookback import reading_name
from harness.actors import Browser

PAGE = "/reflect/on-doors/opening/"
PANEL = f"{PAGE}panel/"
CANARY = "The canary of the first reader."


def html(reader: Browser, path: str = PANEL) -> str:
    return str(reader.get(path).content.decode())


def begin_again(reader: Browser) -> None:
    assert reader.post("/readings/on-doors/begin/").status_code == 302


def edit(content: Path, old: str, new: str) -> None:
    file = content / "on-doors.md"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    forget_library()


def test_a_first_reading_has_no_before(reader: Browser) -> None:
    page = html(reader)
    assert "What you wrote on" not in page
    assert "eyebrow" not in page


def test_a_second_reading_opens_with_empty_boxes(reader: Browser) -> None:
    begin_again(reader)
    assert reader.texts() == {"before": "", "closed": ""}
    page = html(reader)
    (said,) = re.findall(r'<p class="eyebrow">(.*?)</p>', page)
    assert re.sub("<.*?>", "", said).startswith(f"{reading_name(2)} · begun ")
    assert re.findall(r'<details class="earlier"( open)?>', page) == [""]
    assert CANARY in page


def test_what_was_written_before_unfolds_once_something_is_written(reader: Browser) -> None:
    begin_again(reader)
    reader.write("opening", before="In March.")
    assert re.findall(r'<details class="earlier"( open)?>', html(reader)) == [" open"]
    assert {r.reading.number: r.text for r in Reflection.objects.all()} == {
        1: CANARY,
        2: "In March.",
    }


def test_the_first_reading_can_still_be_written_in(reader: Browser) -> None:
    begin_again(reader)
    fields = reader.fields(f"{PAGE}?reading=1")
    assert fields["text-before"] == CANARY
    reader.send(PAGE, fields | {"text-before": "Amended."})
    assert {r.reading.number: r.text for r in Reflection.objects.all()} == {1: "Amended."}
    assert reader.texts() == {"before": "", "closed": ""}


@pytest.mark.parametrize("asked", ["0", "x", "-1", "99999", "7", "¹"])
def test_readings_that_there_are_not(asked: str, reader: Browser) -> None:
    assert reader.fields(f"{PAGE}?reading={asked}")["text-before"] == CANARY


def test_a_save_for_a_reading_that_was_taken_back_meets_what_stands(reader: Browser) -> None:
    """Begun by mistake, undone in another tab: the words go to the reading before, over nothing."""
    begin_again(reader)
    sent = reader.fields(PANEL) | {"text-before": "typed in between"}
    assert reader.post("/readings/on-doors/undo/", {"number": "2"}).status_code == 302
    assert Reading.objects.count() == 1
    assert reader.send(PAGE, sent).status_code == 409
    assert reader.texts()["before"] == CANARY


def test_earlier_wordings_are_one_link_away(reader: Browser) -> None:
    reader.write("opening", before="Something else entirely, at length.")
    (link,) = re.findall(r'<a href="(/history/.*?/)">Earlier versions</a>', html(reader))
    assert CANARY in html(reader, link)


def test_a_changed_section_is_said_beside_what_was_written(reader: Browser, content: Path) -> None:
    edit(content, "changed its mind", "lost its nerve")
    page = html(reader)
    assert page.count("This part has been edited since you wrote this.") == 1
    assert "The question then" not in page
    reader.write("opening", before="Written to the new text.")
    assert "has been edited since" not in html(reader)


def test_a_changed_question_is_shown_as_it_was_answered(reader: Browser, content: Path) -> None:
    edit(content, "Which door is before you?", "Which door is next?")
    page = html(reader)
    assert "The question then:" in page
    assert "Which door is before you?" in page
    assert reader.texts()["before"] == CANARY


def test_a_question_that_is_gone_takes_nothing_with_it(reader: Browser, content: Path) -> None:
    edit(content, "- Which door is before you? {: #before }\n", "")
    edit(content, "---\ntitle", "---\nretired: [opening/before]\ntitle")
    page = html(reader)
    assert "A question that used to be here:" in page
    assert CANARY in page
    assert reader.texts() == {"closed": ""}
    reader.write("opening", closed="Written all the same.")
    assert CANARY in html(reader)


def test_nothing_of_before_is_another_s(
    reader: Browser, other_reader: Browser, stranger: Browser
) -> None:
    reader.write("opening", before="Something else entirely, at length.")
    begin_again(reader)
    for nosy in (other_reader, stranger):
        page = html(nosy)
        assert "canary" not in page
        for link in re.findall(r'href="(/history/.*?)"', html(reader)):
            assert link not in page


def test_a_third_reading_costs_no_query_more(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    begin_again(reader)
    with django_assert_num_queries(3):
        reader.get(PANEL)
    reader.write("opening", before="In March.")
    begin_again(reader)
    assert Reading.objects.count() == 3
    with django_assert_num_queries(3):
        reader.get(PANEL)
