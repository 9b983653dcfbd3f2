"""What the panel shows from before: earlier readings' answers and questions now gone (W11, W13)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.content.library import Prompt, Section
from devotional.readers.guests import make_guest
from devotional.readers.models import Reader
from devotional.reflections.earlier import (
    EarlierAnswer,
    answers_up_to,
    earlier_answers,
    gone_among,
)
from devotional.reflections.models import Reading, Reflection
from devotional.templatetags.lookback import reading_name
from tests.reflections.helpers import plain

SECTION = Section(
    id="opening",
    number=1,
    title="On Doors",
    label="On Doors",
    html="",
    minutes=1,
    digest="0" * 64,
    prompts=(Prompt("before", "Which door is before you?"),),
)

type Write = Callable[..., Reflection]


@pytest.fixture
def someone(key_ring: object, db: None) -> Reader:
    return make_guest()


@pytest.fixture
def someone_else(key_ring: object, db: None) -> Reader:
    return make_guest()


@pytest.fixture
def write() -> Write:
    """Words in a reading that is made where it is not there yet: `write(reader, 1, "…")`."""

    def written(
        reader: Reader,
        number: int,
        text: str,
        *,
        prompt: str = "before",
        section: str = "opening",
        devotional: str = "on-doors",
        asked: str = "Which door is before you?",
    ) -> Reflection:
        now = timezone.now()
        reading, _ = Reading.objects.get_or_create(
            reader=reader, devotional=devotional, number=number, defaults={"begun_at": now}
        )
        one = Reflection(
            reader=reader,
            reading=reading,
            section=section,
            prompt=prompt,
            asked=asked,
            section_digest="0" * 64,
            begun_at=now,
            written_at=now,
        )
        one.text = text
        one.save(force_insert=True)
        return one

    return written


def told(found: dict[str, list[EarlierAnswer]]) -> dict[str, list[tuple[int, str | None]]]:
    return {prompt: [(each.reading, each.text) for each in found[prompt]] for prompt in found}


def before(reader: Reader, number: int) -> dict[str, list[EarlierAnswer]]:
    """What the panel of that reading shows from before."""
    reading = Reading(reader=reader, devotional="on-doors", number=number)
    return earlier_answers(answers_up_to(reader, reading, "opening"), number)


def test_earlier_answers_are_newest_first_and_of_this_section_alone(
    someone: Reader, someone_else: Reader, write: Write
) -> None:
    write(someone, 1, "one")
    write(someone, 2, "two")
    write(someone, 3, "three")
    write(someone, 1, "elsewhere", section="hinges")
    write(someone, 1, "another text", devotional="on-windows")
    write(someone_else, 1, "the canary of someone else")
    found = before(someone, 3)
    assert told(found) == {"before": [(2, "two"), (1, "one")]}


def test_a_cleared_box_is_no_earlier_answer(someone: Reader, write: Write) -> None:
    write(someone, 1, " \n")
    write(someone, 2, "two")
    assert told(before(someone, 2)) == {}
    assert told(before(someone, 3)) == {"before": [(2, "two")]}


def test_words_that_do_not_open_are_told_and_break_nothing(someone: Reader, write: Write) -> None:
    shut = write(someone, 1, "shut")
    Reflection.objects.by(someone).filter(pk=shut.pk).update(sealed=b"\x01" + b"0" * 60)
    assert told(before(someone, 2)) == {"before": [(1, None)]}


@pytest.mark.parametrize("number", [2, 4])
def test_it_is_one_query_however_many(
    number: int, someone: Reader, write: Write, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for earlier in range(1, number):
        write(someone, earlier, "words")
        write(someone, earlier, "words", prompt="closed")
    write(someone, number, "and now")
    with django_assert_num_queries(1):
        found = before(someone, number)
    assert [len(found[prompt]) for prompt in ("before", "closed")] == [number - 1] * 2


def test_nothing_was_before_a_first_reading(someone: Reader, write: Write) -> None:
    write(someone, 1, "words")
    assert before(someone, 1) == {}


def test_answers_to_questions_that_are_gone(
    someone: Reader,
    someone_else: Reader,
    write: Write,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    write(someone, 1, "asked still")
    write(someone, 1, "asked no more", prompt="gone", asked="Which window?")
    write(someone, 1, "", prompt="gone-and-cleared")
    write(someone, 2, "in a later reading", prompt="gone")
    write(someone_else, 1, "the canary of someone else", prompt="gone")
    rows = Reflection.objects.by(someone).filter(reading__number=1)
    with django_assert_num_queries(1):
        found = gone_among(SECTION, rows, 1)
    assert [(each.asked, each.text) for each in found] == [("Which window?", "asked no more")]


# The templates


def an_answer(**changes: object) -> EarlierAnswer:
    values: dict[str, object] = {
        "reflection_id": "5ad6499d-9030-4f7e-a11a-fc32997ad3c6",
        "prompt": "before",
        "reading": 1,
        "written_at": datetime(timezone.now().year, 3, 3, 12, tzinfo=UTC),
        "asked": "Which door is before you?",
        "text": "  <script>alert(1)</script>\n\nkept  ",
    }
    return EarlierAnswer(**(values | changes))  # type: ignore[arg-type]  # values by name


def earlier(*answers: EarlierAnswer, open: bool = False, asked: str = "") -> str:  # noqa: A002
    box = SimpleNamespace(prompt=Prompt("before", asked or "Which door is before you?"))
    context = {"earlier": answers, "open": open, "box": box}
    return render_to_string("reflections/earlier.html", context)


def test_an_earlier_answer_is_folded_until_it_is_to_be_open() -> None:
    assert '<details class="earlier">' in earlier(an_answer())
    assert '<details class="earlier" open>' in earlier(an_answer(), open=True)
    assert earlier().strip() == ""


def test_an_earlier_answer_says_when_and_keeps_the_words_as_typed() -> None:
    html = earlier(an_answer())
    (summary,) = re.findall(r"<summary>(.*?)</summary>", html)
    assert plain(summary) == "What you wrote on 3 March"
    assert (
        '<div class="own" dir="auto" hx-disable>'
        "  &lt;script&gt;alert(1)&lt;/script&gt;\n\nkept  </div>" in html
    )


def test_an_earlier_answer_of_another_year_says_which() -> None:
    html = earlier(an_answer(written_at=datetime(2019, 3, 3, 12, tzinfo=UTC)))
    assert "What you wrote on 3 March 2019" in plain(html)


def test_more_than_one_earlier_answer_each_have_their_date() -> None:
    later = an_answer(reading=2, text="later")
    before = an_answer(written_at=later.written_at - timedelta(days=400))
    html = earlier(later, before)
    assert "What you wrote on 3 March and earlier" in plain(html)
    said = plain(html)
    assert said.index(reading_name(2)) < said.index("later") < said.index(reading_name(1))
    assert html.count("<time ") == 3


def test_the_question_is_shown_only_where_it_read_differently() -> None:
    assert "The question then" not in earlier(an_answer())
    assert "The question then: Which door is before you?" in plain(
        earlier(an_answer(), asked="Which door is next?")
    )


def test_what_does_not_open_says_so() -> None:
    assert "can’t be opened right now" in earlier(an_answer(text=None))


def test_a_question_that_is_gone_shows_its_words_and_the_answer() -> None:
    html = render_to_string("reflections/gone.html", {"gone": [an_answer(asked="<b>Which?</b>")]})
    assert "A question that used to be here: &lt;b&gt;Which?&lt;/b&gt;" in plain(html)
    assert "&lt;script&gt;" in html
    assert 'href="/history/5ad6499d-9030-4f7e-a11a-fc32997ad3c6/"' in html


@pytest.mark.parametrize(
    ("changed", "asked_then", "says"),
    [
        (False, "", ""),
        (True, "", "This part has been edited since you wrote this."),
        (False, "<i>Why?</i>", "The question then: &lt;i&gt;Why?&lt;/i&gt;"),
    ],
)
def test_a_change_of_the_text_is_told_in_one_line(
    changed: bool, asked_then: str, says: str
) -> None:
    box = SimpleNamespace(changed=changed, asked_then=asked_then)
    assert plain(render_to_string("reflections/changed.html", {"box": box})) == says


def test_times_through_have_names_up_to_the_tenth() -> None:
    assert [reading_name(number) for number in (1, 2, 10, 11, 0)] == [
        "First time through",
        "Second time through",
        "Tenth time through",
        "11th time through",
        "0th time through",
    ]
