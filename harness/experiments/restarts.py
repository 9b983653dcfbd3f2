"""B2: restarts under load: nothing lost, and every edit acknowledged within 30 s."""

import random
import time

from harness.experiments.kills import finish, wait_for
from harness.site import Site
from harness.writers import Account, Writer

LONGEST = 30  # seconds from an edit to its acknowledgement


def restart_under_load(
    site: Site, *, restarts: int, writers: int, seed: int, saves_a_life: int = 100
) -> tuple[Account, int]:
    """Restart the server while readers save; leaves it running.

    What the writers were told, and how often the server did not end by itself.
    """
    chance = random.Random(seed)  # noqa: S311  # a seed to run it again
    account = Account()
    forced = 0
    site.start()
    threads = [Writer(site, account, chance.getrandbits(64)) for _ in range(writers)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(restarts):
            wait_for(account, saves_a_life * chance.uniform(0.5, 1.5))
            time.sleep(chance.uniform(0, 0.05))  # anywhere within a save
            forced += not site.stop()
            site.start()
        wait_for(account, saves_a_life)
    finally:
        finish(threads)
    return account, forced
