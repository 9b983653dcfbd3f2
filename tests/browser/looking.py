"""A page in every light and width: nothing sticks out, and axe finds nothing (B11)."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (320, 390, 1280)
PHONE_AND_DESK = (390, 1280)


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
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, (page.url, *look)
        assert_no_violations(page, *look)


def assert_no_violations(page: Page, *where: object) -> None:
    """Have axe look at the page once it stands: a click returns before its page has come."""
    page.wait_for_function("document.readyState === 'complete' && document.querySelector('main')")
    found = Axe().run(page)
    assert found.response["violations"] == [], (page.url, *where, found.generate_report())
