"""A page in every light and width: nothing sticks out, and axe finds nothing (B11)."""

import json
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDTHS = (320, 390, 1280)
AXE = """async () => {
    const found = await axe.run({ resultTypes: ["violations"], iframes: false, preload: false });
    return found.violations.map(({ id, impact, help, nodes }) => ({
        id, impact, help, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
    }));
}"""
OVER = "document.documentElement.scrollWidth - innerWidth"
TEXT = {"100 %": {"standard": 16, "fixed": 13}, "200 %": {"standard": 32, "fixed": 26}}


def looks(page: Page) -> Iterator[tuple[str, int]]:
    """The page in light and dark and each width, then as it was: a page follows at once.

    So one walk serves for all of them.
    """
    before = page.viewport_size
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            yield scheme, width
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)


def accessible(page: Page) -> None:
    for look in looks(page):
        assert sticks_out(page) == [], (page.url, *look)
        assert_no_violations(page, *look)


def sticks_out(page: Page) -> list[str]:
    """What of the page has to be scrolled to sideways, at 100 and at 200 % of text.

    The size is that of the browser's own settings, which lengths and media queries follow.
    """
    session = page.context.new_cdp_session(page)
    found = []
    for size in ("200 %", "100 %"):
        session.send("Page.setFontSizes", {"fontSizes": TEXT[size]})
        over = page.evaluate(OVER)
        found += [f"{over} px at {size}"] if over > 0 else []
    session.detach()
    return found


def assert_no_violations(page: Page, *where: object) -> None:
    """Have axe look at the page once it stands: a click returns before its page has come."""
    stands(page)
    found = violations(page)
    assert found == [], (page.url, *where, json.dumps(found, indent=1))


def stands(page: Page) -> None:
    """Wait until the page is there. Not by `wait_for_function`, which our own policy forbids."""
    page.wait_for_load_state("load")
    page.locator("main").first.wait_for(state="attached")


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds. Its script is brought into a page once, which takes longer than a look."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(AXE)
    return found
