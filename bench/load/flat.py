"""Whether a reader notices how many others there are: panel, save and journal at each population.

A site of its own for each, all up at once and asked in turn, so that only the number of readers is
another. Whose pages are opened is drawn from all of them, so that nothing is at hand by chance.
"""

import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.columns import columns, megabytes, milliseconds
from bench.load import visitors, wrk
from bench.load.wrk import Measured
from harness import population
from harness import query_counts as queries
from harness.population import JOURNAL_PATH, PANEL_PATH
from harness.site import Site

SAMPLE = 400  # readers at most, of each population
PAGES = ("panel", "save", "journal")


@dataclass(slots=True)
class Town:
    """A site with so many readers, and what was measured there by page."""

    readers: int
    site: Site
    seconds_to_fill: float
    queries: dict[str, int]
    runs: dict[str, list[Measured]] = field(default_factory=lambda: {page: [] for page in PAGES})

    def measure(self, page: str, folder: Path, seconds: int) -> Measured:
        # One connection: what is asked is how long an answer takes, and not how many there can be.
        chosen = chosen_from(self.readers, len(self.runs[page]))
        if page == "save":
            forms = visitors.about_to_save(self.site.port, chosen)
            return wrk.save(self.site.url, forms, folder, seconds=seconds, connections=1)
        asks = visitors.coming_back(PANEL_PATH if page == "panel" else JOURNAL_PATH, chosen)
        return wrk.get(self.site.url, asks, folder, seconds=seconds, connections=1)


def flat(populations: Sequence[int], *, rounds: int, seconds: int) -> tuple[str, bool]:
    """A table, and whether there was no error and the same queries everywhere."""
    with ExitStack() as stack:
        towns = []
        for readers in populations:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="devotional-")))
            towns.append(built(folder, readers, stack.callback))
        scripts = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="devotional-wrk-")))
        for _ in range(rounds):
            for page in PAGES:
                for town in towns:
                    town.runs[page].append(town.measure(page, scripts, seconds))
        return report(towns)


def built(folder: Path, readers: int, at_the_end: Callable[[Callable[[], object]], object]) -> Town:
    """A started site with so many readers; it is stopped `at_the_end`."""
    site = Site(folder)
    site.start()
    site.stop()
    took = population.fill(site, readers)
    counted = queries.count(site)
    site.start()
    at_the_end(site.stop)
    return Town(readers, site, took, counted)


def chosen_from(readers: int, turn: int) -> list[int]:
    """Some of the readers; others in each turn."""
    chance = random.Random(turn)  # noqa: S311  # the same each time it is run
    return chance.sample(range(readers), min(readers, SAMPLE))


def report(towns: Sequence[Town]) -> tuple[str, bool]:
    lines = [("page", "readers", "p50", "p99", "to the fewest", "queries", "errors")]
    for page in PAGES:
        for town in towns:
            runs, fewest = town.runs[page], towns[0].runs[page]
            ratio = statistics.median(
                mine.p50 / theirs.p50 for mine, theirs in zip(runs, fewest, strict=True)
            )
            lines.append(
                (
                    page,
                    f"{town.readers:,}",
                    milliseconds(statistics.median(run.p50 for run in runs)),
                    milliseconds(statistics.median(run.p99 for run in runs)),
                    f"{ratio:.2f}",
                    str(town.queries[page]),
                    str(sum(run.errors for run in runs)),
                )
            )
    filled = [
        f"{town.readers:,} readers with {town.readers * population.EACH:,} reflections: "
        f"{megabytes(town.site.database.file.stat().st_size)}, "
        f"filled in {town.seconds_to_fill:.0f} s"
        for town in towns
    ]
    same = all(town.queries == towns[0].queries for town in towns)
    errors = any(run.errors for town in towns for runs in town.runs.values() for run in runs)
    return "\n".join([columns(lines), *filled]), same and not errors
