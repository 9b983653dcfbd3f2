"""A page in every light and width: nothing sticks out, and axe finds nothing (B11)."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDTHS = (320, 390, 1280)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
AXE = """async (runOnly) => {
    const options = { resultTypes: ["violations"], selectors: false, iframes: false };
    const found = await axe.run({ ...options, ...(runOnly && { runOnly }), preload: false });
    return found.violations.map(({ id, impact, help, nodes }) => ({
        id, impact, help, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
    }));
}"""
# All that can differ in the dark: see `test_dark_differs_by_colours_alone`.
COLOURS = ["color-contrast", "link-in-text-block"]
OVER = "document.documentElement.scrollWidth - innerWidth"
TEXT = {"200 %": {"standard": 32, "fixed": 26}, "100 %": {"standard": 16, "fixed": 13}}


def faults(page: Page) -> Iterator[tuple[str, object]]:
    """What is wrong with the page at any width, at 100 and 200 % of text, in light and dark.

    Yields where, and what. One walk serves for all of them: a page follows at once. The size of
    text is that of the browser's own settings, which lengths and media queries follow.
    """
    stands(page)
    before = page.viewport_size
    session = page.context.new_cdp_session(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for size, fonts in TEXT.items():
            session.send("Page.setFontSizes", {"fontSizes": fonts})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                over = page.evaluate(OVER)
                if over > 0:
                    yield f"{scheme}, {width} px, {size}", f"sticks out {over} px"
                if size == "100 %":
                    for found in violations(page, only=COLOURS if scheme == "dark" else None):
                        yield f"{scheme}, {width} px", found
    session.detach()
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)


def accessible(page: Page) -> None:
    found = list(faults(page))
    assert found == [], (page.url, json.dumps(found, indent=1))


def assert_no_violations(page: Page) -> None:
    """Have axe look at the page once it stands: a click returns before its page has come."""
    stands(page)
    found = violations(page)
    assert found == [], (page.url, json.dumps(found, indent=1))


def stands(page: Page) -> None:
    """Wait until the page is there. Not by `wait_for_function`, which our own policy forbids."""
    page.wait_for_load_state("load")
    page.locator("main").first.wait_for(state="attached")


def violations(page: Page, *, only: list[str] | None = None) -> list[dict[str, Any]]:
    """What axe finds by all of its rules, or by some only.

    Its script is brought into a page once, which takes longer than a look.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(AXE, only)
    return found
