"""A bar's figures as a row, the rows as one table, and what a run was asked to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.columns import columns


@dataclass(frozen=True, slots=True)
class Row:
    """What was run for one bar, what came of it, and whether that is good enough."""

    bar: str
    run: str
    figures: str
    met: bool


@dataclass(frozen=True, slots=True)
class Options:
    """How much to run. The defaults are what the bars in the rules ask for."""

    folder: Path
    seed: int
    kills: int = 200
    saves: int = 20_000
    restarts: int = 20
    texts: int = 10_000
    inputs: int = 300
    schedules: int = 1_000
    pairs: int = 500
    writers: int = 6
    backups: int = 20


def table(rows: Sequence[Row]) -> str:
    """The rows in columns."""
    lines = [("bar", "what was run", "figures", "")]
    lines += [(row.bar, row.run, row.figures, "met" if row.met else "NOT MET") for row in rows]
    return columns(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
