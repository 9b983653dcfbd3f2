"""A page in every light and width: nothing sticks out, and axe finds nothing (B11)."""

import json
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDTHS = (320, 390, 1280)
PHONE_AND_DESK = (390, 1280)
STANDS = "document.readyState === 'complete' && document.querySelector('main')"
AXE = """async () => {
    const found = await axe.run({ resultTypes: ["violations"], iframes: false, preload: false });
    return found.violations.map(({ id, impact, help, nodes }) => ({
        id, impact, help, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
    }));
}"""
# How far the page goes beyond the window: as it is, and with text twice as large.
OVER = """() => {
    const { documentElement: page } = document;
    const over = () => page.scrollWidth - innerWidth;
    const usual = over();
    page.style.fontSize = "200%";
    const large = over();
    page.style.fontSize = "";
    if (!page.getAttribute("style")) page.removeAttribute("style");
    return [usual, large];
}"""


def looks(page: Page, widths: tuple[int, ...] = WIDTHS) -> Iterator[tuple[str, int]]:
    """The page in light and dark and each width, then as it was: a page follows at once.

    So one walk serves for all of them.
    """
    before = page.viewport_size
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            yield scheme, width
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)


def accessible(page: Page, widths: tuple[int, ...] = WIDTHS) -> None:
    for look in looks(page, widths):
        assert sticks_out(page) == [], (page.url, *look)
        assert_no_violations(page, *look)


def sticks_out(page: Page) -> list[str]:
    """What of the page has to be scrolled to sideways, at 100 and at 200 % of text."""
    sizes = zip(("100 %", "200 %"), page.evaluate(OVER), strict=True)
    return [f"{over} px at {size}" for size, over in sizes if over > 0]


def assert_no_violations(page: Page, *where: object) -> None:
    """Have axe look at the page once it stands: a click returns before its page has come."""
    page.wait_for_function(STANDS)
    found = violations(page)
    assert found == [], (page.url, *where, json.dumps(found, indent=1))


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds. Its script is brought into a page once, which takes longer than a look."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(AXE)
    return found
