"""A1: what becomes of a sound file."""

import hashlib
import re
from datetime import date

import pytest

from devotional.content.library import Devotional, Prompt
from devotional.content.sanitise import words
from tests.content.conftest import Read


def outline(devotional: Devotional) -> list[tuple[str, str]]:
    return [(section.id, section.title) for section in devotional.sections]


def test_the_facts_at_the_top(read: Read) -> None:
    devotional = read(
        "---\n"
        'title: "It\'s \\"here\\" -- now..."\n'
        "author: A. Carpenter\n"
        "language: pt-BR\n"
        "summary: >\n  Two lines\n  of it.\n"
        "closing: Come back 'soon'...\n"
        "published: 2026-03-01\n"
        "updated: 2026-04-02\n"
        "order: 3\n"
        "opening:\n  id: start\n  label: The start\n"
        "retired: [gone, hinges/old]\n"
        "---\n"
        "Text.\n"
    )
    opening = devotional.sections[0]
    assert (devotional.id, devotional.title) == ("sample", "It’s “here” – now…")
    assert (devotional.author, devotional.language) == ("A. Carpenter", "pt-BR")
    assert devotional.summary == "Two lines of it."
    assert devotional.closing == "Come back ‘soon’…"
    assert (devotional.published, devotional.updated) == (date(2026, 3, 1), date(2026, 4, 2))
    assert (devotional.order, devotional.retired) == (
        3,
        frozenset({"gone", "hinges/old"}),
    )
    assert (opening.id, opening.title, opening.label) == ("start", devotional.title, "The start")


@pytest.mark.parametrize(
    ("title", "language"), [("1984", "no"), ("Yes", "en"), ("2026-03-01", "he"), ("null", "es")]
)
def test_values_are_taken_as_they_are_typed(read: Read, title: str, language: str) -> None:
    """YAML would make a number, a truth, a date and nothing of these."""
    devotional = read(f"---\ntitle: {title}\nlanguage: {language}\n---\nText.\n")
    assert (devotional.title, devotional.language) == (title, language)


def test_sections_questions_and_text(read: Read) -> None:
    devotional = read(
        'One.\n\n### Reflect\n\n- Is *this* "it"? {: #it }\n- And\n  this?\n\n'
        "### Together\n\n1. We?\n2. Us -- all?\n\n"
        '## A *fine* [heading](/x) {: #fine label="Fine" } ##\n\nTwo.\n\n### Smaller\n\nThree.\n\n'
        "###  REFLECT\n* Now? {#now}\n\n### After\n\nFour.\n"
    )
    opening, fine = devotional.sections
    assert (opening.html, opening.number) == ("<p>One.</p>", 1)
    assert opening.prompts == (Prompt("it", "Is this “it”?"), Prompt("and-this", "And this?"))
    assert opening.together == ("We?", "Us – all?")
    assert (fine.id, fine.title, fine.label, fine.number) == ("fine", "A fine heading", "Fine", 2)
    assert fine.html == (
        "<p>Two.</p>\n<h3>Smaller</h3>\n<p>Three.</p>\n<h3>After</h3>\n<p>Four.</p>"
    )
    assert (fine.prompts, fine.together) == ((Prompt("now", "Now?"),), ())


def test_no_opening_where_nothing_is_said_before_the_first_heading(read: Read) -> None:
    assert outline(read("\n<!-- a note -->\n\n## A\n\nText.\n")) == [("a", "A")]


def test_a_rule_may_part_the_questions_from_the_next_section(read: Read) -> None:
    opening, a = read("Text.\n\n### Reflect\n\n- Q?\n\n---\n\n## A\n\nText.\n").sections
    assert (opening.prompts, opening.html) == ((Prompt("q", "Q?"),), "<p>Text.</p>")
    assert (a.id, a.html) == ("a", "<p>Text.</p>")


def test_an_opening_may_be_a_question_alone(read: Read) -> None:
    devotional = read("### Reflect\n\n- Ready?\n\n## A\n\nText.\n")
    assert outline(devotional) == [("opening", "Sample"), ("a", "A")]


@pytest.mark.parametrize(
    "attributes", ['{: #b label="Short" }', '{#b label="Short"}', "{: label=“Short” #b}"]
)
def test_ways_to_write_an_id_and_a_label(read: Read, attributes: str) -> None:
    section = read(f"## A {attributes}\n\nText.\n").sections[0]
    assert (section.id, section.title, section.label) == ("b", "A", "Short")


class TestIds:
    def test_two_headings_of_one_title(self, read: Read) -> None:
        devotional = read("## Rest\n\nA.\n\n## Rest\n\nB.\n\n## Rest!\n\nC.\n")
        assert outline(devotional) == [("rest", "Rest"), ("rest-2", "Rest"), ("rest-3", "Rest!")]

    def test_a_given_id_is_never_taken_by_a_made_one(self, read: Read) -> None:
        assert outline(read("## Rest\n\nA.\n\n## B {: #rest }\n\nB.\n")) == [
            ("rest-2", "Rest"),
            ("rest", "B"),
        ]

    def test_letters_beyond_ascii(self, read: Read) -> None:
        devotional = read(
            "## Così “è” l’amore—sì\n\nA.\n\n## שלום\n\nB.\n\n### Reflect\n\n- מה שלומך?\n"
        )
        assert outline(devotional) == [
            ("cosi-e-lamore-si", "Così “è” l’amore—sì"),
            ("section-2", "שלום"),
        ]
        assert devotional.sections[1].prompts == (Prompt("prompt-1", "מה שלומך?"),)

    def test_long_words_end_at_a_word(self, read: Read) -> None:
        ids = [
            section.id
            for section in read(
                f"## {'breakthrough ' * 6}\n\nA.\n\n## {'b' * 70}\n\nB.\n\n## {'b' * 70}\n\nC.\n"
            ).sections
        ]
        assert ids == ["-".join(["breakthrough"] * 5), "b" * 64, "b" * 62 + "-2"]

    def test_one_question_id_in_two_sections(self, read: Read) -> None:
        body = "## A\n\nA.\n\n### Reflect\n- Q? {: #q }\n\n## B\n\nB.\n\n### Reflect\n- R? {: #q }"
        assert [section.prompts for section in read(body).sections] == [
            (Prompt("q", "Q?"),),
            (Prompt("q", "R?"),),
        ]


class TestWhereASectionBegins:
    @pytest.mark.parametrize(
        "block",
        [
            "```\n## Not one\n```",
            "~~~~ text\n\n## Not one\n\n~~~~",
            "    ## Not one",
            "<!--\n## Not one\n-->",
            "- a list\n\n        ## Not one",
            "\\## Not one",
            "Two\nlines\n---\nand a rule",
            "- a list\n---",
            "| a |\n|---|\n| b |",
            "####### Not one",
            "#1 is text, and so is #two",
        ],
    )
    def test_not_here(self, read: Read, block: str) -> None:
        devotional = read(f"Text.\n\n{block}\n\n## Next\n\nText.\n")
        assert outline(devotional) == [("opening", "Sample"), ("next", "Next")]

    @pytest.mark.parametrize(
        "heading", ["## Here", "## Here ##", "Here\n----", "Here\n--", "##  Here  "]
    )
    def test_here(self, read: Read, heading: str) -> None:
        devotional = read(f"Text.\n\n{heading}\nMore.\n")
        assert outline(devotional) == [("opening", "Sample"), ("here", "Here")]
        assert devotional.sections[1].html == "<p>More.</p>"

    def test_right_after_a_paragraph_and_a_list(self, read: Read) -> None:
        devotional = read("Text.\n## A\n- item\n## B #1 in C#\nText.\n")
        assert outline(devotional)[1:] == [("a", "A"), ("b-1-in-c", "B #1 in C#")]


class TestLinksAndNotes:
    BODY = (
        "One [link][x], a note[^b] and again[^b].\n\n"
        "## A {: #a }\n\nTwo[^c] `[^d]`.\n\n## B {: #b }\n\nThree.\n\n"
        "### Reflect\n\n- A [question][x]?[^c]\n\n"
        '[x]: https://x.org/ "Title"\n'
        "[^c]: Note *c*, see[^e].\n[^d]: Not used.\n[^b]: Note b.\n\n    Its second paragraph.\n"
        "[^e]: From a note.\n"
    )

    def test_a_section_shows_the_notes_it_uses(self, read: Read) -> None:
        opening, a, b = read(self.BODY).sections
        assert words(opening.html) == ("One link, a note and again. Note b. Its second paragraph.")
        assert words(a.html) == "Two [^d]. Note c, see. From a note."
        assert b.html == "<p>Three.</p>"
        assert b.prompts == (Prompt("a-question", "A question?"),)

    def test_a_note_that_nobody_refers_to_is_not_shown(self, read: Read) -> None:
        html = read("One[^a].\n\n[^a]: Used.\n[^b]: Not used.\n").sections[0].html
        assert words(html) == "One. Used."

    def test_definitions_work_from_anywhere(self, read: Read) -> None:
        opening = read(self.BODY).sections[0]
        link = '<a href="https://x.org/" title="Title" rel="noopener noreferrer">link</a>'
        assert opening.html.startswith(f"<p>One {link}, a note<sup")

    def test_every_id_and_every_target_is_there_once(self, read: Read) -> None:
        pages = "".join(section.html for section in read(self.BODY).sections)
        ids = re.findall(r' id="([^"]*)"', pages)
        targets = re.findall(r'href="#([^"]*)"', pages)
        assert ids == [
            *("fnref-opening-1", "fnref2-opening-1", "fn-opening-1"),
            *("fnref-a-1", "fn-a-1", "fnref-a-2", "fn-a-2"),
        ]
        assert set(targets) == set(ids)


class TestTypography:
    @pytest.mark.parametrize(
        ("typed", "set_"),
        [
            ('"*Hello*"', "“Hello”"),
            ('*"Hello"*', "“Hello”"),
            ('He said "[this](/x)".', "He said “this”."),
            ('"...and so"', "“…and so”"),
            ("\"It's 'fine'.\"", "“It’s ‘fine’.”"),
            ("\"'Tis so,\" in the '90s", "“’Tis so,” in the ’90s"),
            ("rock 'n' roll, 5'10\"", "rock ’n’ roll, 5’10”"),
            ('("so")---"Yes"', "(“so”)—“Yes”"),
            ("Jesus' love", "Jesus’ love"),
            ("1--2 -- 3 --- 4 ---- 5", "1–2 – 3 — 4 ---- 5"),
            ('`"code"`', '"code"'),
            ('\\"kept\\"', '"kept"'),
            ('"<b>bold</b>"', "“bold”"),
            ('“mixed"', "“mixed”"),
            ('end of "line\nnext" yes', "end of “line next” yes"),
        ],
    )
    def test_marks(self, read: Read, typed: str, set_: str) -> None:
        assert words(read(f"{typed}\n").sections[0].html) == set_

    def test_no_word_is_changed(self, read: Read) -> None:
        text = "don't (won't) well-known o'clock 10-12 e.g. x... ma'am 'em"
        shown = words(read(text).sections[0].html)
        assert shown.replace("’", "'").replace("…", "...") == text


class TestMinutesAndDigests:
    @pytest.mark.parametrize(("count", "minutes"), [(1, 1), (220, 1), (221, 2), (2200, 10)])
    def test_minutes(self, read: Read, count: int, minutes: int) -> None:
        assert read("word " * count).sections[0].minutes == minutes

    def test_markup_is_no_change_of_the_words(self, read: Read) -> None:
        plain = read('It\'s "so"... -- yes.\n\nTwo.\n').sections[0].digest
        marked = read("It’s “*so*”…\n– **yes**.\n\n\n> Two.\n").sections[0].digest
        assert marked == plain == hashlib.sha256(b'It\'s "so"... - yes. Two.').hexdigest()

    def test_questions_are_no_part_of_the_text(self, read: Read) -> None:
        without = read("Text.\n")
        asked = read("Text.\n\n### Reflect\n\n- A?\n")
        assert asked.sections[0].digest == without.sections[0].digest
        assert asked.digest != without.digest

    def test_a_new_word_is_a_change(self, read: Read) -> None:
        assert read("Text one.\n").sections[0].digest != read("Text two.\n").sections[0].digest

    @pytest.mark.parametrize("line", ["order: 2", "retired: [gone]", "# a remark"])
    def test_what_is_not_shown_changes_no_page(self, read: Read, line: str) -> None:
        assert read(f"---\ntitle: Sample\n{line}\n---\nText.\n").digest == read("Text.\n").digest

    @pytest.mark.parametrize(
        "line", ["author: B", "summary: S", "closing: C", "published: 2026-01-01", "language: es"]
    )
    def test_what_is_shown_does(self, read: Read, line: str) -> None:
        assert read(f"---\ntitle: Sample\n{line}\n---\nText.\n").digest != read("Text.\n").digest


class TestOddFiles:
    def test_windows_line_ends_and_a_byte_order_mark(self, read: Read) -> None:
        text = "---\ntitle: Sample\n---\nOne.\n\n## Two {: #two }\n\nText.\n\n### Reflect\n\n- Q?\n"
        assert read("\ufeff" + text.replace("\n", "\r\n")) == read(text)

    def test_sixty_sections(self, read: Read) -> None:
        body = "".join(
            f"## Day {day}\n\nText {day}.\n\n### Reflect\n\n- Q?\n\n" for day in range(60)
        )
        sections = read(body).sections
        assert [section.id for section in sections] == [f"day-{day}" for day in range(60)]
        assert [section.number for section in sections] == list(range(1, 61))

    def test_a_hundred_thousand_words(self, read: Read) -> None:
        paragraph = 'It\'s "really" *true* that [every](/x) word counts -- or so.\n\n'
        devotional = read(paragraph * 10_000)  # ten words each
        assert len(words(devotional.sections[0].html).split()) == 100_000
        assert devotional.minutes == 455

    def test_right_to_left(self, read: Read) -> None:
        devotional = read("---\ntitle: שלום\nlanguage: he\n---\nברוך *הבא*.\n")
        assert (devotional.direction, devotional.title) == ("rtl", "שלום")
        assert devotional.sections[0].html == "<p>ברוך <em>הבא</em>.</p>"

    def test_braces_that_are_words(self, read: Read) -> None:
        section = read("## Grace {unmerited}\n\nText.\n\n### Reflect\n\n- Why {so}?\n").sections[0]
        assert (section.title, section.prompts[0].words) == ("Grace {unmerited}", "Why {so}?")

    def test_a_table_scrolls_by_keyboard_and_is_aligned_by_class(self, read: Read) -> None:
        html = read("| a | b |\n|:--|--:|\n| 1 | 2 |\n").sections[0].html
        assert html.replace("\n", "") == (
            '<div aria-label="Table" class="table" role="region" tabindex="0">'
            "<table><thead><tr>"
            '<th class="align-left">a</th><th class="align-right">b</th></tr></thead><tbody><tr>'
            '<td class="align-left">1</td><td class="align-right">2</td></tr></tbody></table></div>'
        )

    def test_a_picture_of_this_site(self, read: Read) -> None:
        html = read("![A door](/static/pictures/door-1.webp)\n").sections[0].html
        assert html == '<p><img alt="A door" src="/static/pictures/door-1.webp"></p>'
