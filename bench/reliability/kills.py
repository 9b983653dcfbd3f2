"""B1: the whole server killed while readers save: nothing lost, altered or kept twice."""

import random
import time
from collections.abc import Iterator

from bench.reliability.report import Options, Row, percentile
from harness.experiments.kills import is_clean, kill_during_saves
from harness.readback import read
from harness.site import Site
from harness.writers import seen_by_panel, settle


def run(options: Options) -> Iterator[Row]:
    site = Site(options.folder)
    site.extra["TRUSTED_PROXIES"] = "1"  # so that each writer is at an address of its own
    began = time.monotonic()
    try:
        account = kill_during_saves(
            site,
            kills=options.kills,
            saves=options.saves,
            writers=options.writers,
            seed=options.seed,
        )
        looked_at, wrong = seen_by_panel(account, 300, random.Random(options.seed))  # noqa: S311
    finally:
        site.stop()
    findings = settle(account, read(site))
    clean = findings.clean and wrong == 0 and is_clean(account)
    yield Row(
        "B1",
        f"{options.kills} SIGKILLs in {account.acknowledged:,} acknowledged saves of "
        f"{account.devices} readers, {options.writers} writers, "
        f"{time.monotonic() - began:.0f} s",
        f"{findings}; {wrong} of {looked_at} panels wrong; {account.cut} requests cut, "
        f"{account.false_conflicts} false conflicts, {account.wrong_digests} wrong hashes, "
        f"{account.unanswered} never acknowledged; longest wait "
        f"{percentile(account.waits, 1):.1f} s",
        clean and account.acknowledged >= options.saves,
    )
