"""A text that changes, and one that breaks, under a running site (R9)."""

from pathlib import Path

import pytest

from tests.browser.actions import eventually, everywhere
from tests.browser.conftest import NewReader, Site

pytestmark = pytest.mark.only_on("sqlite", "pages for everyone ask no database")

HINGY = "/read/the-continual-pursuit-of-breakthrough/hingy/"


def test_a_change_shows_and_a_broken_file_takes_nothing_down(
    own_site: Site, someone: NewReader
) -> None:
    """An edit is there within seconds; a broken file leaves the last good text, also on restart."""
    page = someone(own_site)
    file: Path = own_site.content / "the-continual-pursuit-of-breakthrough.md"
    good = file.read_text()
    file.write_text(good.replace("Recently, Holy", "Of late, Holy"))
    eventually(lambda: is_new(own_site), True, seconds=30)
    page.goto(HINGY)
    assert "Of late, Holy" in page.content()
    file.write_text("---\ntitel: broken\n---\n")
    eventually(lambda: is_new(own_site) and names(own_site, f"{file.name}:2:"), True, seconds=30)
    own_site.stop()
    own_site.log.write_text("")
    own_site.start()
    assert is_new(own_site)
    page.goto(HINGY)
    assert "Of late, Holy" in page.content()
    assert names(own_site, f"{file.name}:2:")


def names(site: Site, line: str) -> bool:
    """Whether the log names what is wrong. A process looks at its files when it is asked."""
    return line in site.log.read_text()


def is_new(site: Site) -> bool:
    """Whether every process of the site has the edit."""
    return all("Of late, Holy" in html for html in everywhere(site, HINGY))
