"""Coming back with a name and a password, also where no mail is sent (K3)."""

from playwright.sync_api import expect

from tests.browser import phrases
from tests.browser.actions import agree, saved
from tests.browser.conftest import NewReader, Site
from tests.browser.sign_in_actions import arrived

WORDS = "The canary of a journey by password."
PASSWORD = "a door on its hinges"


def test_from_guest_to_second_browser_by_password(someone: NewReader, site: Site) -> None:
    """A guest chooses a name and a password, looks at what they typed, and comes in elsewhere."""
    first = someone(site)
    agree(first, WORDS)
    saved(first, WORDS)
    first.goto("/account/")
    expect(first.get_by_label(phrases.EMAIL_ADDRESS)).to_have_count(0)
    first.get_by_role("link", name="Set a password").click()
    first.get_by_label("Username").fill("Anna.B")
    first.get_by_label(phrases.PASSWORD, exact=True).fill(PASSWORD)
    first.get_by_role("button", name="Show password").click()
    expect(first.get_by_label(phrases.PASSWORD, exact=True)).to_have_attribute("type", "text")
    first.get_by_role("button", name=phrases.SAVE_PASSWORD).click()
    expect(first.get_by_text("You sign in as anna.b.")).to_be_visible()

    second = someone(site, javascript=False)
    second.goto("/account/sign-in/")
    second.get_by_label(phrases.NAME, exact=True).fill("anna.b")
    second.get_by_label(phrases.PASSWORD, exact=True).fill("not this one")
    second.get_by_role("button", name=phrases.SIGN_IN, exact=True).click()
    expect(second.get_by_text(phrases.NOT_RIGHT)).to_be_visible()
    second.get_by_label(phrases.PASSWORD, exact=True).fill(PASSWORD)
    second.get_by_role("button", name=phrases.SIGN_IN, exact=True).click()
    arrived(second, WORDS)
