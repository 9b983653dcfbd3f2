"""What comes between the pages of signing in and of the ways in, for axe and the eye (B11)."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from harness.mailbox import Mailbox
from tests.browser import phrases
from tests.browser.actions import agree
from tests.browser.conftest import NewReader
from tests.browser.page_checks import accessible
from tests.browser.sign_in_actions import SiteWithMail, authenticator, type_code

pytestmark = pytest.mark.only_on("sqlite", "the same pages look the same on both")

LONG = "donaudampfschifffahrtsgesellschaft.{}@tuerschluessel-und-fensterrahmen.example.org"
NAME = "donaudampfschifffahrtsgesellschaft.4"
PASSWORD = "a door on its hinges"


@pytest.fixture
def address() -> str:
    return LONG.format(secrets.token_hex(4))


def keep_address(page: Page, mailbox: Mailbox, address: str) -> None:
    page.goto("/account/email/")
    page.get_by_label(phrases.EMAIL_ADDRESS).fill(address)
    page.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
    type_code(page, mailbox, "Confirm this address")
    expect(page.get_by_text("A code goes to")).to_be_visible()


def choose(page: Page, name: str, password: str) -> None:
    page.goto("/account/password/")
    page.get_by_label(re.compile("^Username")).fill(name)
    page.get_by_label(phrases.PASSWORD, exact=True).fill(password)
    page.get_by_role("button", name=phrases.SAVE_PASSWORD).click()


def forget(page: Page, address: str) -> None:
    page.goto("/account/password/forgotten/")
    page.get_by_label(phrases.EMAIL_ADDRESS).fill(address)
    page.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()


def test_an_address_and_a_wrong_code(
    someone: NewReader, site_with_mail: SiteWithMail, address: str
) -> None:
    site, _mailbox = site_with_mail
    page = someone(site)
    agree(page)
    page.goto("/account/email/")
    accessible(page)
    page.get_by_label(phrases.EMAIL_ADDRESS).fill(address)
    page.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
    page.get_by_label(phrases.MAILED_CODE, exact=True).fill("BBBB-BBBB")
    page.get_by_role("button", name=phrases.KEEP_THIS_ADDRESS).click()
    expect(page.get_by_role("alert")).to_be_visible()
    accessible(page)


def test_a_name_and_a_password_that_are_not_taken(
    someone: NewReader, site_with_mail: SiteWithMail
) -> None:
    site, _mailbox = site_with_mail
    page = someone(site)
    agree(page)
    choose(page, "a b", "short")
    expect(page.get_by_text("This password is too short.")).to_be_visible()
    accessible(page)


def test_every_way_in_and_the_last_one_taken_away(
    someone: NewReader, site_with_mail: SiteWithMail, address: str
) -> None:
    """An address, a name with a password and a passkey, each as long as they may be."""
    site, mailbox = site_with_mail
    page = someone(site)
    agree(page)
    keep_address(page, mailbox, address)
    name = f"{NAME}{secrets.token_hex(2)}"
    choose(page, name, PASSWORD)
    expect(page.get_by_text("You sign in as")).to_be_visible()
    authenticator(page)
    page.goto("/account/passkeys/add/")
    page.get_by_label(phrases.WHAT_TO_CALL_IT).fill(name)
    page.get_by_role("button", name=phrases.MAKE_A_PASSKEY).click()
    expect(page.get_by_role("link", name=f"Remove “{name}”")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name=f"Remove “{name}”").click()
    accessible(page)
    page.get_by_role("button", name=phrases.REMOVE_IT).click()
    page.goto("/account/password/remove/")
    page.get_by_role("button", name=phrases.REMOVE_IT).click()
    page.goto("/account/email/remove/")
    accessible(page)


def test_a_stranger_who_is_not_let_in(
    someone: NewReader, site_with_mail: SiteWithMail, address: str
) -> None:
    site, _mailbox = site_with_mail
    page = someone(site)
    page.goto("/account/sign-in/")
    page.get_by_label("Username or email address").fill(address)
    page.get_by_label(phrases.PASSWORD, exact=True).fill("wrong")
    page.get_by_role("button", name=phrases.SIGN_IN, exact=True).click()
    expect(page.get_by_text(phrases.NOT_RIGHT)).to_be_visible()
    accessible(page)


def test_a_letter_that_is_not_sent(
    someone: NewReader, site_with_mail: SiteWithMail, address: str
) -> None:
    """The mail server takes none; and there are no more than a few to one address."""
    site, mailbox = site_with_mail
    reader, page = someone(site), someone(site)
    agree(reader)
    keep_address(reader, mailbox, address)
    forget(page, address)
    type_code(page, mailbox, "Continue")
    mailbox.refusal = "451 try again later"
    try:
        forget(page, address)
        accessible(page)
        for _ in range(4):
            forget(page, address)
    finally:
        mailbox.refusal = ""
    expect(page.get_by_text("Too many tries.")).to_be_visible()
    accessible(page)
