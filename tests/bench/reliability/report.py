"""A bar's figures as a row, the rows as one table, and what a run was asked to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


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


def table(rows: Sequence[Row]) -> str:
    """The rows in columns, as wide as what they hold."""
    lines = [("bar", "what was run", "figures", "")]
    lines += [(row.bar, row.run, row.figures, "met" if row.met else "NOT MET") for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line[:3], widths, strict=True))
        + f"  {line[3]}"
        for line in lines
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
