"""Names for files that every system takes."""

import pytest

from devotional.lib.file_names import LONGEST, file_name


def named(words: str, ending: str = ".md") -> str:
    return file_name(words, ending, taken=set(), otherwise="nothing")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("On Doors", "On Doors.md"),
        ('Why? Because: a/b\\c <d> "e" | f*', "Why Because a b c d e f.md"),
        ("[[A link]] #tag ^block", "A link tag block.md"),
        ("two\nlines\tand\u2028more\u00a0spaces", "two lines and more spaces.md"),
        (
            "\u202eturned\u202c and \u2067kept\u2069 and \x1b[31mred\x7f",
            "turned and kept and 31mred.md",
        ),
        ("..hidden. . ", "hidden.md"),
        ("cafe\u0301", "café.md"),
        ("שלום 👋", "שלום 👋.md"),
        ("CON", "_CON.md"),
        ("com1.old", "_com1.old.md"),
        ("LPT¹", "_LPT¹.md"),
        ("Console", "Console.md"),
        ("", "nothing.md"),
        ("?*/\u202e", "nothing.md"),
    ],
)
def test_what_systems_refuse_is_left_away(words: str, name: str) -> None:
    assert named(words) == name


@pytest.mark.parametrize("words", ["word " * 60, "x" * 300, "ü" * 300, "👋" * 80])
def test_long_names_are_cut_at_a_letter(words: str) -> None:
    name = named(words)
    size = len(name.encode())
    assert LONGEST - 8 < size <= LONGEST
    assert words.startswith(name.removesuffix(".md"))


def test_names_that_some_system_takes_for_one_are_told_apart() -> None:
    taken: set[str] = set()
    given = ["Straße", "STRASSE", "ﬁn", "fin", "cafe\u0301", "CAFÉ", "x" * 200, "x" * 200]
    names = [file_name(words, ".md", taken=taken, otherwise="-") for words in given]
    assert names == [
        "Straße.md",
        "STRASSE 2.md",
        "ﬁn.md",
        "fin 2.md",
        "café.md",
        "CAFÉ 2.md",
        f"{'x' * 97}.md",
        f"{'x' * 95} 2.md",
    ]
