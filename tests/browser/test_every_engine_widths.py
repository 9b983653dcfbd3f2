"""No page is wider than its window on a phone of 320 or 390 pixels, in Firefox and WebKit.

The same pages as in `test_every_page`, of someone who has one of everything; Chromium is looked at
there. What is too wide is named with an element that sticks out.
"""

from collections.abc import Iterator

import pytest

from harness.full_reader import Furnished, furnish
from harness.routes import path_of
from harness.site import Site
from tests.browser.drivers.page import Page
from tests.browser.engines import NewPerson
from tests.browser.sign_in_actions import run_site_with_mail
from tests.browser.test_every_page import ALL, NOBODY, names_for

WIDTHS = (390, 320)
HEIGHT = 800
# Such a page is asked for by what comes before it, and leads elsewhere without.
NOT_BY_ITS_ADDRESS = {"account_email_verification_sent"}
# What is fetched as one comes near it is there, and so is the typeface.
IS_THERE = """async () => {
    document.querySelector("#leaf")?.scrollIntoView({ block: "center", behavior: "instant" });
    await document.fonts.ready;
    const comes = document.querySelector("i.nearing, .htmx-request");
    return document.readyState === "complete" && comes === null;
}"""
TOO_WIDE = """() => {
    const root = document.documentElement;
    const over = root.scrollWidth - root.clientWidth;
    if (over <= 0) return "";
    const elements = [...document.querySelectorAll("body *")].filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return Math.max(right, left + element.scrollWidth) > root.clientWidth + 0.5;
    });
    return `${over} px, by ${elements.at(-1)?.outerHTML.slice(0, 120)}`;
}"""


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Furnished]]:
    folder = tmp_path_factory.mktemp("every-width")
    with run_site_with_mail(folder, TRUSTED_PROXIES="1") as (site, mailbox):
        have = furnish(site, mailbox)
        yield site, have
        have.close()


@pytest.mark.parametrize("engine", ["firefox", "webkit"], indirect=True)
def test_no_page_is_wider_than_its_window(
    furnished: tuple[Site, Furnished], new_person: NewPerson
) -> None:
    site, have = furnished
    reader, nobody = (new_person(at=site.url) for _ in range(2))
    for name, value in have.reader.cookies.items():
        reader.driver.set_cookie(name, value, site.url)
    wrong: list[str] = []
    seen = 0
    for who, page in ((ALL, reader), (NOBODY, nobody)):
        for name in names_for(who):
            if name not in NOT_BY_ITS_ADDRESS:
                wrong += too_wide(page, path_of(name, have.values_of(name)))
                seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen > 60


def too_wide(page: Page, path: str) -> list[str]:
    page.driver.set_viewport(WIDTHS[0], HEIGHT)
    page.open(path)
    page.wait(lambda: page.evaluate(IS_THERE), f"{path} is not there")
    found = []
    for width in WIDTHS:
        page.driver.set_viewport(width, HEIGHT)
        over = page.evaluate(TOO_WIDE)
        found += [f"{path} at {width} px: {over}"] if over else []
    return found
