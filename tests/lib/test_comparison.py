"""Comparing two wordings: nothing of either is lost, and the work has a limit."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devotional.lib.comparison import Comparison, Kind, compare


def shown(older: str, newer: str) -> str:
    marks = {Kind.SAME: "{}", Kind.OUT: "[-{}-]", Kind.IN: "[+{}+]"}
    return "".join(marks[piece.kind].format(piece.text) for piece in compare(older, newer).pieces)


def older_and_newer(found: Comparison) -> tuple[str, str]:
    return (
        "".join(piece.text for piece in found.pieces if piece.kind is not Kind.IN),
        "".join(piece.text for piece in found.pieces if piece.kind is not Kind.OUT),
    )


@pytest.mark.parametrize(
    ("older", "newer", "marked"),
    [
        ("one two three", "one 2 three", "one [-two-][+2+] three"),
        ("one two three", "one three", "one [-two -]three"),
        ("one two three", "1 2 three", "[-one two-][+1 2+] three"),
        ("Same. Old.", "Same. New.", "Same. [-Old.-][+New.+]"),
        ("", "new", "[+new+]"),
        ("old", "", "[-old-]"),
        ("same", "same", "same"),
        ("", "", ""),
        ("שלום לך", "שלום לכם", "שלום [-לך-][+לכם+]"),
        ("e\u0301 a", "e\u0301 b", "e\u0301 [-a-][+b+]"),
    ],
)
def test_what_is_marked(older: str, newer: str, marked: str) -> None:
    assert shown(older, newer) == marked


texts = st.text(alphabet="ab .\n!x\u0301é🕯", max_size=60)


@given(texts, texts)
def test_nothing_of_either_text_is_lost(older: str, newer: str) -> None:
    assert older_and_newer(compare(older, newer)) == (older, newer)
    assert older_and_newer(compare(older, newer, limit=30)) == (older, newer)


def test_only_spaces() -> None:
    assert compare("one two", "one\n\ntwo").only_spaces
    assert not compare("one two", "one twO").only_spaces
    assert not compare("one", "one").only_spaces


def many(form: str, count: int) -> str:
    return "".join(form.format(number) for number in range(count))[:100_000]


HARD = {
    "newlines": ("\n" * 100_000, "\n" * 99_999),
    "one letter": ("a " * 50_000, "b" + "a " * 49_999),
    "every second word": (many("x p{} ", 20_000), many("x q{} ", 20_000)),
    "every second word, all distinct": (many("u{0} p{0} ", 20_000), many("u{0} q{0} ", 20_000)),
    "every second sentence": (many("u{0}.p{0}.", 20_000), many("u{0}.q{0}.", 20_000)),
    "few enough to try": (many("x p{} ", 400), many("x q{} ", 400)),
    "many passages": (
        many("s{0}\n" + "x p{0} y q{0} " * 20, 200),
        many("s{0}\n" + "x r{0} y t{0} " * 20, 200),
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_texts_made_to_be_hard_take_no_longer_than_others(name: str) -> None:
    """Unbounded, the worst of these takes minutes. The limit is half a second on one slow core."""
    older, newer = HARD[name]
    start = time.process_time()
    found = compare(older, newer)
    assert time.process_time() - start < 3
    assert older_and_newer(found) == (older, newer)


def test_beyond_the_limit_whole_passages_are_marked() -> None:
    older, newer = HARD["every second word"]
    found = compare(older, newer)
    assert found.coarse
    assert [piece.kind for piece in found.pieces] == [Kind.OUT, Kind.IN]
    assert not compare("one two", "one three").coarse
