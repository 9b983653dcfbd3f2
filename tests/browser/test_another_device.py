"""From one device to another by a link, and back in place where a session was lost (K14, W7)."""

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import (
    OPENING,
    agree,
    eventually,
    first_box,
    on_the_server,
    open_leaf,
    press,
    records,
    saved,
    wordings,
)
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible
from tests.browser.test_return_code import HOME, WHATSAPP, make_code

PAGE = "/account/another-device/"
CARRY_ON = re.compile(r"/account/carry-on/")


def make_link(page: Page) -> str:
    """Make a link as one does from the panel, and read it off the page as the other device does."""
    page.goto(PAGE)
    press(page, phrases.MAKE_A_LINK)
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    return page.locator(".secret-link").inner_text()


def test_phone_to_laptop_by_the_code(site: Site, someone: NewReader) -> None:
    """One tap there, nothing typed; the phone says that it was opened, and it is good once."""
    phone = someone(site)
    agree(phone, "Written on the phone.")
    expect(phone.get_by_role("link", name="Open on another device")).to_have_attribute("href", PAGE)
    link = make_link(phone)
    laptop = someone(site, wide=True)
    told: list[str] = []
    laptop.on("request", lambda sent: told.extend(sent.headers.values()))
    laptop.goto(link)
    expect(laptop.get_by_role("heading", name="Carry on as the one who wrote on")).to_be_visible()
    assert "Written on the phone." not in laptop.content()
    assert laptop.context.cookies() == []
    press(laptop, "Yes, carry on")
    expect(laptop).to_have_url(HOME)
    assert [value for value in told if "/carry-on/" in value] == []
    expect(open_leaf(laptop)).to_have_value("Written on the phone.")
    expect(phone.get_by_text("Opened on another device:")).to_be_visible(timeout=15_000)
    expect(phone.locator("#device-link svg")).to_have_count(0)
    accessible(phone)
    late = someone(site)
    late.goto(link)
    expect(late.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_without_javascript(site: Site, someone: NewReader) -> None:
    phone = someone(site, javascript=False)
    phone.goto("/reflect/the-continual-pursuit-of-breakthrough/hingy/")
    phone.locator("textarea").first.fill("By plain forms.")
    press(phone, phrases.AGREE_AND_SAVE.name)
    link = make_link(phone)
    laptop = someone(site, javascript=False)
    laptop.goto(link)
    press(laptop, "Yes, carry on")
    expect(laptop).to_have_url(HOME)
    assert on_the_server(laptop) == "By plain forms."
    phone.get_by_role("link", name="Has it been opened?").click()
    expect(phone.get_by_text("Opened on another device:")).to_be_visible()


def lose_session(page: Page, text: str) -> Any:
    """The cookie goes while someone writes; the panel asks who they are, and keeps the words."""
    box = page.locator("form.reflection textarea").first
    page.context.clear_cookies()
    box.fill(text)
    expect(page.get_by_text(phrases.COOKIE_IS_GONE)).to_be_visible()
    return box


def test_back_in_place_by_a_code(site: Site, someone: NewReader) -> None:
    """The code is typed in the panel itself; what waited is saved, without a conflict."""
    page = someone(site)
    agree(page)
    code = make_code(page)
    open_leaf(page)
    expect(page.get_by_role("button", name="Agree and save")).to_have_count(0)
    lose_session(page, "Written meanwhile.")
    accessible(page)
    page.get_by_role("textbox", name=phrases.CODE.name).fill("ABC")
    press(page, phrases.COME_BACK.name)
    expect(page.locator("#code-wrong")).to_be_visible()
    expect(page.locator("form.reflection textarea").first).to_have_value("Written meanwhile.")
    page.get_by_role("textbox", name=phrases.CODE.name).fill(code)
    press(page, phrases.COME_BACK.name)
    saved(page, "Written meanwhile.")
    expect(page.locator(".both")).to_have_count(0)
    expect(page.locator("#come-back")).to_have_count(0)
    assert first_box(page) == "Written meanwhile."
    eventually(lambda: records(page), [])
    assert "To begin with." in wordings(page)


def test_back_by_signing_in(site: Site, someone: NewReader) -> None:
    """By the link in the panel and through the page of signing in, back to the very section."""
    page = someone(site)
    agree(page)
    page.goto("/account/password/")
    name = f"n{uuid.uuid4().hex[:12]}"
    page.locator("#name").fill(name)
    page.locator("#password").fill("a door on its hinges")
    page.locator("form:has(#name) button:not([type=button])").click()
    expect(page).to_have_url(re.compile(r"/account/$"))
    open_leaf(page)
    expect(page.get_by_role("button", name="Agree and save")).to_have_count(0)
    lose_session(page, "Written meanwhile.")
    page.get_by_role("link", name="Sign in instead").click()
    page.locator("#login").fill(name)
    page.locator("#password").fill("a door on its hinges")
    page.locator("form:has(#login) button:not([type=button])").click()
    expect(page).to_have_url(re.compile(r"/reflect/.*/hingy/\?reading=1$"))
    saved(page, "Written meanwhile.")
    expect(page.locator(".both")).to_have_count(0)
    eventually(lambda: records(page), [])


def test_get_your_words_back_from_the_panel(site: Site, someone: NewReader) -> None:
    """Who is unknown and was here before finds the way, and what they typed meanwhile is theirs."""
    phone = someone(site)
    agree(phone, "Written on the phone.")
    code = make_code(phone)
    laptop = someone(site)
    open_leaf(laptop, OPENING).fill("Typed before I thought of it.")
    laptop.get_by_role("link", name="Get your words back").click()
    laptop.get_by_role("textbox", name=phrases.CODE.name).fill(code)
    press(laptop, phrases.COME_BACK.name)
    expect(laptop).to_have_url(re.compile(r"/read/.*/opening/#reflect$"))
    saved(laptop, "Typed before I thought of it.", OPENING.replace("/read/", "/reflect/"))
    expect(laptop.get_by_role("link", name="Get your words back")).to_have_count(0)


# How the pages look


def shown(page: Page) -> None:
    agree(page)
    make_link(page)


def inside_an_app(page: Page) -> None:
    page.context.set_extra_http_headers({"user-agent": WHATSAPP})
    agree(page)
    page.goto(PAGE)
    press(page, phrases.MAKE_A_LINK)
    expect(page.get_by_role("button", name="Copy the link")).to_be_visible()


def asked(page: Page) -> None:
    agree(page)
    link = make_link(page)
    page.context.clear_cookies()
    page.goto(link)
    expect(page).to_have_url(CARRY_ON)


@pytest.mark.parametrize("walk", [shown, inside_an_app, asked])
def test_axe_and_width(walk: Any, site: Site, someone: NewReader) -> None:
    page = someone(site)
    walk(page)
    accessible(page)
