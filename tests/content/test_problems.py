"""A2: what an author is told, and about which line. The numbers are those of `problems.Kind`."""

from pathlib import Path

import pytest

from devotional.content.loader import ContentError, read_devotional
from tests.content.conftest import Complaints, Write

TOP = "---\ntitle: Sample\n---\n"  # the text begins on line 4


def test_a_sound_file_has_nothing_said_about_it(complaints: Complaints) -> None:
    assert complaints(f"{TOP}Text.\n\n### Reflect\n\n- A question? {{: #a }}\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("---\nauthor: A\n---\nText.\n", [(1, "E004")], id="no title"),
        pytest.param("---\nauthor: A\ntitle:\n---\nText.\n", [(3, "E004")], id="empty title"),
        pytest.param("Text without a top.\n", [(1, "E003")], id="no front matter"),
        pytest.param("", [(1, "E003"), (1, "E013")], id="empty file"),
        pytest.param("---\ntitle: A\nText.\n", [(1, "E003"), (4, "E013")], id="never closed"),
        pytest.param("---\ntitle: A: b\n---\nText.\n", [(2, "E003")], id="YAML"),
        pytest.param("---\n- title\n---\nText.\n", [(2, "E003")], id="a list"),
        pytest.param("---\ntitle: A\ntitle: B\n---\nText.\n", [(3, "E003")], id="key twice"),
        pytest.param("---\ntitle: &a A\nsummary: *a\n---\nText.\n", [(3, "E003")], id="alias"),
        pytest.param("---\ntitle: [a]\n---\nT.\n", [(2, "E006"), (2, "E004")], id="not words"),
        pytest.param("---\ntitle: A\nauhtor: B\n---\nText.\n", [(3, "E005")], id="unknown key"),
        pytest.param(
            "---\ntitle: A\nopening:\n  lable: B\n---\nText.\n", [(4, "E005")], id="inner key"
        ),
        pytest.param("---\ntitle: A\nopening: B\n---\nText.\n", [(3, "E006")], id="opening"),
        pytest.param("---\ntitle: A\norder: first\n---\nText.\n", [(3, "E006")], id="order"),
        pytest.param("---\ntitle: A\nretired: b\n---\nText.\n", [(3, "E006")], id="retired"),
        pytest.param("---\ntitle: A\npublished: May\n---\nText.\n", [(3, "E007")], id="date"),
        pytest.param(
            "---\ntitle: A\nupdated: 2026-02-30\n---\nText.\n", [(3, "E007")], id="no such day"
        ),
        pytest.param(
            "---\ntitle: A\nlanguage: English\n---\nText.\n", [(3, "E008")], id="language"
        ),
        pytest.param(
            "---\ntitle: A\nopening:\n  id: Uh Oh\n---\nText.\n", [(4, "E009")], id="opening's id"
        ),
        pytest.param(
            "---\ntitle: A\nretired:\n  - b\n  - C/d\n---\nT.\n", [(5, "E009")], id="retired id"
        ),
    ],
)
def test_the_top_of_the_file(
    complaints: Complaints, text: str, expected: list[tuple[int, str]]
) -> None:
    assert complaints(text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("", [(4, "E013")], id="nothing to read"),
        pytest.param("Text.\n\n## A\n\n## B\n\nText.\n", [(6, "E013")], id="empty section"),
        pytest.param("## A\n\n---\n\n<!-- later -->\n", [(4, "E013")], id="only a rule"),
        pytest.param("## {: #a }\n\nText.\n", [(4, "E017")], id="heading without words"),
        pytest.param("Text.\n\n# Title\n\nMore.\n", [(6, "E017")], id="second main title"),
        pytest.param("Title\n=====\n\nMore.\n", [(4, "E017")], id="underlined main title"),
        pytest.param("Text.\n\n##Title\n\nMore.\n", [(6, "E017")], id="no space after the signs"),
        pytest.param("Text.\n\n  ## Title\n\nMore.\n", [(6, "E017")], id="not at the left"),
        pytest.param("Text.\n\n> ## Title\n", [(6, "E017")], id="section in a quotation"),
        pytest.param("## A {: #Uh }\n\nText.\n", [(4, "E009")], id="id with a capital"),
        pytest.param(f"## A {{: #{'a' * 65} }}\n\nText.\n", [(4, "E009")], id="id too long"),
        pytest.param("## A {: #a b }\n\nText.\n", [(4, "E009")], id="id with a space"),
        pytest.param("## A {: .fine }\n\nText.\n", [(4, "E009")], id="not an id"),
        pytest.param(
            "## A {: #x }\n\nText.\n\n## B {: #x }\n\nText.\n", [(8, "E010")], id="section twice"
        ),
        pytest.param(
            "Text.\n\n## A {: #opening }\n\nText.\n", [(6, "E010")], id="the opening's id again"
        ),
        pytest.param(
            "Text.\n\n### Reflect\n\n- A? {: #x }\n- B? {: #x }\n",
            [(9, "E010")],
            id="question twice",
        ),
        pytest.param("Text.\n\n### Reflect\n", [(6, "E014")], id="no list"),
        pytest.param("Text.\n\n### Together\n\n## B\n\nT.\n", [(6, "E014")], id="no list, group"),
        pytest.param("Text.\n\n### Reflect\n\nThink.\n", [(8, "E014")], id="text, not a list"),
        pytest.param(
            "Text.\n\n### Reflect\n\n- A?\n\nThink.\n", [(10, "E014")], id="text after the list"
        ),
        pytest.param("Text.\n\n### Reflect\n\n- A?\n    - B?\n", [(9, "E014")], id="a list within"),
        pytest.param("Text.\n\n### Reflect\n\n- {: #a }\n", [(8, "E014")], id="no words"),
        pytest.param("Text.\n\n### Reflect\n\n- A? {: #a label='B' }\n", [(8, "E009")], id="label"),
        pytest.param("Text.\n\n### Together\n\n- A? {: #a }\n", [(8, "E009")], id="group's id"),
        pytest.param("One.\n\n<script>x()</script>\n", [(6, "E015")], id="script"),
        pytest.param("One.\n\nTwo <blink>2</blink>\n", [(6, "E015")], id="unknown tag"),
        pytest.param("One.\n\n<b onclick='x()'>B</b>\n", [(6, "E015")], id="handler"),
        pytest.param("One.\n{: hx-get=/x }\n", [(5, "E015")], id="by attribute list"),
        pytest.param("One.\n\n<p style='top:0'>P</p>\n", [(6, "E015")], id="style"),
        pytest.param("One.\n\n### Sub {: #sub }\n\nT.\n", [(6, "E015")], id="id elsewhere"),
        pytest.param("One.\n\n[x](javascript:x)\n", [(6, "E015")], id="link"),
        pytest.param("A [x].\n\n[x]: javascript:x\n", [(6, "E015")], id="link defined below"),
        pytest.param("One.\n\n<div><![if x\n", [(6, "E015")], id="CDATA"),
        pytest.param(
            "One.\n\n## A <blink>\n\nT.\n\n### Reflect\n\n- <i onclick=x>?</i>\n",
            [(6, "E015"), (12, "E015")],
            id="in a heading and a question",
        ),
        pytest.param("One.\n\n![a](https://x.org/a.png)\n", [(6, "E016")], id="remote image"),
        pytest.param("One.\n\n![a](//x.org/a.png)\n", [(6, "E016")], id="image, no scheme"),
        pytest.param('One.\n\n<img src="/\\x.org/a.png">\n', [(6, "E016")], id="image, backslash"),
        pytest.param("One.\n\n![a](data:image/png,x)\n", [(6, "E016")], id="image in itself"),
        pytest.param("One.\n\n![a](/static/../x/)\n", [(6, "E016")], id="image out of static"),
        pytest.param(f"One.\n\n{'[' * 1001}\n", [(6, "E018")], id="brackets that take minutes"),
    ],
)
def test_the_text(complaints: Complaints, body: str, expected: list[tuple[int, str]]) -> None:
    assert complaints(TOP + body) == expected


def test_an_id_is_either_live_or_retired(complaints: Complaints) -> None:
    body = "Text.\n\n## A {: #a }\n\nText.\n\n### Reflect\n\n- Q? {: #q }\n"
    top = "---\ntitle: Sample\nretired:\n  - a\n  - a/q\n  - gone\n---\n"
    assert complaints(top + body) == [(4, "E011"), (5, "E011")]


def test_the_same_fault_twice_is_told_on_both_its_lines(complaints: Complaints) -> None:
    body = "<blink>1</blink>\n\n<b onclick=x>2</b>\n\n<blink>3</blink>\n"
    assert complaints(TOP + body) == [(4, "E015"), (6, "E015"), (8, "E015")]


def test_all_is_told_at_once(complaints: Complaints) -> None:
    text = "---\nauthr: A\npublished: May\n---\n![a](http://x/y)\n\n## B\n\n### Reflect\n"
    assert complaints(text) == [
        (1, "E004"),
        (2, "E005"),
        (3, "E007"),
        (5, "E016"),
        (7, "E013"),
        (9, "E014"),
    ]


def test_a_reason_names_the_file_and_says_what_to_do(write: Write) -> None:
    with pytest.raises(ContentError) as caught:
        read_devotional(write("---\nauthor: A\n---\nText.\n", "on-doors.md"))
    assert str(caught.value) == (
        "on-doors.md:1: the devotional has no title: add a line title: and its name"
    )


@pytest.mark.parametrize("name", ["On Doors.md", "on_doors.md", "ön.md", f"{'a' * 65}.md"])
def test_a_name_that_is_no_address(write: Write, name: str) -> None:
    with pytest.raises(ContentError) as caught:
        read_devotional(write(f"{TOP}Text.\n", name))
    assert [problem.code for problem in caught.value.problems] == ["E002"]


def test_bytes_that_are_not_utf8(write: Write) -> None:
    with pytest.raises(ContentError) as caught:
        read_devotional(write(TOP.encode() + b"Text.\n\nCaf\xe9.\n"))
    assert [(p.line, p.code) for p in caught.value.problems] == [(6, "E001")]


def test_things_that_are_no_files(folder: Path) -> None:
    (folder / "a.md").mkdir()
    (folder / "b.md").symlink_to(folder / "nowhere")
    with (folder / "c.md").open("wb") as file:
        file.truncate(5 * 1024 * 1024)
    for name in ("a.md", "b.md", "c.md", "d.md"):
        with pytest.raises(ContentError) as caught:
            read_devotional(folder / name)
        assert [(p.line, p.code) for p in caught.value.problems] == [(1, "E001")]


def test_yaml_that_would_fill_the_memory_is_not_built(complaints: Complaints) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert complaints("\n".join(["---", *lines, "---", "Text."])) == [(3, "E003")]


def test_nesting_that_breaks_the_parser_is_a_problem_of_the_file(complaints: Complaints) -> None:
    lists = "".join(f"{'    ' * depth}- a\n" for depth in range(300))
    assert complaints(TOP + lists) == [(1, "E018")]
