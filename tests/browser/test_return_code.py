"""From one browser to another by a return code, and whose words are found there (K2, K4)."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import (
    NO_NETWORK,
    NOTHING_OUTLIVES_THE_PAGE,
    OPENING,
    OPENING_WRITING,
    UNREACHABLE,
    agree,
    eventually,
    new_page,
    on_the_server,
    open_leaf,
    pass_time,
    press,
    records,
    saved,
    state,
    storage_settles,
)
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

HOME = re.compile(r"/journal/\?back$")
READINGS = "/readings/the-continual-pursuit-of-breakthrough/"
WHATSAPP = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148 WhatsApp/2.24"


def make_code(page: Page) -> str:
    """Make a return code on the page of ways back, and copy it out by hand."""
    page.goto("/account/")
    press(page, "Make a return code")
    expect(page.get_by_role("heading", name="Your return code")).to_be_visible()
    return page.locator("[data-code]").inner_text()


def enter(page: Page, code: str) -> None:
    page.goto("/account/return/")
    page.get_by_role("textbox", name=phrases.CODE.name).fill(code)
    press(page, phrases.COME_BACK.name)


def test_guest_to_return_code_to_second_browser(site: Site, someone: NewReader) -> None:
    """The calm line, one tap, a code; on the laptop it brings everything. Then the line is gone."""
    phone = someone(site)
    agree(phone, "Written on the phone.")
    expect(phone.get_by_text("Only this browser can open what you wrote.")).to_be_visible()
    phone.get_by_role("link", name="Get a return code").click()
    press(phone, "Make a return code")
    code = phone.locator("[data-code]").inner_text()
    laptop = someone(site, wide=True)
    laptop.goto("/")
    laptop.goto("/readings/")
    laptop.get_by_role("link", name="Been here before? Get your words back").click()
    laptop.get_by_role("textbox", name=phrases.CODE.name).fill(code.lower())
    press(laptop, phrases.COME_BACK.name)
    expect(laptop).to_have_url(HOME)
    expect(open_leaf(laptop)).to_have_value("Written on the phone.")
    expect(laptop.get_by_text("There’s no other way back")).to_have_count(0)
    laptop.locator("form.reflection textarea").first.fill("And on the laptop.")
    saved(laptop, "And on the laptop.")
    assert on_the_server(phone) == "And on the laptop."


def test_without_javascript(site: Site, someone: NewReader) -> None:
    """Writing, a code, another browser and signing out again, all by plain forms."""
    phone = someone(site, javascript=False)
    phone.goto("/reflect/the-continual-pursuit-of-breakthrough/hingy/")
    phone.locator("textarea").first.fill("By plain forms.")
    press(phone, phrases.AGREE_AND_SAVE.name)
    code = make_code(phone)
    laptop = someone(site, javascript=False)
    enter(laptop, code)
    expect(laptop).to_have_url(HOME)
    assert on_the_server(laptop) == "By plain forms."
    laptop.goto("/readings/")
    press(laptop, phrases.NOT_ME.name)
    expect(laptop.get_by_role("heading", name=phrases.SIGNED_OUT.name)).to_be_visible()
    assert on_the_server(laptop) == ""
    assert laptop.context.cookies() == []


def test_the_code_goes_onto_the_phone(site: Site, someone: NewReader) -> None:
    """By the phone's own sheet, with the place to enter it; without one it isn't offered."""
    page = someone(site)
    agree(page, "To keep.")
    code = make_code(page)
    expect(page.get_by_role("button", name="Print the card")).to_be_visible()
    expect(page.get_by_role("button", name="Save it to my phone")).to_be_hidden()
    page.add_init_script("navigator.share = (what) => { window.shared = what; }")
    page.goto("/account/")
    press(page, "Make a new code (the old one stops working)")
    press(page, "Save it to my phone")
    shared = page.evaluate("window.shared")
    again = " ".join(page.locator("[data-code] span").all_inner_texts())
    assert shared == {"text": f"{again}\n{site.url}/account/return/"}
    assert again != code


def test_out_of_an_app_by_code(site: Site, someone: NewReader) -> None:
    """Inside WhatsApp the line says what may be forgotten, and the code leads out of there."""
    page = someone(site)
    page.context.set_extra_http_headers({"user-agent": WHATSAPP})
    agree(page, "Inside the app.")
    expect(
        page.get_by_text("You’re inside another app, which may lose track of you.")
    ).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copy the link")
    expect(page.get_by_text("Link copied.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("link", name="Get a return code").click()
    press(page, "Make a return code")
    expect(page.get_by_text("You’re reading inside another app")).to_be_visible()
    press(page, "Copy the code")
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")
    safari = someone(site)
    safari.goto(link)
    enter(safari, code)
    expect(open_leaf(safari)).to_have_value("Inside the app.")


def test_they_are_mine(site: Site, someone: NewReader) -> None:
    """Yes: what was saved here joins the rest, and what was not yet sent goes out as theirs."""
    phone = someone(site)
    agree(phone, "On the phone.")
    phone.goto(READINGS)
    press(phone, phrases.BEGIN_AGAIN)
    code = make_code(phone)
    laptop = someone(site)
    laptop.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    agree(laptop, "On the laptop, as a guest.", section=OPENING)
    laptop.route("**/reflect/**", refuse_posts)
    laptop.locator("form.reflection textarea").nth(1).fill("Not sent yet.")
    expect(laptop.locator(".state").nth(1)).to_have_text(UNREACHABLE)
    enter(laptop, code)
    expect(laptop.get_by_text("Was it you?")).to_be_visible()
    press(laptop, "Yes, it’s mine")
    expect(laptop).to_have_url(HOME)
    laptop.unroute("**/reflect/**")
    eventually(lambda: records(laptop), [], seconds=30)
    for browser in (laptop, phone):
        written = browser.context.request.get(READINGS).text()
        assert times_of(written, "On the phone.") == ["First"]
        # What was written last belongs to the reading that is open.
        for words in ("On the laptop, as a guest.", "Not sent yet."):
            assert times_of(written, words) == ["Second"]


def times_of(html: str, words: str) -> list[str]:
    """Which time through each answer with these words is from, in the journal by part."""
    answers = [each for each in html.split("<article")[1:] if words in each]
    return [re.findall(r"· (\w+) time through</p>", answer)[0] for answer in answers]


def refuse_posts(route: Any) -> None:
    if route.request.method == "POST":
        route.abort()
    else:
        route.fallback()


def test_someone_else_wrote_them(site: Site, someone: NewReader) -> None:
    """No: they stay with the guest, who gets a code, and nothing of them is seen here."""
    phone = someone(site)
    agree(phone, "On the phone.")
    code = make_code(phone)
    tablet = someone(site)
    agree(tablet, "Of somebody else.")
    enter(tablet, code)
    press(tablet, "No, someone else wrote it")
    expect(
        tablet.get_by_role("heading", name="It stays with the person who wrote it")
    ).to_be_visible()
    theirs = tablet.locator("[data-code]").inner_text()
    press(tablet, "Continue")
    expect(tablet).to_have_url(HOME)
    expect(open_leaf(tablet)).to_have_value("On the phone.")
    assert "Of somebody else." not in tablet.content()
    elsewhere = someone(site)
    enter(elsewhere, theirs)
    expect(open_leaf(elsewhere)).to_have_value("Of somebody else.")


def test_what_waited_unseen_is_sent_when_its_reader_is_back(site: Site, someone: NewReader) -> None:
    """The session was lost with words unsent. The code brings their reader back, and them along."""
    page = someone(site)
    page.clock.install()
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    agree(page)
    code = make_code(page)
    box = open_leaf(page, OPENING)
    expect(page.locator("[data-go-on]")).to_be_visible()
    page.context.set_offline(True)
    box.fill("Unsent when the cookie went.")
    expect(state(page)).to_have_text(NO_NETWORK)
    page = new_page(page)
    page.context.clear_cookies()
    page.context.set_offline(False)
    box = open_leaf(page, OPENING)  # nobody now, and nothing of it is seen
    expect(page.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    pass_time(page, 5)
    expect(box).to_have_value("")
    enter(page, code)
    expect(page).to_have_url(HOME)
    eventually(
        lambda: on_the_server(page, OPENING_WRITING), "Unsent when the cookie went.", seconds=30
    )
    eventually(lambda: records(page), [])


@pytest.mark.service_worker
def test_a_draft_of_another_outlives_a_code(site: Site, someone: NewReader) -> None:
    """What the guest here has not sent is told of, and waits, unseen, until they are back (W5)."""
    phone = someone(site)
    agree(phone, "On the phone.")
    code = make_code(phone)
    tablet = someone(site)
    tablet.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    agree(tablet, "Of somebody else.")
    box = open_leaf(tablet, OPENING)
    expect(tablet.locator("[data-go-on]")).to_be_visible()
    tablet.context.set_offline(True)
    box.fill("Not sent yet.")
    expect(state(tablet)).to_have_text(NO_NETWORK)
    tablet = new_page(tablet)
    tablet.route("**/reflect/**", refuse_posts)
    tablet.context.set_offline(False)
    enter(tablet, code)
    press(tablet, "No, someone else wrote it")
    expect(
        tablet.get_by_role("heading", name="It stays with the person who wrote it")
    ).to_be_visible(timeout=30_000)
    theirs = tablet.locator("[data-code]").inner_text()
    press(tablet, "Continue")
    expect(tablet.locator("[data-unsent]").last).to_have_text("1", timeout=30_000)
    accessible(tablet)
    tablet.locator("[data-lose]").last.click()
    expect(tablet).to_have_url(HOME)
    tablet.unroute("**/reflect/**")
    expect(open_leaf(tablet, OPENING)).to_have_value("")
    storage_settles(tablet)
    assert "Not sent yet." not in tablet.content()
    assert on_the_server(tablet, OPENING_WRITING) == ""
    # Signing out would wipe it, and says so.
    tablet.goto("/readings/")
    press(tablet, phrases.NOT_ME.name)
    expect(tablet.get_by_role("button", name=phrases.SIGN_OUT_AND_LOSE_THEM)).to_be_visible()
    press(tablet, phrases.STAY)
    enter(tablet, theirs)
    press(tablet, "No, someone else wrote it")
    press(tablet, "Continue")
    expect(tablet).to_have_url(HOME)
    eventually(lambda: on_the_server(tablet, OPENING_WRITING), "Not sent yet.", seconds=30)


# How the pages look


def come_back(page: Page) -> None:
    enter(page, "7QK P3V")
    expect(page.get_by_role("alert")).to_be_visible()


def keep(page: Page) -> None:
    agree(page)
    page.goto("/account/")


def code(page: Page) -> None:
    agree(page)
    make_code(page)


def code_stands(page: Page) -> None:
    agree(page)
    page.goto("/account/")
    stale = page.context.new_page()
    stale.goto("/account/")
    press(page, "Make a return code")
    expect(page.locator("[data-code]")).to_be_visible()
    press(stale, "Make a return code")
    expect(stale.get_by_role("heading", name="You already have a return code")).to_be_visible()
    stale.close()
    page.reload()
    expect(page.get_by_role("heading", name="You already have a return code")).to_be_visible()


def inside_an_app(page: Page) -> None:
    page.context.set_extra_http_headers({"user-agent": WHATSAPP})
    keep(page)


def calm_line_inside_an_app(page: Page) -> None:
    page.context.set_extra_http_headers({"user-agent": WHATSAPP})
    agree(page)
    open_leaf(page)


def no_way_back(page: Page) -> None:
    agree(page)
    page.goto("/readings/")
    press(page, phrases.NOT_ME.name)
    expect(page.get_by_role("button", name="Sign out anyway")).to_be_visible()


def the_question(page: Page) -> None:
    code(page)
    entered = page.locator("[data-code]").inner_text()
    page.context.clear_cookies()
    agree(page)
    enter(page, entered)
    expect(page.get_by_role("button", name="Yes, it’s mine")).to_be_visible()


def their_code_is_asked(page: Page) -> None:
    code(page)
    entered = page.locator("[data-code]").inner_text()
    page.context.clear_cookies()
    agree(page)
    make_code(page)
    enter(page, entered)
    press(page, "Yes, it’s mine")
    expect(page.get_by_role("alert")).to_contain_text("Enter the code of the person who wrote here")


def way_changed(page: Page) -> None:
    code(page)
    page.goto("/account/?changed")
    expect(page.get_by_text("Your way to sign in has changed.")).to_be_visible()


def left_to_guest(page: Page) -> None:
    the_question(page)
    press(page, "No, someone else wrote it")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


STATES: list[Any] = [
    come_back,
    keep,
    code,
    code_stands,
    inside_an_app,
    calm_line_inside_an_app,
    no_way_back,
    left_to_guest,
    their_code_is_asked,
    way_changed,
]


@pytest.mark.parametrize("walk", STATES)
def test_axe_and_width(walk: Any, site: Site, someone: NewReader) -> None:
    """What comes between the pages about keeping, in light and dark and three widths."""
    page = someone(site)
    walk(page)
    accessible(page)
