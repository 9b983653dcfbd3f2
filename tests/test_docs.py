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
        for document in [*base.glob("*.md"), *base.glob("docs/*.md")]
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    ]
    assert links != []
    broken = [
        (document.name, target)
        for document, target in links
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_checks_see_no_variable_of_a_site(settings: Settings) -> None:
    makefile = (Path(settings.BASE_DIR) / "Makefile").read_text().replace("\\\n", " ")
    apart = re.search(r"APART = env \$\(foreach name,([A-Z_\s]+),-u \$\(name\)\) DATA=", makefile)
    assert apart is not None
    assert {*apart[1].split(), "DATA"} == set(environment.VARIABLES)
