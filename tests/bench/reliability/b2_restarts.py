"""B2: restarts under load: nothing lost, and every edit acknowledged within 30 s."""

import random
import time
from collections.abc import Iterator

from tests.bench.reliability.b1_kills import finish, is_clean, wait_for
from tests.bench.reliability.load import Account, Writer, settle
from tests.bench.reliability.readback import read
from tests.bench.reliability.report import Options, Row, percentile
from tests.site import Site

LONGEST = 30  # seconds from an edit to its acknowledgement


def run(options: Options) -> Iterator[Row]:
    site = Site(options.folder)
    try:
        account, forced = restart_under_load(
            site, restarts=options.restarts, writers=options.writers, seed=options.seed
        )
    finally:
        site.stop()
    findings = settle(account, read(site))
    longest = percentile(account.waits, 1)
    yield Row(
        "B2",
        f"{options.restarts} SIGTERM restarts in {account.acknowledged:,} acknowledged saves, "
        f"{options.writers} writers",
        f"{findings}; longest wait {longest:.1f} s, {account.unanswered} never acknowledged; "
        f"{account.cut} requests cut, {account.false_conflicts} false conflicts, "
        f"{forced} stops that needed force",
        findings.clean and is_clean(account) and longest <= LONGEST and forced == 0,
    )


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
            time.sleep(chance.uniform(0, 0.05))
            forced += not site.stop()
            site.start()
        wait_for(account, saves_a_life)
    finally:
        finish(threads)
    return account, forced
