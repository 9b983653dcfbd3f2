"""What tests of accounts have in common: how a person adds a way in, and comes in by it."""

from typing import Any

from harness.actors import Browser
from harness.mailbox import Mailbox

ANNA = "anna@example.org"
PASSWORD = "a door on its hinges"
KEEP = "/account/"
ARRIVE = "/account/arrive/"


def fill(browser: Browser, path: str, to: str = "", **fields: str) -> Any:
    """Open the page at `path`, fill in its form and send it there, or `to` another view."""
    assert browser.get(path).status_code == 200
    return browser.post(to or path, fields)


def add_email(browser: Browser, mailbox: Mailbox, address: str = ANNA) -> Any:
    fill(browser, "/account/email/", email=address)
    return fill(browser, "/account/email/code/", code=mailbox.code())


def add_password(browser: Browser, name: str = "anna", password: str = PASSWORD) -> Any:
    return fill(browser, "/account/password/", name=name, password=password)


def ask_for_code(browser: Browser, address: str = ANNA) -> Any:
    return fill(browser, "/account/sign-in/", "/account/sign-in/code/", email=address)


def type_code(browser: Browser, code: str) -> Any:
    return fill(browser, "/account/sign-in/code/type/", code=code)


def by_password(browser: Browser, login: str = "anna", password: str = PASSWORD) -> Any:
    return fill(browser, "/account/sign-in/", login=login, password=password)


def replace_password(browser: Browser, mailbox: Mailbox, password: str = PASSWORD) -> Any:
    """Have forgotten it, and set another by a code that is mailed."""
    start = "/account/password/forgotten/"
    fill(browser, start, email=ANNA)
    fill(browser, start + "code/", code=mailbox.code())
    return fill(browser, start + "new/", password1=password)


def went_to(response: Any) -> tuple[int, str | None]:
    return response.status_code, response.headers.get("Location")
