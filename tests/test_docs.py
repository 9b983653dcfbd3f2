"""The documents stay true: every setting is in the README, every link leads somewhere."""

import re
from pathlib import Path

from pytest_django import Settings

from devotional import environment


def test_the_readme_lists_every_setting(settings: Settings) -> None:
    readme = (Path(settings.BASE_DIR) / "README.md").read_text()
    listed = set(re.findall(r"`([A-Z_]{4,})`", readme.split("## Settings")[1].split("## ")[0]))
    assert listed == set(environment.VARIABLES)


def test_every_link_leads_somewhere(settings: Settings) -> None:
    base = Path(settings.BASE_DIR)
    links = [
        (document, target)
        for document in [*base.glob("*.md"), *base.glob("docs/**/*.md")]
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    ]
    assert links != []
    broken = [
        (document.name, target)
        for document, target in links
        if not (document.parent / target).exists()
    ]
    assert broken == []


FILES = re.compile(r"`((?:devotional|static|templates|tests|harness|bench|docs)/[\w/.]+)")


def test_every_file_that_a_document_names_is_there(settings: Settings) -> None:
    base = Path(settings.BASE_DIR)
    named = [
        (document.name, path)
        for document in [*base.glob("*.md"), *base.glob("docs/**/*.md")]
        for path in FILES.findall(document.read_text())
    ]
    assert len(named) > 20
    assert [each for each in named if not (base / each[1]).exists()] == []


NAMED = re.compile(r"\(((?:[A-Z]\d{1,2})(?:, [A-Z]\d{1,2})*)\)")  # (W5) or (K4, K5)
WRITTEN = {".py", ".js", ".css", ".html", ".md"}


def test_every_requirement_that_is_named_stands_in_the_list(settings: Settings) -> None:
    base = Path(settings.BASE_DIR)
    rows = re.findall(r"^\| ([A-Z]\d+) \| ", (base / "docs/requirements.md").read_text(), re.M)
    assert len(rows) == len(set(rows))
    folders = ("devotional", "static", "templates", "tests", "harness", "bench", "docs")
    files = [path for name in folders for path in (base / name).rglob("*")]
    named = {
        id_
        for path in files
        if path.suffix in WRITTEN
        for ids in NAMED.findall(path.read_text())
        for id_ in ids.split(", ")
    }
    assert len(named) > 50
    assert named - set(rows) == set()


def promises(base: Path) -> list[list[str]]:
    """The rows of the table of promises: what is said, where, and the tests that hold it."""
    table = (base / "docs/privacy.md").read_text().split("## What pages promise")[1]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_every_promise_stands_so_on_a_page(settings: Settings) -> None:
    base = Path(settings.BASE_DIR)
    pages = [path for path in (base / "templates").rglob("*") if path.is_file()]
    said = "".join(path.read_text() for path in pages)
    # A sentence of the program may be broken over lines of its source.
    for source in (base / "devotional").rglob("*.py"):
        said += re.sub(r'"\s*\n\s*"', "", source.read_text())
    rows = promises(base)
    quoted = [words for row in rows for words in re.findall(r"“(.*?)”", row[0])]
    assert len(quoted) > len(rows)
    assert [words for words in quoted if words not in said] == []


def test_every_promise_is_held_by_tests_that_exist(settings: Settings) -> None:
    base = Path(settings.BASE_DIR)
    for promise, _where, held in promises(base):
        path = ""
        named = re.findall(r"`([\w/.]*)::(\w+)`", held)
        assert named, promise
        for file, test in named:
            path = file or path
            assert f"\ndef {test}(" in (base / path).read_text(), (promise, path, test)


def test_checks_see_no_variable_of_a_site(settings: Settings) -> None:
    makefile = (Path(settings.BASE_DIR) / "Makefile").read_text().replace("\\\n", " ")
    apart = re.search(r"APART = env \$\(foreach name,([A-Z_\s]+),-u \$\(name\)\) DATA=", makefile)
    assert apart is not None
    assert {*apart[1].split(), "DATA"} == set(environment.VARIABLES)
