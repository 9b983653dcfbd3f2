"""B2: restarts under load: nothing lost, and every edit acknowledged within 30 s."""

from collections.abc import Iterator

from bench.reliability.report import Options, Row, percentile
from harness.experiments.kills import is_clean
from harness.experiments.restarts import LONGEST, restart_under_load
from harness.readback import read
from harness.site import Site
from harness.writers import settle


def run(options: Options) -> Iterator[Row]:
    site = Site(options.folder)
    site.extra["TRUSTED_PROXIES"] = "1"  # so that each writer is at an address of its own
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
