"""B1: the whole server killed while readers save: nothing lost, altered or kept twice."""

import random
import time

from harness.site import Site
from harness.waiting import eventually
from harness.writers import Account, Writer

DRAIN = 90  # seconds for the last edits to be acknowledged
STILL = 60  # seconds without one acknowledged save, after which waiting for more is no use


def is_clean(account: Account) -> bool:
    return (account.false_conflicts, account.wrong_digests, account.unanswered) == (0, 0, 0)


def kill_during_saves(site: Site, *, kills: int, saves: int, writers: int, seed: int) -> Account:
    """Save at least `saves` times while the server dies `kills` times; leaves it running."""
    chance = random.Random(seed)  # noqa: S311  # a seed to run it again
    account = Account()
    site.start()
    threads = [Writer(site, account, chance.getrandbits(64)) for _ in range(writers)]
    for thread in threads:
        thread.start()
    try:
        for number in range(kills):
            # Most lives see about their share of the saves; some end as soon as they begin.
            share = saves * (number + 1) / kills - account.acknowledged
            wait_for(account, max(0, share) * chance.choice((0, 0.5, 1, 1, 1.5)))
            time.sleep(chance.uniform(0, 0.05))  # anywhere within a save
            site.kill()
            site.start()
        wait_for(account, saves - account.acknowledged)
    finally:
        finish(threads)
    return account


def wait_for(account: Account, more: float) -> None:
    """Wait until `more` saves are acknowledged; raises where none is for a long time."""
    wanted = account.acknowledged + more
    while (seen := account.acknowledged) < wanted:
        if not eventually(lambda seen=seen: account.acknowledged > seen, STILL, pause=0.002):  # type: ignore[misc]
            raise AssertionError(f"no save acknowledged any more: {dict(account.answers)}")


def finish(threads: list[Writer]) -> None:
    """Let every writer bring its last edit home."""
    for thread in threads:
        thread.stopping.set()
    for thread in threads:
        thread.join(DRAIN)
