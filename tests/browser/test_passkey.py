"""Coming back with a passkey, made and used by Chromium's own virtual authenticator (K3)."""

from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.browser import phrases
from tests.browser.actions import agree, saved
from tests.browser.conftest import NewReader
from tests.browser.sign_in_actions import (
    SiteWithMail,
    arrived,
    authenticator,
    new_mail_address,
    type_code,
)

WORDS = "The canary of a journey by passkey."


def passkeys_on(device: tuple[CDPSession, str]) -> list[Any]:
    session, number = device
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": number})
    return list(kept["credentials"])


def carry(page: Page, credential: Any) -> tuple[CDPSession, str]:
    """The same passkey on another browser, as the maker of the device carries it there."""
    session, number = authenticator(page)
    session.send("WebAuthn.addCredential", {"authenticatorId": number, "credential": credential})
    return session, number


def test_from_guest_to_second_browser_by_passkey(
    someone: NewReader, site_with_mail: SiteWithMail
) -> None:
    """A guest makes a passkey without an address; on another browser it is enough by itself."""
    site, mailbox = site_with_mail
    first = someone(site)
    agree(first, WORDS)
    saved(first, WORDS)
    device = authenticator(first)
    first.goto("/account/")
    first.get_by_role("link", name=phrases.MAKE_A_PASSKEY).click()
    first.get_by_label(phrases.WHAT_TO_CALL_IT).fill("My phone")
    first.get_by_role("button", name=phrases.MAKE_A_PASSKEY).click()
    expect(first.get_by_role("link", name="Remove “My phone”")).to_be_visible()
    [kept] = passkeys_on(device)
    assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)

    second = someone(site, wide=True)
    second.goto("/account/sign-in/")
    carry(second, kept)
    second.get_by_role("button", name="Use a passkey").click()
    arrived(second, WORDS)

    # A second way beside it; and either of the two is enough, alone.
    second.goto("/account/")
    address = new_mail_address()
    second.get_by_label(phrases.EMAIL_ADDRESS).fill(address)
    second.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
    type_code(second, mailbox, "Confirm this address")
    expect(second.get_by_text(f"A code goes to {address}")).to_be_visible()
    third = someone(site)
    third.goto("/account/sign-in/")
    third.get_by_label(phrases.EMAIL_ADDRESS, exact=True).fill(address)
    third.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
    type_code(third, mailbox, "Sign in")
    arrived(third, WORDS)

    # Taken away, it opens nothing any more, and the page says so.
    second.get_by_role("link", name="Remove “My phone”").click()
    second.get_by_role("button", name=phrases.REMOVE_IT).click()
    expect(second.get_by_role("link", name=phrases.MAKE_A_PASSKEY)).to_be_visible()
    fourth = someone(site)
    fourth.goto("/account/sign-in/")
    carry(fourth, kept)
    fourth.get_by_role("button", name="Use a passkey").click()
    expect(fourth.get_by_text("This passkey doesn’t work here.")).to_be_visible()


def test_a_passkey_that_is_not_given_changes_nothing(
    someone: NewReader, site_with_mail: SiteWithMail
) -> None:
    """The owner is not verified by the device: words say so, and the other ways stay open."""
    site, _mailbox = site_with_mail
    page = someone(site)
    agree(page, WORDS)
    saved(page, WORDS)
    session, number = authenticator(page)
    page.goto("/account/passkeys/add/")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
    page.get_by_role("button", name=phrases.MAKE_A_PASSKEY).click()
    expect(page.get_by_role("status").last).to_have_text(
        "No passkey was created. You can try again."
    )
    page.goto("/account/")
    expect(page.get_by_role("link", name=phrases.MAKE_A_PASSKEY)).to_be_visible()
