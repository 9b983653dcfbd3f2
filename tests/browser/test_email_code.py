"""Coming back by a code in the mail: from the first browser to the second (K3)."""

import pytest
from playwright.sync_api import expect

from tests.browser import phrases
from tests.browser.actions import agree, saved
from tests.browser.conftest import NewReader
from tests.browser.sign_in_actions import SiteWithMail, arrived, new_mail_address, type_code

WORDS = "The canary of a journey by mail."


@pytest.mark.parametrize("javascript", [True, False])
def test_from_guest_to_second_browser_by_code(
    someone: NewReader, site_with_mail: SiteWithMail, javascript: bool
) -> None:
    """A guest gives an address and types the code; a second browser comes in by another code."""
    site, mailbox = site_with_mail
    address = new_mail_address()
    first = someone(site)
    agree(first, WORDS)
    saved(first, WORDS)
    first.goto("/account/")
    first.get_by_label(phrases.EMAIL_ADDRESS).fill(address)
    first.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Check your email")
    first.get_by_label(phrases.MAILED_CODE, exact=True).fill("BBBB-BBBB")
    first.get_by_role("button", name=phrases.KEEP_THIS_ADDRESS).click()
    expect(first.get_by_role("alert")).to_contain_text("That code isn’t right.")
    type_code(first, mailbox, "Confirm this address")
    expect(first.get_by_text(f"A code goes to {address}")).to_be_visible()

    second = someone(site, javascript=javascript, wide=True)
    second.goto("/account/sign-in/")
    second.get_by_label(phrases.EMAIL_ADDRESS, exact=True).fill(address.capitalize())
    second.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Check your email")
    type_code(second, mailbox, "Sign in")
    arrived(second, WORDS)
    assert WORDS not in "".join(mail.as_string() for mail in mailbox.mails)
