"""Figures in columns, for every bench that prints some."""

from collections.abc import Sequence


def columns(lines: Sequence[Sequence[str]]) -> str:
    """`lines` side by side, each column as wide as what it holds; the first line is the heading."""
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def megabytes(size: float) -> str:
    return f"{size / 2**20:,.0f} MB"
