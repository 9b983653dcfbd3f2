"""What a page costs a phone: requests, bytes, the time until it stands, and Lighthouse's view.

Pages for everyone are to have 100 of 100 in all four. A reader's own are kept from search engines
on purpose, which Lighthouse counts against them under SEO.
"""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.columns import columns
from bench.load.compare import inhabited
from bench.weight import lighthouse, phone
from bench.weight.lighthouse import CATEGORIES, HOW, Judged
from bench.weight.pages import READERS, Page, pages_of
from bench.weight.phone import KINDS, Opened

STEADY = 0.001  # a shift that nobody can see
ON_PURPOSE = {"is-crawlable", "meta-description"}  # for search engines, which are asked not to come


def weight(*, with_lighthouse: bool) -> tuple[str, bool]:
    """Two tables, and whether pages for everyone are as good as they are to be."""
    if not phone.is_here():
        return "not run: needs Chromium (on Debian: apt install chromium)", False
    with tempfile.TemporaryDirectory(prefix="devotional-weight-") as folder:
        site = inhabited(Path(folder), READERS)
        try:
            pages = pages_of(site)
            opened = phone.weigh(pages)
            judged = looked_at(pages, Path(folder)) if with_lighthouse else "left out"
        finally:
            site.stop()
    good = all(each.foreign == 0 and each.shifted < STEADY for each in opened.values())
    if isinstance(judged, str):
        return f"{weights(opened)}\n\nLighthouse: {judged}", good and not with_lighthouse
    perfect = all(
        set(judged[page.name].scores.values()) == {100} for page in pages if page.is_public
    )
    return f"{weights(opened)}\n\n{scores(pages, judged)}", good and perfect


def looked_at(pages: Sequence[Page], folder: Path) -> Mapping[str, Judged] | str:
    """What Lighthouse says of each page, or why it can't."""
    if not lighthouse.is_here():
        return HOW
    try:
        return {page.name: lighthouse.judge(page, folder) for page in pages}
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return str(error)


def weights(opened: Mapping[str, Opened]) -> str:
    heads = ("page", "requests", "bytes", "HTML", "CSS", "scripts", "fonts", "fetched")
    lines: list[tuple[str, ...]] = [(*heads, "to others", "LCP", "CLS")]
    for name, each in opened.items():
        lines.append(
            (
                name,
                str(each.requests),
                kilobytes(each.bytes.total()),
                *(kilobytes(each.bytes[kind]) for kind in KINDS),
                str(each.foreign),
                f"{each.largest:.2f} s",
                f"{each.shifted:.3f}",
            )
        )
    return columns(lines)


def scores(pages: Sequence[Page], judged: Mapping[str, Judged]) -> str:
    lines: list[tuple[str, ...]] = [
        ("Lighthouse, mobile", *CATEGORIES, "what it would have otherwise")
    ]
    for page in pages:
        found = judged[page.name]
        told = [
            f"{name}, on purpose" if name.split()[0] in ON_PURPOSE and page.cookie else name
            for name in found.failing
        ]
        lines.append(
            (page.name, *(str(found.scores[name]) for name in CATEGORIES), "; ".join(told))
        )
    return columns(lines)


def kilobytes(size: int) -> str:
    return f"{size / 1024:.1f} KB"
