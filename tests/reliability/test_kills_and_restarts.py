"""The whole server killed or restarted while readers save (B1 and B2 in small)."""

import pytest

from harness.experiments.cuts import second_readers_of_a_cut_first_save
from harness.experiments.kills import is_clean, kill_during_saves
from harness.experiments.restarts import LONGEST, restart_under_load
from harness.http_client import Device
from harness.readback import Holdings, Kept, read
from harness.site import Site
from harness.writers import Account, Box, Findings, settle
from tests.reliability.conftest import SEED


@pytest.mark.parametrize("seed", range(SEED, SEED + 4))
def test_sigkill_during_saves(own_site: Site, seed: int) -> None:
    """20 kills in all, which B1 asks for at each change, in parts that run side by side."""
    kills, saves = 5, 60
    own_site.extra = {"WORKERS": "1"}  # starts sooner; the bench kills two
    account = kill_during_saves(own_site, kills=kills, saves=saves, writers=4, seed=seed)
    own_site.stop()
    assert settle(account, read(own_site)) == Findings(0, 0, 0, 0)
    assert is_clean(account)
    assert account.cut > 0
    assert account.acknowledged >= saves


def test_sigkill_between_the_commit_of_a_first_save_and_its_answer(own_site: Site) -> None:
    own_site.start()
    assert second_readers_of_a_cut_first_save(own_site) == 0


def test_sigterm_under_load(own_site: Site) -> None:
    account, forced = restart_under_load(
        own_site, restarts=3, writers=4, seed=SEED, saves_a_life=30
    )
    own_site.stop()
    assert settle(account, read(own_site)) == Findings(0, 0, 0, 0)
    assert is_clean(account)
    assert max(account.waits) < LONGEST
    assert forced == 0


def test_the_account_notices_what_went_wrong() -> None:
    """Else 0 lost would only mean that nobody looked."""
    device = Device(1)
    device.cookies["reader"] = "token"
    account = Account(boxes=[Box(device, "opening", "becoming", ["one", "two", "three"])])

    def found(version: int, text: str, *history: str, readers: int = 1) -> Findings:
        kept = Kept(version, text, tuple(("earlier", words) for words in history))
        boxes = {("r", "opening", "becoming"): kept}
        return settle(account, Holdings(readers, 3, {device.reader_digest: "r"}, boxes))

    assert found(3, "three", "one", "two") == Findings(0, 0, 0, 0)
    assert found(3, "three", "two") == Findings(1, 0, 0, 0)
    assert found(3, "three", "one", "tw") == Findings(1, 1, 0, 0)
    assert found(3, "two", "one", "three") == Findings(0, 1, 0, 0)
    assert found(4, "three", "one", "two", "two") == Findings(0, 0, 2, 0)
    assert found(3, "three", "one", "two", readers=2) == Findings(0, 0, 0, 1)
    assert settle(account, Holdings(0, 0, {}, {})).lost == 3
