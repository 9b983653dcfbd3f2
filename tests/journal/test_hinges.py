"""Turning points: marked by their words, gathered by time, and never moved by an edit (K8)."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.journal.hinges import MOST, SHOWN
from devotional.journal.models import Hinge
from devotional.lib.encryption import add_key, default_ring
from devotional.reflections.answers import digest
from devotional.reflections.keys import reseal_rows
from devotional.reflections.models import Reading, Reflection
from devotional.reflections.passages import LONGEST, Passage
from harness.actors import FORGED, Browser
from tests.reflections.helpers import change, plain, the_reader

CANARY = "The canary of the first reader."
TEXT = "I waited all year. I will call my brother on Thursday. If he hangs up, I will have called."
QUOTE = "I will call my brother on Thursday."
ODD = "\u202eשלום\u202c  👩‍👩‍👧‍👦 e\u0301t\u00e9!\n\n  « Oui. »\t“<b>&amp;</b>” \U0001f985 end "


def mine(prompt: str = "before") -> Reflection:
    return Reflection.objects.by(the_reader()).get(prompt=prompt, reading__number=1)


def page_of(reflection: Reflection) -> str:
    return f"/hinges/mark/{reflection.id}/"


def fields(browser: Browser, reflection: Reflection) -> dict[str, Any]:
    return dict(browser.fields(page_of(reflection)))


def mark(browser: Browser, reflection: Reflection, words: str, **change: Any) -> Any:
    """Select `words` with the mouse and press the button."""
    sent = fields(browser, reflection) | {"quote": words, "at": reflection.text.index(words)}
    return browser.post(page_of(reflection), sent | change)


def tick(browser: Browser, reflection: Reflection, *pieces: int) -> Any:
    """Choose sentences and press the button, as without JavaScript."""
    return browser.post(page_of(reflection), fields(browser, reflection) | {"piece": pieces})


def quotes() -> list[str]:
    found = Hinge.objects.by(the_reader()).order_by("marked_at")
    return [Passage.read(each.text).quote for each in found]


def path(browser: Browser) -> str:
    page = browser.get("/hinges/")
    assert page.status_code == 200
    return str(page.content.decode())


def shown(html: str) -> list[str]:
    """The words that are shown as hinges."""
    return re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", html, re.DOTALL)


def answered(reading: Reading, prompt: str, text: str, day: datetime) -> Reflection:
    reflection = Reflection(
        reader=reading.reader,
        reading=reading,
        section="opening",
        prompt=prompt,
        asked="Which door?",
        section_digest="",
        begun_at=day,
        written_at=day,
    )
    reflection.text = text
    reflection.save()
    return reflection


def marked(reflection: Reflection, quote: str) -> Hinge:
    at = reflection.text.index(quote)
    passage = Passage.lifted(reflection.text, at, at + len(quote))
    assert passage is not None
    hinge = Hinge(reader=reflection.reader, reflection=reflection, marked_at=reflection.begun_at)
    hinge.text = passage.written()
    hinge.save()
    return hinge


@pytest.fixture
def writer(reader: Browser) -> Browser:
    reader.write("opening", before=TEXT)
    return reader


# Marking


def test_a_selection_is_marked(writer: Browser) -> None:
    for words in (QUOTE, "waited all", "year. I will"):
        answer = mark(writer, mine(), words)
        assert (answer.status_code, answer["Location"]) == (302, f"{page_of(mine())}#marked")
    assert quotes() == [QUOTE, "waited all", "year. I will"]
    assert shown(writer.get(page_of(mine())).content.decode()) == quotes()


def test_sentences_are_marked_without_a_script(writer: Browser) -> None:
    assert tick(writer, mine(), 1).status_code == 302
    assert tick(writer, mine(), 2, 0).status_code == 302
    assert quotes() == [QUOTE, TEXT]


def test_the_same_words_twice_are_one_hinge(writer: Browser) -> None:
    for _ in range(2):
        assert mark(writer, mine(), QUOTE).status_code == 302
    assert tick(writer, mine(), 1).status_code == 302
    assert quotes() == [QUOTE]


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": "", "at": ""},
        {"quote": "", "at": "", "piece": "99"},
        {"quote": "", "at": "", "piece": "x"},
        {"quote": "Not mine.", "at": "0"},
        {"at": "1"},
        {"at": "-1"},
        {"at": "x"},
        {"at": "999999999999"},
        {"quote": " ", "at": "18"},
    ],
)
def test_what_is_not_in_the_text_is_not_marked(writer: Browser, wrong: dict[str, str]) -> None:
    answer = mark(writer, mine(), QUOTE, **wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert quotes() == []


def test_a_text_that_was_changed_since_is_shown_anew(writer: Browser) -> None:
    sent = fields(writer, mine()) | {"quote": QUOTE, "at": 19}
    writer.write("opening", before=f"Oh. {TEXT}")
    answer = writer.post(page_of(mine()), sent)
    assert answer.status_code == 409
    said = plain(answer.content.decode())
    assert "You’ve changed this answer since you opened the page, so nothing was marked." in said
    assert "Oh. I waited all year." in said
    assert f'value="{digest(mine().text)}"' in answer.content.decode()
    assert quotes() == []


def test_longer_than_a_sheet_holds(reader: Browser) -> None:
    reader.write("opening", before="word " * 400)
    answer = mark(reader, mine(), "word " * 201)
    assert answer.status_code == 422
    assert f"(1004 characters). Choose the line where it turned, up to {LONGEST}." in plain(
        answer.content.decode()
    )
    assert mark(reader, mine(), "word " * 200).status_code == 302


def test_only_so_many_in_one_reflection(writer: Browser) -> None:
    for _ in range(MOST):
        marked(mine(), "waited all")
    answer = mark(writer, mine(), QUOTE)
    assert answer.status_code == 422
    assert "This answer has as many hinges as it can hold." in plain(answer.content.decode())
    assert Hinge.objects.count() == MOST


def test_odd_words_come_back_as_they_were_typed(reader: Browser) -> None:
    reader.write("opening", before=ODD)
    french = "e\u0301t\u00e9!\r\n\r\n  « Oui. »"
    for quote in ("\u202eשלום\u202c", "👩‍👩‍👧‍👦", french, "<b>&amp;</b>"):
        found = quote.replace("\r\n", "\n")
        sent = {"quote": quote, "at": ODD.index(found)}  # a form sends newlines as CRLF
        answer = reader.post(page_of(mine()), fields(reader, mine()) | sent)
        assert answer.status_code == 302
        assert quotes()[-1] == found
    html = path(reader)
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in html


def test_the_page_holds_the_text_letter_for_letter(reader: Browser) -> None:
    reader.write("opening", before=ODD)
    html = reader.get(page_of(mine())).content.decode()
    held = re.search(r'<div class="own choosing"[^>]*>(.*?)</div>', html, re.DOTALL)
    assert held
    assert unescape(re.sub(r"</?(?:label|span|input)\b[^>]*>", "", held[1])) == ODD


@pytest.mark.parametrize("text", ["x" * 100_000, "Yes.\n" * 20_000, "👩‍👩‍👧‍👦" * 4000])
def test_the_longest_texts(reader: Browser, text: str) -> None:
    reader.write("opening", before=text)
    assert tick(reader, mine(), 3).status_code == 302
    assert reader.get("/hinges/").status_code == 200
    assert len(quotes()) == 1


def test_an_emptied_box_has_nothing_to_mark(writer: Browser) -> None:
    mark(writer, mine(), QUOTE)
    writer.write("opening", before="")
    html = writer.get(page_of(mine())).content.decode()
    assert "This answer is empty now, so there’s nothing to mark." in plain(html)
    assert "<textarea" not in html
    assert 'name="piece"' not in html
    assert shown(html) == [QUOTE]


# The truth about an edited text


def test_an_edit_elsewhere_leaves_the_hinge_in_its_place(writer: Browser) -> None:
    mark(writer, mine(), QUOTE)
    writer.write("opening", before=f"Before all this. {TEXT.replace('hangs up', 'is out')}")
    html = path(writer)
    assert shown(html) == [QUOTE]
    said = plain(html)
    assert f"I waited all year. {QUOTE} If he is out, I will have called." in said
    assert "as you marked them" not in said


def test_changed_words_are_shown_as_they_were_marked(writer: Browser) -> None:
    mark(writer, mine(), QUOTE)
    writer.write("opening", before="I said nothing. I will call my brother on Friday. Or not.")
    html = path(writer)
    assert shown(html) == [QUOTE]
    day = f"{timezone.localtime():%-d %B}"
    assert (
        f"I waited all year. {QUOTE} If he hangs up, I will have called. You’ve changed these "
        f"words since. Here they are as you marked them on {day}."
    ) in plain(html)


def test_words_that_stand_twice_since_are_not_guessed(writer: Browser) -> None:
    mark(writer, mine(), QUOTE)
    writer.write("opening", before=f"So: {QUOTE} Again: {QUOTE} Ever.")
    said = plain(path(writer))
    assert f"I waited all year. {QUOTE} If he hangs up, I will have called." in said
    assert "The words around these have changed since." in said
    assert "is-marked" not in writer.get(page_of(mine())).content.decode().split("<form")[0]


def test_cancel_leads_back_to_the_answer_in_the_journal(writer: Browser) -> None:
    html = writer.get(page_of(mine())).content.decode()
    back = re.findall(r'<a class="button quiet" href="(.*?)">Cancel</a>', html)
    assert len(back) == 1
    assert f'id="entry-{mine().pk}"' in writer.get(back[0]).content.decode()


def test_what_is_marked_is_lit_in_the_text(writer: Browser) -> None:
    mark(writer, mine(), "my brother")
    html = writer.get(page_of(mine())).content.decode()
    lit = re.findall(r'<label class="piece is-marked">.*?<span>(.*?)</span>', html)
    assert lit == [QUOTE]


# The path


def test_a_path_of_nothing_yet(guest: Browser, reader: Browser) -> None:
    for browser in (guest, reader):
        answer = browser.get("/hinges/")
        assert answer.status_code == 200
        assert "A hinge is a line you wrote where something turned" in plain(
            answer.content.decode()
        )
    assert guest.cookies == {}


def test_in_order_of_time_with_what_came_before_and_after(reader: Browser) -> None:
    who = the_reader()
    Reflection.objects.by(who).delete()
    Reading.objects.by(who).delete()
    days = [datetime(2025, month, 3, 9, tzinfo=UTC) for month in (3, 6, 11)]
    readings = [
        Reading.objects.create(reader=who, devotional="on-doors", number=number + 1, begun_at=day)
        for number, day in enumerate(days)
    ]
    november = answered(readings[2], "before", "It was never the job.", days[2])
    march = answered(readings[0], "before", "The hinge is the job. It must be.", days[0])
    answered(readings[1], "before", " \n", days[1])  # cleared: not shown as a neighbour
    marked(november, "never the job")
    marked(march, "It must be.")
    elsewhere = Reading.objects.create(
        reader=who, devotional="gone-text", number=1, begun_at=days[1]
    )
    marked(answered(elsewhere, "before", "In a text that is gone.", days[1]), "gone")
    html = path(reader)
    assert shown(html) == ["It must be.", "gone", "never the job"]
    said = plain(html)
    first, second, third = re.split(r"(?=Gone text)|(?=3 November 2025 On Doors)", said)
    assert "3 March 2025 On Doors The hinge is the job. It must be." in first
    assert "After, 3 November 2025 It was never the job." in first
    assert "Before" not in first
    assert ("Before," in second, "After," in second) == (False, False)
    assert "Before, 3 March 2025 The hinge is the job. It must be." in third
    assert "After," not in third
    assert [each.count("Then and now") for each in (first, second, third)] == [1, 0, 1]


def test_the_same_question_comes_before_another_which_is_said(reader: Browser) -> None:
    who = the_reader()
    Reflection.objects.by(who).delete()
    Reading.objects.by(who).delete()
    days = [datetime(2025, month, 3, 9, tzinfo=UTC) for month in range(3, 8)]
    one, two = (
        Reading.objects.create(reader=who, devotional="on-doors", number=number, begun_at=days[0])
        for number in (1, 2)
    )
    answered(one, "before", "The first of all.", days[0])
    answered(one, "closed", "Nearer, and to another.", days[1])
    marked(answered(two, "before", "It turned here.", days[2]), "It turned")
    Reflection.objects.filter(prompt="closed").update(asked="What is closed?")
    said = plain(path(reader))
    assert "Before, 3 March 2025 The first of all." in said
    assert "What is closed?" not in said
    Reflection.objects.get(reading=one, prompt="before").delete()
    assert "Before, 3 April 2025 What is closed? Nearer, and to another." in plain(path(reader))


def test_pages_of_the_path(reader: Browser) -> None:
    for _ in range(SHOWN + 1):
        marked(mine(), "canary")
    assert len(shown(path(reader))) == SHOWN
    assert 'href="?start=40"' in path(reader)
    later = reader.get("/hinges/?start=40").content.decode()
    assert len(shown(later)) == 1
    assert 'href="?start=0"' in later
    assert "That’s all." in plain(reader.get("/hinges/?start=80").content.decode())
    for odd in ("-1", "x", "99999999999"):
        assert reader.get(f"/hinges/?start={odd}").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_path(
    writer: Browser, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    writer.write("opening", closed=TEXT)
    for place in range(number):
        marked(mine("closed" if place == 2 else "before"), ("all year", "hangs up", QUOTE)[place])
    with django_assert_num_queries(4):
        assert len(shown(path(writer))) == number


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_marking(
    writer: Browser, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        marked(mine(), ("all year", "hangs up", QUOTE)[place])
    path = page_of(mine())
    with django_assert_num_queries(3):
        assert len(shown(writer.get(path).content.decode())) == number


def test_a_section_that_is_gone_keeps_its_hinges(content: Path, writer: Browser) -> None:
    writer.write("hinges", turn="On a very small thing.")
    mark(writer, mine("turn"), "very small")
    text = (content / "on-doors.md").read_text()
    gone = text[text.index("## Hinges") : text.index("## Thresholds")]
    change(content, gone, "", retired="hinges")
    html = path(writer)
    assert shown(html) == ["very small"]
    assert "Hinges On a very small thing." in plain(html)
    assert writer.get(page_of(mine("turn"))).status_code == 200


# Taking a mark off


def take_off(browser: Browser, hinge: Hinge) -> Any:
    return browser.post(f"/hinges/take-off/{hinge.id}/")


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def test_a_mark_is_taken_off_and_put_back(writer: Browser) -> None:
    mark(writer, mine(), QUOTE)
    hinge = Hinge.objects.get()
    Hinge.objects.update(marked_at=mine().begun_at)
    hinge.refresh_from_db()
    html = take_off(writer, hinge).content.decode()
    assert quotes() == []
    assert "Only the mark is gone. Your words haven’t changed." in plain(html)
    back = hidden(html)
    form = re.search(r'action="([^"]*put-back/)"', html)
    assert form
    # The form carries the record as it was sealed, and none of the words.
    assert sorted(back) == ["hinge", "marked_at", "sealed"]
    assert QUOTE not in html.partition("<form")[2].partition('put-back/"')[2]
    assert take_off(writer, hinge)["Location"] == "/hinges/"
    for _ in range(2):
        answer = writer.post(form[1], back)
        assert answer["Location"] == f"{page_of(mine())}#marked"
    again = Hinge.objects.get()
    assert (again.id, again.text) == (hinge.id, hinge.text)
    assert abs(again.marked_at - hinge.marked_at) < timedelta(seconds=1)


def test_only_ones_own_record_is_put_back(writer: Browser, other_reader: Browser) -> None:
    mark(writer, mine(), QUOTE)
    html = take_off(writer, Hinge.objects.get()).content.decode()
    back = hidden(html)
    theirs = Reflection.objects.exclude(reader=the_reader()).get()
    assert other_reader.post(f"{page_of(theirs)}put-back/", back).status_code == 404
    for wrong in (
        {"sealed": "AAAA"},
        {"sealed": "not base64!"},
        {"hinge": str(uuid.uuid4())},
        {"marked_at": "x"},
        {"sealed": ""},
    ):
        assert writer.post(f"{page_of(mine())}put-back/", back | wrong).status_code == 404
    assert Hinge.objects.count() == 0
    # A date that can't be true is not believed.
    far = back | {"marked_at": "0001-01-01T00:00:00Z"}
    assert writer.post(f"{page_of(mine())}put-back/", far).status_code == 302
    assert timezone.now() - Hinge.objects.get().marked_at < timedelta(minutes=5)


# Whose they are


def test_a_stranger_sees_nothing_and_changes_nothing(
    writer: Browser, other_reader: Browser, stranger: Browser
) -> None:
    mark(writer, mine(), QUOTE)
    hinge = Hinge.objects.get()
    sent = {"quote": "waited all", "at": "2", "seen": digest(mine().text)}
    assert shown(path(writer)) == [QUOTE]
    for browser in (other_reader, stranger):
        assert QUOTE not in path(browser)
        assert browser.get(page_of(mine())).status_code == 404
        assert browser.post(page_of(mine()), sent).status_code == 404
        assert browser.post(f"{page_of(mine())}put-back/").status_code == 404
        answer = browser.post(f"/hinges/take-off/{hinge.id}/")
        assert answer.status_code == (302 if browser is other_reader else 404)
        if browser is other_reader:  # as for a mark that is off already
            assert (answer["Location"], answer.content) == ("/hinges/", b"")
    assert quotes() == [QUOTE]
    # The owner does by the same fields what was refused to them.
    assert writer.post(page_of(mine()), sent).status_code == 302
    assert quotes() == [QUOTE, "waited all"]
    assert writer.post(f"/hinges/take-off/{hinge.id}/").status_code == 200
    assert quotes() == ["waited all"]


def test_forged_requests_are_refused(writer: Browser) -> None:
    mark(writer, mine(), QUOTE)
    for address in (page_of(mine()), f"/hinges/take-off/{Hinge.objects.get().id}/"):
        forged = writer.post(address, {"quote": "all", "at": "9"}, headers=FORGED)
        assert forged.status_code == 403
    assert writer.get(f"/hinges/take-off/{Hinge.objects.get().id}/").status_code == 405
    assert quotes() == [QUOTE]


def test_nothing_of_it_is_stored_in_the_clear_or_kept_by_a_browser(writer: Browser) -> None:
    mark(writer, mine(), QUOTE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM devotional_hinge")
        stored = [value for row in cursor.fetchall() for value in row]
    assert len(stored) == 5
    assert not any(b"brother" in bytes(x) for x in stored if isinstance(x, bytes | memoryview))
    assert not any("brother" in x for x in stored if isinstance(x, str))
    for answer in (writer.get("/hinges/"), writer.get(page_of(mine()))):
        assert answer["Cache-Control"] == "no-store, private"
    assert str(Hinge.objects.get()) == f"hinge {Hinge.objects.get().id}"


def test_a_hinge_that_does_not_open_costs_its_line(writer: Browser) -> None:
    for quote in (QUOTE, "waited all"):
        mark(writer, mine(), quote)
    broken = Hinge.objects.order_by("marked_at")[0]
    Hinge.objects.filter(pk=broken.pk).update(sealed=b"nonsense")
    for html in (path(writer), writer.get(page_of(mine())).content.decode()):
        assert shown(html) == ["waited all"]
        assert "This can’t be opened right now" in plain(html)
    assert take_off(writer, broken).status_code == 200
    assert quotes() == ["waited all"]


def test_new_keys_and_the_way_back(writer: Browser, key_ring: Path) -> None:
    mark(writer, mine(), QUOTE)
    sealed = bytes(Hinge.objects.get().sealed)
    add_key(key_ring)
    default_ring().refresh()
    assert reseal_rows(lambda _rotation: None).resealed >= 1
    assert bytes(Hinge.objects.get().sealed) != sealed
    assert shown(path(writer)) == [QUOTE]


def test_after_a_merge_the_words_are_still_ones_own(writer: Browser) -> None:
    """Where another text stands now in the reflection that a hinge points to, it says so."""
    mark(writer, mine(), QUOTE)
    standing = mine()
    standing.text = "What I wrote on the laptop stands here now."
    standing.save()
    said = plain(path(writer))
    assert f"I waited all year. {QUOTE} If he hangs up, I will have called." in said
    assert "You’ve changed these words since. Here they are as you marked them on" in said
