"""B8: backups beside a site that saves, each restored elsewhere: sound, and nothing is missing."""

from collections.abc import Iterator

from bench.reliability.report import Options, Row, percentile
from harness.experiments.backups import back_up_under_load
from harness.site import Site

AT_LEAST = 50  # saves a second
# saves a second


def run(options: Options) -> Iterator[Row]:
    site = Site(options.folder)
    site.extra["TRUSTED_PROXIES"] = "1"  # so that each writer is at an address of its own
    try:
        account, found = back_up_under_load(
            site,
            options.folder,
            backups=options.backups,
            writers=options.writers,
            seed=options.seed,
        )
    finally:
        site.stop()
    yield Row(
        "B8",
        f"{found.made} backups beside {found.rate:.0f} saves/s, each restored elsewhere",
        f"{found.unsound} unsound, {found.missing} texts missing of {found.held:,}, "
        f"{found.strange} strange; a backup took {percentile(found.seconds, 0.5):.1f} s, the "
        f"longest save {percentile(account.waits, 1):.1f} s, {account.unanswered} never "
        "acknowledged",
        (found.unsound, found.missing, found.strange, account.unanswered) == (0, 0, 0, 0)
        and found.made == options.backups
        and found.rate >= AT_LEAST,
    )
