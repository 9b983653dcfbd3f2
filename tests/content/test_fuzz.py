"""Whatever is in a file: a devotional, or a `ContentError` with lines that are in the file."""

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from devotional.content.library import Devotional, Problem
from devotional.content.loader import ContentError
from devotional.content.reading import parse

PIECES = [
    *("---\n", "title: x\n", "retired:\n  - a\n", "opening: {id: a}\n", "&a ", "*a", "!!set "),
    *("## A\n", "## A {: #a }\n", "# h\n", "### Reflect\n", "### Together\n", "- q {: #a }\n"),
    *("\n", "\r\n", "\t", "text ", "    code\n", "```\n", "~~~\n", "> ", "* ", "1. ", "===\n"),
    *("[^1]", "[^1]: note\n", "[x]", "[x]: http://x\n", "[x](y)", "![i](http://e/x.png)"),
    *("<b>", "</b>", "<script>", "<!--", "-->", "<?php", "<!DOCTYPE", "<![CDATA[", "]]>", "</"),
    *("<a href='javascript:x'>", "<img src=x onerror=1>", "<div>", "</div>", "&lt;", "&#x0;"),
    *("| a | b |\n|---|--:|\n| 1 | 2 |\n", '"', "'", "--", "...", "{", "}", "{: ", "#", "\\", "`"),
    *("*", "**", "_", "[", "]", "(", ")", "<", "\x00", "\x02", "\x03", "\x1f", "\x7f", "\x85"),
    *("\ufeff", "\u2028", "\u202e", "é", "😀", "שלום", "\ufffc", "\ud7ff"),
]
BODIES = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join)
quietly = settings(max_examples=150, deadline=None, database=None)


def outcome(raw: bytes) -> Devotional | tuple[Problem, ...]:
    """What comes of a file. Anything raised but `ContentError` fails the test."""
    try:
        return parse(Path("sample.md"), raw).devotional
    except ContentError as error:
        return error.problems


@quietly
@given(BODIES)
@example("<div><![if x")
@example("<![CDATA[a\n\n</b>\n]]>")
def test_any_text_under_a_title(body: str) -> None:
    text = f"---\ntitle: x\n---\n{body}"
    found = outcome(text.encode(errors="replace"))
    if isinstance(found, Devotional):
        ids = [section.id for section in found.sections]
        assert len(ids) == len(set(ids)) > 0
    else:
        last = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        assert [problem for problem in found if not 1 <= problem.line <= last] == []
        assert found != ()


@quietly
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_any_text_as_front_matter(front: str) -> None:
    assert outcome(f"---\n{front}\n---\nText.\n".encode(errors="replace")) != ()


@quietly
@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    assert outcome(raw) != ()


@quietly
@given(BODIES)
def test_the_same_file_reads_the_same_twice(body: str) -> None:
    raw = f"---\ntitle: x\n---\nText.\n\n{body}".encode(errors="replace")
    assert outcome(raw) == outcome(raw)
