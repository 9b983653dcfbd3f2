"""The panel: one reader's own, fetched by htmx or opened as a page, and stored nowhere (W1-W3)."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.reflections.models import Reading, Reflection
from harness.actors import Browser
from harness.html_forms import Fields

PAGE = "/reflect/on-doors/opening/"
PANEL = f"{PAGE}panel/"
ODD_TEXTS = [
    "  kept   as typed  \n",
    "\n\nfirst lines empty",
    "family 👨‍👩‍👧‍👦, flag 🏴󠁧󠁢󠁷󠁬󠁳󠁿, 𝔊𝔬𝔱𝔥𝔦𝔠",
    "שלום \u202eabc\u202c end",
    "<script>alert(1)</script> & <b>bold</b> {{ template }} {% tag %}",
    "a" * 60_000,
    "e\u0301 is not \u00e9",
    "\t tabs\tand\u00a0spaces ",
]


def test_the_panel_is_a_fragment_with_a_labelled_box_a_prompt(guest: Browser) -> None:
    html = guest.get(PANEL).content.decode()
    assert "<html" not in html
    assert re.findall(r'<label class="asked" for="(.*?)">(.*?)</label>', html) == [
        ("text-before", "Which door is before you?"),
        ("text-closed", "Which one closed?"),
    ]
    assert re.findall(r'<textarea class="box" id="(.*?)"', html) == ["text-before", "text-closed"]


def test_the_page_holds_the_same_form(guest: Browser) -> None:
    html = guest.get(PAGE).content.decode()
    assert html.count("<h1>") == 1
    assert Fields(html).values.keys() == Fields(guest.get(PANEL).content.decode()).values.keys()


def yours(html: str) -> str:
    """The panel's fold: who is writing, and the ways to what is theirs."""
    return " ".join(html.split('id="yours-here"')[1].split(">", 1)[1].split("</div>")[0].split())


def test_the_panel_says_who_is_writing_and_lets_them_leave(
    guest: Browser, other_reader: Browser
) -> None:
    assert yours(guest.get(PANEL).content.decode()) == ""
    first = yours(guest.write("opening", before="Mine.").content.decode())
    again = yours(guest.get(PANEL).content.decode())
    for said in (first, again):
        assert '<a href="/readings/on-doors/">All you wrote here</a>' in said
        assert "Writing as a guest on this browser" in said
        assert '<button class="as-link">Not you?</button>' in said
    # A page of one's own says so at its head.
    assert "Not you?" not in yours(guest.get(PAGE).content.decode())


@pytest.mark.parametrize("path", [PAGE, PANEL])
def test_every_private_reply_is_stored_nowhere(path: str, reader: Browser) -> None:
    page = reader.get(path)
    assert page["Cache-Control"] == "no-store, private"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "Cookie" in page["Vary"]


def test_a_save_is_stored_nowhere_by_browsers(reader: Browser) -> None:
    assert reader.write("opening", before="x")["Cache-Control"] == "no-store, private"
    assert reader.write("opening", before="y", htmx=False)["Cache-Control"] == "no-store, private"


def test_the_panel_costs_at_most_four_queries(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        reader.get(PANEL)
    reader.write("opening", before="One.", closed="Two.")
    with django_assert_num_queries(4):
        reader.get(PANEL)


def test_a_stranger_s_panel_costs_none(
    guest: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        guest.get(PANEL)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
@pytest.mark.parametrize("htmx", [True, False])
def test_words_come_back_exactly(text: str, htmx: bool, guest: Browser) -> None:
    guest.write("opening", before=text, htmx=htmx)
    assert guest.texts() == {"before": text, "closed": ""}
    assert guest.texts(PAGE) == {"before": text, "closed": ""}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("nul \0 here", "nul \ufffd here"),
    ],
)
def test_what_no_database_holds_is_marked(sent: str, kept: str, guest: Browser) -> None:
    assert guest.write("opening", before=sent).status_code == 200
    assert guest.texts() == {"before": kept, "closed": ""}


def test_a_lone_surrogate_is_marked(guest: Browser) -> None:
    body = "&".join(
        f"{name}={value}" for name, value in guest.fields(PANEL).items() if name != "text-before"
    )
    saved = guest.generic(
        "POST",
        PAGE,
        f"{body}&text-before=broken%ED%A0%80here",
        content_type="application/x-www-form-urlencoded",
        headers={"hx-request": "true"},
    )
    assert saved.status_code == 200
    assert guest.texts()["before"].startswith("broken\ufffd")


def test_without_htmx_a_save_goes_back_to_the_section(guest: Browser) -> None:
    saved = guest.write("opening", before="Kept.", htmx=False)
    assert (saved.status_code, saved["Location"]) == (302, "/read/on-doors/opening/#saved")


def test_with_htmx_a_save_answers_states_and_leaves_the_boxes_alone(guest: Browser) -> None:
    html = guest.write("opening", before="Kept.").content.decode()
    assert "<textarea" not in html
    assert re.findall(r'id="(state-\w+)" hx-swap-oob="innerHTML"', html) == [
        "state-before",
        "state-closed",
    ]
    assert Fields(html).values["version-before"] == "1"
    assert html.count("<time ") == 1


def test_a_reflection_keeps_where_it_belongs_and_what_was_asked(reader: Browser) -> None:
    (one,) = Reflection.objects.all()
    (reading,) = Reading.objects.all()
    assert (reading.devotional, reading.number) == ("on-doors", 1)
    assert (one.section, one.prompt, one.asked) == (
        "opening",
        "before",
        "Which door is before you?",
    )


def test_writing_nothing_keeps_nothing(guest: Browser) -> None:
    refused = guest.write("opening")
    assert refused.status_code == 422
    assert not refused.cookies
    assert "Nothing to save yet" in refused.content.decode()


def test_too_long_a_text_stays_in_its_box(reader: Browser) -> None:
    long = "ü" * 50_001
    refused = reader.write("opening", before=long, htmx=False)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "This is too long for one box" in html
    assert Fields(html).values["text-before"] == long
    assert reader.texts()["before"] == "The canary of the first reader."


@pytest.mark.parametrize(
    ("text", "size", "most"),
    [
        ("a" * 100_001, 101, 100),
        ("ü" * 50_001, 51, 50),
        ("门" * 40_000, 40, 33),
        ("🚪" * 25_001, 26, 25),
    ],
)
def test_how_much_is_too_long_is_said_in_characters(
    text: str, size: int, most: int, reader: Browser
) -> None:
    """The limit is in bytes, of which a character takes one to four."""
    html = reader.write("opening", before=text, htmx=False).content.decode()
    said = f"about {size} thousand characters, and about {most} thousand like these is the most"
    assert said in html


def test_exactly_the_limit_is_kept(reader: Browser) -> None:
    assert reader.write("opening", before="ü" * 50_000).status_code == 200


def test_other_readers_see_nothing_of_the_first(
    reader: Browser, other_reader: Browser, stranger: Browser
) -> None:
    for path in (PAGE, PANEL):
        assert "canary" in reader.get(path).content.decode()
        for nosy in (other_reader, stranger):
            shown = nosy.get(path)
            assert shown.status_code == 200
            assert "canary" not in shown.content.decode()
    assert other_reader.texts()["before"] == "Words of the other reader."
    assert stranger.texts()["before"] == ""


def test_another_readers_form_writes_into_one_s_own_boxes(
    reader: Browser, other_reader: Browser
) -> None:
    """Fields taken from someone else's page give no way to their words."""
    stolen = reader.fields(PANEL)
    other_reader.send(PAGE, stolen | {"text-before": "Mine."})
    assert reader.texts()["before"] == "The canary of the first reader."


@pytest.mark.parametrize(
    "path",
    [
        "/reflect/on-doors/nothing/",
        "/reflect/nothing/opening/panel/",
        "/reflect/on-doors/opening/1/",
        "/reflect/",
    ],
)
def test_guessed_addresses_are_nothing(path: str, reader: Browser) -> None:
    page = reader.get(path)
    assert page.status_code == 404
    assert "canary" not in page.content.decode()


def test_a_question_changed_meanwhile_is_kept_as_it_was_answered(
    guest: Browser, content: object
) -> None:
    from pathlib import Path

    from devotional.content.loader import forget_library

    assert isinstance(content, Path)
    sent = guest.fields(PANEL)
    file = content / "on-doors.md"
    file.write_text(file.read_text().replace("Which door is before you?", "Which door is next?"))
    forget_library()
    guest.send(PAGE, sent | {"text-before": "The green one."})
    assert Reflection.objects.get().asked == "Which door is before you?"


@pytest.mark.parametrize("questions", ["", "forged", "WyJ4Iiwge31d:1:abc"])
def test_forged_questions_are_not_believed(questions: str, guest: Browser) -> None:
    guest.write("opening", before="Words.", change={"questions": questions})
    assert Reflection.objects.get().asked == "Which door is before you?"


def test_the_truth_about_who_can_read_this_stands_beside_the_box(
    guest: Browser, settings: Settings
) -> None:
    settings.SITE_OPERATOR = "Sam"
    for path in (PAGE, "/read/on-doors/opening/"):
        html = guest.get(path).content.decode()
        answers = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html)
        assert answers[1] == (
            "Your group and its leader",
            "No. Only the lines you choose to share.",
        )
        assert answers[2][1].startswith("No.")
        assert answers[3][1].startswith("Technically yes, and we can’t prevent it.")
        assert "Sam also holds the key." in answers[3][1]


def test_times_are_told_with_their_zone(reader: Browser) -> None:
    times = re.findall(r'<time datetime="(.*?)"', reader.get(PANEL).content.decode())
    assert times
    for time in times:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", time)


def test_a_head_request_is_answered(guest: Browser) -> None:
    assert guest.head(PANEL).status_code == 200
    assert guest.put(PAGE).status_code == 405
