"""What journeys that sign in have in common: a site with mail and passkeys, and who comes back."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import CDPSession, Page, expect

from harness.mailbox import Mailbox
from harness.site import Site
from tests.browser import phrases
from tests.browser.actions import WRITING, on_the_server

type SiteWithMail = tuple[Site, Mailbox]

ARRIVED = re.compile(r"/journal/(\?back)?$")


@contextmanager
def run_site_with_mail(folder: Path, **variables: str) -> Iterator[SiteWithMail]:
    """A site that mails codes, under a name to which browsers tie passkeys."""
    with Mailbox() as mailbox:
        site = Site(folder)
        site.url = site.url.replace("127.0.0.1", "localhost")
        site.extra = {"EMAIL_URL": mailbox.url, "EMAIL_FROM": "hello@example.org"} | variables
        site.start()
        try:
            yield site, mailbox
        finally:
            site.stop()


def new_mail_address() -> str:
    """An address of e-mail that nobody on the site has."""
    return f"anna.{secrets.token_hex(6)}@example.org"


def arrived(page: Page, words: str) -> None:
    """The browser has come back to its reader, who finds these words where they were written."""
    expect(page).to_have_url(ARRIVED)
    assert on_the_server(page, WRITING) == words


def type_code(page: Page, mailbox: Mailbox, button: str) -> None:
    page.get_by_label(phrases.MAILED_CODE, exact=True).fill(mailbox.code())
    page.get_by_role("button", name=button).click()


def authenticator(page: Page) -> tuple[CDPSession, str]:
    """A device of this page that keeps passkeys, and whose owner is always there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]
