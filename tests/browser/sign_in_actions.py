"""What journeys that sign in have in common: a site with mail and passkeys, and who comes back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from harness.mailbox import Mailbox
from harness.site import Site
from tests.browser.actions import WRITING, on_the_server

ARRIVED = re.compile(r"/journal/$")


@contextmanager
def site_with_mail(folder: Path, **variables: str) -> Iterator[tuple[Site, Mailbox]]:
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


def arrived(page: Page, words: str) -> None:
    """The browser has come back to its reader, who finds these words where they were written."""
    expect(page).to_have_url(ARRIVED)
    assert on_the_server(page, WRITING) == words


def type_code(page: Page, mailbox: Mailbox, button: str) -> None:
    page.get_by_label("Code", exact=True).fill(mailbox.code())
    page.get_by_role("button", name=button).click()
