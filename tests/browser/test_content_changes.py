"""A text that changes, and one that breaks, under a running site (R9)."""

import time
from pathlib import Path

import pytest

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
    time.sleep(5)
    for _ in range(6):  # more often than there are workers
        page.goto(HINGY)
        assert "Of late, Holy" in page.content()
    file.write_text("---\ntitel: broken\n---\n")
    time.sleep(5)
    own_site.stop()
    own_site.start()
    for _ in range(6):
        page.goto(HINGY)
        assert "Of late, Holy" in page.content()
    assert f"{file.name}:2:" in own_site.log.read_text()
