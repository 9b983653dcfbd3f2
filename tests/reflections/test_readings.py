"""Readings: begun again and taken back; one reader's own (W11)."""

from typing import Any

import pytest

from devotional.reflections.models import OnPaper, Reading, Reflection, Revision
from devotional.reflections.readings import begin_again, undo_begin
from harness.actors import FORGED, Browser
from harness.html_forms import Fields
from tests.reflections.helpers import plain, the_reader

ALL = "/readings/"
PAGE = "/readings/on-doors/"
BEGIN = f"{PAGE}begin/"
UNDO = f"{PAGE}undo/"
CANARY = "The canary of the first reader."


def page(browser: Browser, path: str = PAGE) -> str:
    shown = browser.get(path)
    assert shown.status_code == 200
    return str(shown.content.decode())


def post(browser: Browser, path: str, **fields: Any) -> Any:
    return browser.post(path, fields)


def numbers() -> list[int]:
    return list(Reading.objects.by(the_reader()).values_list("number", flat=True))


def everything_kept() -> list[Any]:
    return [list(model.objects.values()) for model in (Reading, Reflection, Revision, OnPaper)]


def test_looking_changes_nothing(reader: Browser) -> None:
    before = everything_kept()
    for path in (ALL, PAGE, f"{PAGE}?x=1"):
        assert reader.get(path).status_code == 200
        assert reader.head(path).status_code == 200
    for path in (BEGIN, UNDO):
        assert reader.get(path).status_code == 405
    assert everything_kept() == before


# Beginning again


def test_begin_again_opens_empty_boxes_and_leaves_the_words(reader: Browser) -> None:
    begun = post(reader, BEGIN, after=1)
    assert (begun.status_code, begun["Location"]) == (302, "/read/on-doors/opening/#again")
    assert numbers() == [1, 2]
    assert reader.texts() == {"before": "", "closed": ""}
    reader.write("opening", before="The second time.")
    one, two = Reflection.objects.by(the_reader()).order_by("reading__number")
    assert (one.text, two.text) == (CANARY, "The second time.")


def test_the_page_s_own_form_begins(reader: Browser) -> None:
    html = page(reader)
    assert "Read it again with empty boxes." in plain(html)
    assert reader.post(BEGIN, Fields(html).values).status_code == 302
    assert numbers() == [1, 2]
    html = page(reader)
    assert "Begin again" not in html
    assert "Started this time by mistake? Go back to the first time through" in plain(html)
    assert reader.post(UNDO, Fields(html).values).status_code == 302
    assert numbers() == [1]


def test_begin_twice_makes_one(reader: Browser) -> None:
    for _ in range(3):
        assert post(reader, BEGIN)["Location"] == "/read/on-doors/opening/#again"
    assert numbers() == [1, 2]


def test_a_form_sent_again_later_begins_no_third(reader: Browser) -> None:
    post(reader, BEGIN, after=1)
    reader.write("opening", before="The second time.")
    post(reader, BEGIN, after=1)
    assert numbers() == [1, 2]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_a_reading_without_words_is_answered_as_it_is(text: str, reader: Browser) -> None:
    reader.write("opening", before=text)
    post(reader, BEGIN)
    assert numbers() == [1]


def test_paper_is_enough_to_begin_again(reader: Browser) -> None:
    reader.write("opening", before="")
    OnPaper.objects.create(
        reader=the_reader(), reading=Reading.objects.get(reader=the_reader()), section="hinges"
    )
    post(reader, BEGIN)
    assert numbers() == [1, 2]


def test_words_that_do_not_open_are_not_nothing(reader: Browser) -> None:
    Reflection.objects.update(sealed=b"\x01" + b"0" * 60)
    begun = begin_again(the_reader(), "on-doors")
    assert begun is not None
    assert begun.number == 2


@pytest.mark.parametrize("after", ["", "x", "-1", "٣", "9" * 40])
def test_odd_numbers_are_no_error(after: str, reader: Browser) -> None:
    assert post(reader, BEGIN, after=after).status_code == 302
    assert post(reader, UNDO, number=after).status_code == 302
    assert numbers() == [1, 2]


# Taking it back


def test_an_empty_reading_is_taken_back(reader: Browser) -> None:
    post(reader, BEGIN)
    undone = post(reader, UNDO, number=2)
    assert (undone.status_code, undone["Location"]) == (302, PAGE)
    assert numbers() == [1]
    assert reader.texts()["before"] == CANARY
    assert post(reader, UNDO, number=2)["Location"] == f"{PAGE}#stays"
    assert numbers() == [1]


def test_what_holds_anything_stays(reader: Browser) -> None:
    """Words, a box that was cleared and has a history, a mark for paper; and the only reading."""
    assert undo_begin(the_reader(), "on-doors", number=1) is False
    post(reader, BEGIN)
    reader.write("opening", before="The second time around the house.")
    assert post(reader, UNDO, number=2)["Location"] == f"{PAGE}#stays"
    reader.write("opening", before="")
    assert post(reader, UNDO, number=2)["Location"] == f"{PAGE}#stays"
    assert "Started by mistake?" not in page(reader)
    assert Revision.objects.get().text == "The second time around the house."
    assert numbers() == [1, 2]


def test_a_mark_for_paper_stays(reader: Browser) -> None:
    post(reader, BEGIN)
    second = Reading.objects.get(reader=the_reader(), number=2)
    OnPaper.objects.create(reader=the_reader(), reading=second, section="opening")
    assert undo_begin(the_reader(), "on-doors", number=2) is False


def test_only_the_newest_is_taken_back(reader: Browser) -> None:
    post(reader, BEGIN)
    reader.write("opening", before="The second time.")
    post(reader, BEGIN)
    for number in (1, 2, 4):
        assert undo_begin(the_reader(), "on-doors", number=number) is False
    assert numbers() == [1, 2, 3]


def test_the_only_reading_stays_even_where_it_is_empty(reader: Browser) -> None:
    Reflection.objects.all().delete()
    assert undo_begin(the_reader(), "on-doors", number=1) is False
    assert numbers() == [1]
    assert "Started by mistake?" not in page(reader)


# Nobody else's


def test_nobody_else_sees_or_changes_anything(
    reader: Browser, other_reader: Browser, stranger: Browser
) -> None:
    post(reader, BEGIN)
    mine = list(Reading.objects.by(the_reader()).values())
    assert CANARY in page(reader)
    for path in (ALL, PAGE):
        for browser in (other_reader, stranger):
            assert "canary" not in page(browser, path)
    assert "Words of the other reader." in page(other_reader)
    assert post(other_reader, UNDO, number=2)["Location"] == f"{PAGE}#stays"
    assert post(other_reader, BEGIN).status_code == 302
    assert post(other_reader, UNDO, number=2)["Location"] == PAGE
    assert list(Reading.objects.by(the_reader()).values()) == mine


def test_a_stranger_finds_nothing(reader: Browser, stranger: Browser) -> None:
    empty = stranger.get(PAGE)
    assert empty.status_code == 200
    assert "Nothing here yet." in empty.content.decode()
    assert stranger.get("/readings/nothing/").status_code == 404
    assert "canary" not in empty.content.decode()
    for found in (stranger.post(BEGIN), stranger.post(UNDO, {"number": 2})):
        assert found.status_code == 404
        assert "canary" not in found.content.decode()
    assert not stranger.cookies
    assert numbers() == [1]
    assert CANARY in page(reader)
    assert post(reader, BEGIN).status_code == 302
    assert numbers() == [1, 2]


def test_a_reader_without_readings_of_it_finds_nothing(
    reader: Browser, other_reader: Browser
) -> None:
    Reading.objects.exclude(reader=the_reader()).delete()
    assert page(other_reader) == page(other_reader, ALL)
    assert post(other_reader, BEGIN).status_code == 404
    assert "Nothing here yet." in page(other_reader, ALL)


def test_a_forged_form_is_refused(reader: Browser) -> None:
    for path in (BEGIN, UNDO):
        assert reader.post(path, headers=FORGED).status_code == 403
    assert numbers() == [1]


@pytest.mark.parametrize("path", [ALL, PAGE])
def test_the_pages_are_stored_nowhere(path: str, reader: Browser) -> None:
    assert reader.get(path)["Cache-Control"] == "no-store, private"
