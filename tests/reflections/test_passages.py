"""A passage is found again by its words, and never taken for its like."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devotional.reflections.passages import (
    AROUND,
    LONGEST_PIECE,
    MOST_PIECES,
    Passage,
    first_line,
    going_on,
    leading_up,
    pieces_of,
)

TEXT = "I waited all year. I will call my brother on Thursday. If he hangs up, I will have called."
QUOTE = "I will call my brother on Thursday."
FAMILY = "👩‍👩‍👧‍👦"


def lifted(text: str, quote: str, *, nth: int = 0) -> Passage:
    at = -1
    for _ in range(nth + 1):
        at = text.index(quote, at + 1)
    passage = Passage.lifted(text, at, at + len(quote))
    assert passage is not None
    return Passage.read(passage.written())


def test_what_is_lifted() -> None:
    passage = lifted(TEXT, QUOTE)
    assert (passage.quote, passage.before, passage.after, passage.at, passage.only) == (
        QUOTE,
        "I waited all year. ",
        " If he hangs up, I will have called.",
        19,
        True,
    )
    assert passage.place_in(TEXT) == 19


def test_space_around_the_words_is_left_out_and_space_alone_is_nothing() -> None:
    passage = Passage.lifted("Oh.  \n  Yes. \n", 3, 14)
    assert passage is not None
    assert (passage.quote, passage.at, passage.before) == ("Yes.", 8, "Oh.  \n  ")
    assert Passage.lifted(" \n\t ", 0, 4) is None
    assert Passage.lifted(TEXT, 0, 0) is None


def test_only_so_much_is_kept_around_it() -> None:
    passage = lifted("a" * 5000 + QUOTE + "b" * 5000, QUOTE)
    assert (passage.before, passage.after) == ("a" * AROUND, "b" * AROUND)


@pytest.mark.parametrize(
    ("now", "place"),
    [
        (f"More before it. {TEXT}", 35),
        (f"{TEXT} And more after.", 19),
        (QUOTE, 0),  # everything around it went
        (TEXT.replace("Thursday", "Friday"), None),
        (TEXT.replace(QUOTE, "").strip(), None),
        ("", None),
        # The same words twice: that which has the neighbours it had.
        (f"{QUOTE} {TEXT}", 55),
        (f"{TEXT} {QUOTE}", 19),
        # Twice, and nothing tells which: no guess.
        (f"So: {QUOTE} Again: {QUOTE} Ever.", None),
    ],
)
def test_words_that_stood_once(now: str, place: int | None) -> None:
    assert lifted(TEXT, QUOTE).place_in(now) == place


TWICE = (
    "In March I wrote down these words: let it go, all of it. "
    "In June I meant them for the first time: let it go, all of it. That was all."
)
WORDS = "let it go, all of it."


@pytest.mark.parametrize("nth", [0, 1])
def test_of_the_same_words_twice_the_other_is_never_taken(nth: int) -> None:
    passage = lifted(TWICE, WORDS, nth=nth)
    first, second = 35, TWICE.rindex(WORDS)
    assert passage.place_in(TWICE) == (first, second)[nth]
    assert passage.place_in(f"Now: {TWICE}") == (first + 5, second + 5)[nth]
    march, june = TWICE[: first + len(WORDS)], TWICE[first + len(WORDS) + 1 :]
    assert passage.place_in(march) == (first, None)[nth]
    assert passage.place_in(june) == (None, june.index(WORDS))[nth]
    assert passage.place_in(f"{june} {march}") == ((len(june) + 1 + first), june.index(WORDS))[nth]


def test_a_refrain_is_told_apart_only_while_nothing_changed() -> None:
    refrain = "Holy. " * 400
    passage = lifted(refrain, "Holy.", nth=200)
    assert passage.place_in(refrain) == 1200
    assert passage.place_in(refrain + "Amen.") is None


def test_a_short_word_is_not_found_inside_another() -> None:
    assert lifted("Do I want it? Yes", "Yes").place_in("Do I? Yesterday I did.") is None
    assert lifted("Do I really want it now? Yes", "Yes").place_in(
        "Well. Do I really want it now? Yes, and no."
    ) == len("Well. Do I really want it now? ")


def test_too_common_to_be_told_apart_costs_no_time() -> None:
    assert lifted("a" * 100_000, "a", nth=50_000).place_in("a" * 99_999) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        TEXT,
        "One line\nand another\n\n\nand a third",
        "He asked: “Why?” Then… nothing! 「はい。」次。لماذا؟ نعم.",
        "no end " * 3000,
        "x" * 100_000,
        FAMILY * 4000,
        "Yes.\n" * 20_000,
    ],
)
def test_pieces_are_the_whole_text(text: str) -> None:
    pieces = pieces_of(text)
    assert "".join(each.space_before + each.words + each.space_after for each in pieces) == text
    assert [(each.start, each.end) for each in pieces] == [
        (each.start, after.start) for each, after in pairwise(pieces)
    ] + [(each.start, len(text)) for each in pieces[-1:]]
    assert len(pieces) <= MOST_PIECES


@given(st.text())
def test_pieces_of_anything_are_the_whole_of_it(text: str) -> None:
    pieces = pieces_of(text)
    assert "".join(text[each.start : each.end] for each in pieces) == text


def test_sentences_and_lines() -> None:
    text = "One. “Two!” Three?\nA line\n\nالأول؟ الثاني."
    assert [each.words for each in pieces_of(text)] == [
        "One.",
        "“Two!”",
        "Three?",
        "A line",
        "الأول؟",
        "الثاني.",
    ]


def test_long_sentences_are_cut_between_words_and_emoji_never() -> None:
    words = [each.words for each in pieces_of("word " * 200)]
    assert {word for piece in words for word in piece.split()} == {"word"}
    assert max(map(len, words)) <= LONGEST_PIECE
    for piece in pieces_of(FAMILY * 200):
        assert piece.words == FAMILY * (len(piece.words) // len(FAMILY))


def test_what_leads_up_and_goes_on() -> None:
    passage = lifted(TEXT, QUOTE)
    assert leading_up(passage.before) == "I waited all year."
    assert going_on(passage.after) == "If he hangs up, I will have called."
    assert (leading_up(""), going_on(" \n ")) == ("", "")


def test_a_first_line() -> None:
    assert first_line("\n  \n Yes.\nMore") == "Yes."
    assert first_line("") == ""
    assert first_line("word " * 100) == f"{'word ' * 21}word…"
    assert first_line("x" * 500) == f"{'x' * 110}…"
