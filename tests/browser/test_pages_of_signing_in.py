"""What comes between the pages of signing in and of the ways in, for axe and the eye (B11)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from harness.mailbox import Mailbox
from tests.browser.actions import agree
from tests.browser.conftest import NewReader
from tests.browser.page_checks import accessible
from tests.browser.sign_in_actions import site_with_mail, type_code
from tests.browser.test_passkey import authenticator

pytestmark = pytest.mark.only_on("sqlite", "the same pages look the same on both")

LONG = "donaudampfschifffahrtsgesellschaftskapitaen@tuerschluessel-und-fensterrahmen.example.org"
NAME = "donaudampfschifffahrtsgesellschaft.40xyz"
PASSWORD = "a door on its hinges"

type Look = Callable[[Page, str], Any]


def walk_of_a_reader(page: Page, mailbox: Mailbox, look: Look) -> None:
    agree(page)
    page.goto("/account/")
    page.goto("/account/email/")
    look(page, "address")
    page.get_by_label("E-mail address").fill(LONG)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).fill("BBBB-BBBB")
    page.get_by_role("button", name="Keep this address").click()
    look(page, "address, wrong code")
    type_code(page, mailbox, "Keep this address")
    expect(page.get_by_text("A code goes to")).to_be_visible()
    page.goto("/account/password/")
    page.get_by_label("Name (you may leave it empty)").fill("a b")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Keep it").click()
    look(page, "password, wrong")
    page.get_by_label("Name (you may leave it empty)").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("You sign in as")).to_be_visible()
    authenticator(page)
    page.goto("/account/passkeys/add/")
    page.get_by_label("What to call it").fill(NAME)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("link", name=f"Remove “{NAME}”")).to_be_visible()
    look(page, "keep, every way")
    page.get_by_role("link", name=f"Remove “{NAME}”").click()
    look(page, "remove")
    page.get_by_role("button", name="Remove it").click()
    page.goto("/account/password/remove/")
    page.get_by_role("button", name="Remove it").click()
    page.goto("/account/email/remove/")
    look(page, "remove the last")


def walk_of_a_stranger(page: Page, mailbox: Mailbox, look: Look) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("Name or e-mail address").fill(LONG)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    look(page, "sign in, wrong")
    page.get_by_label("E-mail address", exact=True).fill(LONG)
    page.get_by_role("button", name="Send me a code").click()
    page.goto("/account/password/forgotten/")
    page.get_by_label("E-mail address").fill(LONG)
    page.get_by_role("button", name="Send me a code").click()
    type_code(page, mailbox, "Go on")
    mailbox.refuses = True
    page.goto("/account/password/forgotten/")
    page.get_by_label("E-mail address").fill(LONG)
    page.get_by_role("button", name="Send me a code").click()
    look(page, "not sent")
    for _ in range(4):
        page.goto("/account/password/forgotten/")
        page.get_by_label("E-mail address").fill(LONG)
        page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wait a little")
    look(page, "too often")


def test_axe_and_width(someone: NewReader, tmp_path: Path) -> None:
    """A reader adds and removes every way; a stranger forgets and tries. Each page in 3 widths."""
    seen: list[str] = []

    def look(page: Page, name: str) -> None:
        seen.append(name)
        accessible(page)

    with site_with_mail(tmp_path) as (site, mailbox):
        reader = someone(site)
        walk_of_a_reader(reader, mailbox, look)
        # Their address again, for the stranger to have forgotten the password of.
        reader.goto("/account/email/remove/")
        walk_of_a_stranger(someone(site), mailbox, look)
    assert len(seen) == 9
