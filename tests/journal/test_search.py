"""Finding a word in one's own texts, whatever its dress; nobody else's, and never in an address."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from devotional.content.loader import current_library
from devotional.journal import search as searching
from devotional.journal.folding import excerpts, fold, fold_with_places, pieces
from devotional.journal.search import search
from devotional.readers.merging import merge
from devotional.readers.models import Reader
from devotional.reflections.models import Reading, Reflection
from harness.actors import FORGED, Browser
from tests.reflections.helpers import plain, the_reader

PATH = "/journal/search/"
NOON = datetime(2025, 3, 10, 12, tzinfo=UTC)


def find(browser: Browser, words: str, *, htmx: bool = True, **more: str) -> Any:
    browser.get(PATH)
    return browser.send(PATH, {"words": words, **more}, htmx=htmx)


def found(browser: Browser, words: str, **more: Any) -> list[str]:
    """The excerpts that a search answers."""
    answer = find(browser, words, **more)
    assert answer.status_code == 200
    return re.findall(r'<p class="own"[^>]*>(.*?)</p>', answer.content.decode(), re.DOTALL)


def count(browser: Browser, words: str, **more: Any) -> str:
    html = find(browser, words, **more).content.decode()
    return plain(html.partition('<p id="count"')[2].partition(">")[2])


def add(number: int, text: str) -> None:
    reader = the_reader()
    first = Reading.objects.by(reader).count()
    rows = []
    for each in range(number):
        reading = Reading.objects.create(
            reader=reader, devotional="on-doors", number=first + each + 1, begun_at=NOON
        )
        row = Reflection(
            reader=reader,
            reading=reading,
            section="hinges",
            prompt="turn",
            asked="What does this day turn on?",
            section_digest="",
            begun_at=NOON,
            written_at=NOON + timedelta(hours=first + each),
        )
        row.text = text
        rows.append(row)
    Reflection.objects.bulk_create(rows)


# Comparing


@pytest.mark.parametrize(
    ("words", "looked_for"),
    [
        ("On the STRASSE", "straße"),
        ("Auf der Straße", "STRASSE"),
        ("un café noir", "CAFE"),
        ("un cafe noir", "café"),
        ("cafe\u0301", "café"),
        ("Ἐν ἀρχῇ ἦν ὁ λόγος", "αρχη"),
        ("ὁ λόγος", "ΛΟΓΟΣ"),
        ("בְּרֵאשִׁית בָּרָא", "בראשית"),
        ("Иисус заплакал", "ИИСУС"),
        ("my\n  brother", "my brother"),
        ("It’s “so”", 'it\'s "so"'),
        ("so \u2764\ufe0f much", "\u2764"),
        ("a \U0001f468\u200d\U0001f469\u200d\U0001f467 house", "\U0001f468\u200d\U0001f469"),
        ("ﬁnally", "fin"),
        ("İstanbul", "istanbul"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\u00a0b", "a b"),
    ],
)
def test_a_word_is_found_whatever_its_dress(words: str, looked_for: str) -> None:
    assert fold(looked_for) in fold(words)
    (pieces_found,) = excerpts(words, fold(looked_for))
    assert "".join(piece.text for piece in pieces_found) == words
    (mark,) = [piece.text for piece in pieces_found if piece.found]
    assert fold(mark).startswith(fold(looked_for))


def test_both_ways_of_folding_agree() -> None:
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x20000)]))
    for start in range(0, len(every), 997):
        words = every[start : start + 997]
        assert fold_with_places(words)[0].strip() == fold(words)


def test_a_mark_takes_its_accents_along() -> None:
    (found_in,) = excerpts("un cafe\u0301 noir", "cafe")
    assert [piece.text for piece in found_in if piece.found] == ["cafe\u0301"]


def test_an_excerpt_is_cut_between_words_and_says_so() -> None:
    words = "early " * 60 + "needle" + " late" * 60 + " needle" + " on" * 90
    first, second = excerpts(words, "needle")
    said = "".join(piece.text for piece in first)
    assert re.fullmatch(r"… (early )+needle( late)+ …", said)
    assert [piece.text for piece in second if piece.found] == ["needle"]
    assert len(excerpts("needle " + "x " * 400 + "needle " * 3, "needle")) == 2


def test_close_finds_share_an_excerpt() -> None:
    (one,) = excerpts("a needle and a needle", "needle")
    assert [piece.found for piece in one] == [False, True, False, True]
    assert [piece.text for piece in pieces("needle", "needle")] == ["needle"]
    assert pieces("nothing", "needle") == pieces("nothing", "")


# Finding


def test_what_is_found_is_marked_and_escaped(reader: Browser) -> None:
    reader.write("hinges", turn="On a <b>Small</b> thing & <i>small</i> mercies.")
    assert found(reader, "small") == [
        "On a &lt;b&gt;<mark>Small</mark>&lt;/b&gt; thing &amp; "
        "&lt;i&gt;<mark>small</mark>&lt;/i&gt; mercies."
    ]
    assert found(reader, "<b>") == [
        "On a <mark>&lt;b&gt;</mark>Small&lt;/b&gt; thing &amp; &lt;i&gt;small&lt;/i&gt; mercies."
    ]


def test_it_works_as_a_page_too(reader: Browser) -> None:
    html = find(reader, "CANARY", htmx=False).content.decode()
    assert "The <mark>canary</mark> of the first reader." in html
    assert 'value="CANARY"' in html
    assert '<p class="count" id="count" role="status">1 answer</p>' in html
    reflection = Reflection.objects.get()
    there = re.findall(r'href="(/journal/\?around=.*?)"', html)[0]
    assert there.endswith(f"#entry-{reflection.pk}")
    assert "canary" in reader.get(there).content.decode()


def test_questions_are_found_and_marked_as_such(reader: Browser) -> None:
    html = find(reader, "which door").content.decode()
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == ["<mark>Which door</mark> is before you?"]
    assert 'class="own"' not in html


def test_the_count_is_told(reader: Browser) -> None:
    assert count(reader, "canary") == "1 answer"
    assert count(reader, "zyzzyva") == "Nothing found. Perhaps you used a different word then."
    add(2, "A canary again.")
    assert count(reader, "canary") == "3 answers"
    Reflection.objects.filter(section="opening").update(sealed=b"\x01" + b"0" * 60)
    assert count(reader, "again") == "2 answers One more can’t be opened right now."


def test_the_newest_hundred_are_shown(reader: Browser) -> None:
    add(searching.HITS + 3, "A sparrow.")
    assert len(found(reader, "sparrow")) == searching.HITS
    assert count(reader, "sparrow") == (
        "Showing the newest 100. A longer phrase will narrow it down."
    )


def test_every_batch_is_looked_through(reader: Browser) -> None:
    add(1, "A lone wren.")
    add(searching.BATCH + 5, "A sparrow.")
    assert found(reader, "wren") == ["A lone <mark>wren</mark>."]


def test_earlier_wordings_are_found_where_asked_for(reader: Browser) -> None:
    reader.write("opening", before="Nothing of what stood here, only this.")
    assert found(reader, "canary") == []
    words = ["The <mark>canary</mark> of the first reader."]
    assert found(reader, "canary", earlier="yes") == words
    assert "In an earlier version" in find(reader, "canary", earlier="yes").content.decode()


def test_cleared_boxes_are_found_only_by_their_question_nowhere(reader: Browser) -> None:
    reader.write("opening", before="  ")
    assert count(reader, "door") == "Nothing found. Perhaps you used a different word then."


@pytest.mark.parametrize("words", ["", "   ", "\u0301", "\u200d", "x" * 201, "\0canary"])
def test_odd_words_are_told_so(words: str, reader: Browser) -> None:
    for htmx in (True, False):
        answer = find(reader, words, htmx=htmx)
        assert answer.status_code == 422
        assert 'id="search-problem"' in answer.content.decode()


@pytest.mark.parametrize("words", ["👨‍👩‍👧", "%", "_", "\\", "' OR 1=1", "(", "[a", "can.ry", "c*"])
def test_words_are_no_pattern(words: str, reader: Browser) -> None:
    assert found(reader, words) == []
    reader.write("opening", before=f"Here it stands: {words}!")
    assert len(found(reader, words)) == 1


def test_what_cannot_be_seen_is_not_looked_for(reader: Browser) -> None:
    assert len(found(reader, "\u202ecanary")) == 1


def test_the_cost_is_the_same_for_1_3_and_100(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader.get(PATH)
    sent = {"words": "canary"}
    reader.send(PATH, sent)  # the first one makes the row that searches are counted in

    def look() -> None:
        counting = 1
        with django_assert_num_queries(3 + counting):
            reader.send(PATH, sent)
        with django_assert_num_queries(2 + counting):
            reader.send(PATH, sent | {"words": "zyzzyva"})

    look()
    add(2, "A canary.")
    look()
    add(97, "A canary.")
    look()


# Nobody else's


def test_the_word_is_kept_nowhere(reader: Browser, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = find(reader, "canary", htmx=False)
    assert answer["Cache-Control"] == "no-store, private"
    assert "canary" not in caplog.text
    assert "HX-Push-Url" not in answer
    assert reader.get(f"{PATH}?words=canary").content.decode().count("canary") == 0


def test_nobody_else_finds_it(reader: Browser, other_reader: Browser, stranger: Browser) -> None:
    assert found(reader, "canary", earlier="yes") == [
        "The <mark>canary</mark> of the first reader."
    ]
    answer = find(other_reader, "canary", earlier="yes")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Nothing found." in html
    assert "first reader" not in html
    empty = stranger.get(PATH)
    assert empty.status_code == 200
    assert "Nothing here yet." in plain(empty.content.decode())
    assert stranger.send(PATH, {"words": "canary"}).status_code == 404
    assert not stranger.cookies


def test_a_forged_form_is_refused(reader: Browser) -> None:
    assert reader.post(PATH, {"words": "canary"}, headers=FORGED).status_code == 403


def test_an_answer_that_met_this_one_is_found_without_asking(
    reader: Browser, other_reader: Browser
) -> None:
    """Both answers are theirs by now: neither may seem to be gone."""
    me, guest = Reader.objects.order_by("made_at")
    merge(guest, into=me)
    assert reader.get("/journal/").content.decode().count("The other answer") == 1
    for word in ("canary", "other reader"):
        assert len(search(me, word, current_library()).hits) == 1, word


def test_a_word_on_every_line_makes_no_endless_excerpt(reader: Browser) -> None:
    reader.write("hinges", turn="grace and peace and " * 3000)
    hit = search(Reader.objects.get(), "grace", current_library()).hits[0]
    assert sum(len(piece.text) for excerpt in hit.excerpts for piece in excerpt) < 1000
