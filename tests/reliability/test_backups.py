"""Backups beside a site that saves, each restored elsewhere (B8 in small)."""

from pathlib import Path

from harness.experiments.backups import Backups, back_up_under_load, hold_against
from harness.http_client import Device
from harness.readback import Holdings, Kept
from harness.site import Site
from harness.writers import Box
from tests.reliability.conftest import SEED


def test_backups_under_load(own_site: Site, tmp_path: Path) -> None:
    account, found = back_up_under_load(
        own_site, tmp_path, backups=3, writers=4, seed=SEED, saves_between=40
    )
    assert (found.made, found.unsound, found.missing, found.strange) == (3, 0, 0, 0)
    assert found.held > 0
    assert account.unanswered == 0


def test_what_is_missing_is_noticed() -> None:
    """Else 0 missing would only mean that nobody looked."""
    device = Device(1)
    device.cookies["reader"] = "token"
    box = Box(device, "opening", "becoming", ["one", "two", "three"])

    def looked_at(*texts: str) -> tuple[int, int, int, int]:
        found = Backups()
        kept = Kept(len(texts), texts[-1], tuple(("earlier", text) for text in texts[:-1]))
        holdings = Holdings(1, 3, {device.reader_digest: "r"}, {("r", "opening", "becoming"): kept})
        hold_against(found, holdings, [(box, 2)], set(box.acknowledged))
        return found.unsound, found.missing, found.strange, found.held

    assert looked_at("one", "two") == (0, 0, 0, 2)
    assert looked_at("one", "two", "three") == (0, 0, 0, 2)  # saved while it was made
    assert looked_at("one") == (0, 1, 0, 1)
    assert looked_at("one", "twe") == (0, 1, 1, 1)
    found = Backups()
    hold_against(found, None, [(box, 2)], set())
    assert found.unsound == 1
