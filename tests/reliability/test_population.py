"""The readers with whom the bench measures are real ones: their rows open, and their pages too."""

from pathlib import Path

import pytest

from harness import population
from harness import query_counts as queries
from harness.http_client import Page
from harness.population import JOURNAL_PATH, SECTION, device_of
from harness.readback import read
from harness.site import Site


@pytest.mark.only_on("sqlite", "the bench fills its file")
def test_a_population_opens_writes_and_looks_back(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.start()
    site.stop()
    population.fill(site, 6)
    assert set(queries.count(site)) == {"panel", "save", "journal"}
    site.start()
    device = device_of(site.port, 3)
    try:
        page = Page(device, SECTION)
        stood = page.open()
        assert all(stood.values())
        assert page.save("Words on top of those.").status == 200
        assert device.get(JOURNAL_PATH).status == 200
    finally:
        device.close()
        site.stop()
    kept = read(site)
    assert (kept.readers, len(kept.reader_of)) == (6, 6)
    assert "Words on top of those." in kept.texts
    # By reader, section and prompt: one box for each question, with words that open.
    assert len(kept.boxes) == 6 * population.IN_A_READING
    assert all(box.text for box in kept.boxes.values())
