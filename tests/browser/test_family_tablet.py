"""One tablet, two people: A writes and leaves, B writes, and nothing of A's is there (K5)."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from playwright.sync_api import Error as PlaywrightError

from harness.chromium import FLAGS, chromium
from tests.browser import phrases
from tests.browser.actions import (
    NO_NETWORK,
    NOTHING_OUTLIVES_THE_PAGE,
    OPENING,
    OPENING_WRITING,
    SECTION,
    agree,
    eventually,
    new_page,
    on_the_server,
    open_leaf,
    pass_time,
    press,
    records,
    state,
    storage_settles,
)
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import assert_no_violations
from tests.browser.test_return_code import enter, make_code

OF_A = "A’s own words, for nobody else."
LONG_ENOUGH = 10  # seconds; for eight it is tried to send what is unsent
# The page is there, whose it is has been asked, and no part of it is on its way.
STANDS = """document.readyState === "complete"
    && !("unsure" in document.documentElement.dataset)
    && !document.querySelector(".htmx-request")"""


@pytest.fixture(scope="module")
def remembering(playwright: Playwright) -> Iterator[Browser]:
    """A browser that keeps pages for Back, as all do that people use."""
    running = playwright.chromium.launch(
        executable_path=chromium(),
        args=FLAGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield running
    running.close()


@pytest.fixture
def tablet(remembering: Browser, site: Site) -> Iterator[Page]:
    context = remembering.new_context(base_url=site.url, locale="en-GB")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def sign_out(page: Page) -> None:
    page.goto("/readings/")
    press(page, phrases.NOT_ME.name)
    expect(page.get_by_role("heading", name=phrases.SIGNED_OUT.name)).to_be_visible()


def is_there(page: Page) -> bool:
    with suppress(PlaywrightError):  # asked while another page took its place
        return bool(page.evaluate(STANDS))
    return False


def everything_kept(page: Page) -> str:
    """All that scripts of this site could find on the device: storage and caches."""
    kept: str = page.evaluate(
        """async () => {
            const found = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    found.push(request.url, await (await cache.match(request)).text());
                }
            }
            return found.join("\\n");
        }"""
    )
    return kept + str(records(page))


def test_a_out_b_in_and_back(tablet: Page, site: Site, someone: NewReader) -> None:
    """A writes and signs out; B writes; Back, storage and caches show nothing of A."""
    agree(tablet, OF_A)
    code = make_code(tablet)
    mark = tablet.locator(".yours").get_attribute("data-writer")
    assert mark
    sign_out(tablet)
    eventually(lambda: tablet.evaluate("Object.keys(localStorage).length"), 0)
    assert tablet.context.cookies() == []
    agree(tablet, "B’s words.")
    kept = everything_kept(tablet)
    assert OF_A not in kept
    assert mark not in kept
    assert code not in kept
    for _ in range(6):
        # The page with the code was the answer to a form; the browser asks before it is sent anew.
        with suppress(PlaywrightError):
            tablet.go_back()
        eventually(lambda: is_there(tablet), True)
        shown = tablet.locator("html").inner_text()
        assert OF_A not in shown
        assert OF_A not in str(
            tablet.locator("textarea").evaluate_all("all => all.map(b => b.value)")
        )
        assert code not in shown
    laptop = someone(site)
    enter(laptop, code)
    expect(open_leaf(laptop)).to_have_value(OF_A)


def test_back_to_a_page_of_the_text_that_holds_the_form(tablet: Page) -> None:
    """A public page stays in the browser's memory with A's form in it, which must not be seen."""
    agree(tablet, OF_A)
    make_code(tablet)
    open_leaf(tablet)
    tablet.get_by_text(phrases.MORE, exact=True).click()
    press(tablet, phrases.NOT_ME.name)  # at the foot of the form itself
    expect(tablet.get_by_role("heading", name=phrases.SIGNED_OUT.name)).to_be_visible()
    tablet.go_back()
    expect(tablet.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    expect(tablet.locator("form.reflection textarea").first).to_have_value("")
    assert OF_A not in tablet.content()


def test_back_from_memory_is_hidden_until_it_is_known_who_is_here(tablet: Page) -> None:
    """Also where the browser kept the page: the server's word about who is here comes first."""
    agree(tablet, OF_A)
    tablet.evaluate(
        """() => addEventListener("pageshow", ({persisted}) => {
            const {visibility} = getComputedStyle(document.querySelector("#leaf"));
            sessionStorage.seen = `${persisted}, ${visibility}`;
        })"""
    )
    tablet.goto("/readings/")
    tablet.context.clear_cookies()
    tablet.evaluate("localStorage.clear()")
    tablet.evaluate("history.back()")
    expect(tablet.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    expect(tablet.locator("form.reflection textarea").first).to_have_value("")
    assert OF_A not in tablet.content()
    assert tablet.evaluate("sessionStorage.seen") == "true, hidden"


def test_back_to_the_same_reader_shows_the_page(tablet: Page) -> None:
    """Nobody left: Back is as ever, with the very page that the browser kept."""
    agree(tablet, "First.")
    tablet.evaluate("window.isTheSamePage = true")
    tablet.goto("/readings/")
    tablet.evaluate("history.back()")
    expect(tablet.locator("#leaf")).to_be_visible()
    expect(tablet.locator("form.reflection textarea").first).to_have_value("First.")
    assert tablet.evaluate("window.isTheSamePage") is True


def test_other_tabs_go_blank_at_once(site: Site, someone: NewReader) -> None:
    """A's form stands open in another tab while A signs out in this one."""
    page = someone(site)
    agree(page, OF_A)
    make_code(page)
    other = page.context.new_page()
    expect(open_leaf(other)).to_have_value(OF_A)
    private = page.context.new_page()
    private.goto("/readings/")
    sign_out(page)
    expect(other.locator("form.reflection textarea").first).to_have_value("")
    expect(other.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    expect(private.get_by_role("heading", name="Come back to what you wrote")).to_be_visible()
    assert "Writing as" not in private.content()
    eventually(lambda: records(other), [])


def offline_draft(page: Page) -> None:
    """Words that reached the device and nothing else."""
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    agree(page)
    make_code(page)
    box = open_leaf(page, OPENING)
    expect(page.locator("[data-go-on]")).to_be_visible()
    page.context.set_offline(True)
    box.fill("Unsent.")
    expect(state(page)).to_have_text(NO_NETWORK)


def test_what_is_unsent_is_sent_before_signing_out(site: Site, someone: NewReader) -> None:
    page = someone(site)
    offline_draft(page)
    other = new_page(page)
    other.context.set_offline(False)
    other.goto("/readings/")
    keeps = other.context.cookies()
    press(other, phrases.NOT_ME.name)
    expect(other.get_by_role("heading", name=phrases.SIGNED_OUT.name)).to_be_visible(timeout=30_000)
    assert records(other) == []
    assert keeps
    other.goto(SECTION)
    assert on_the_server(other, OPENING_WRITING) == ""


def test_what_cannot_be_sent_is_spoken_of(site: Site, someone: NewReader) -> None:
    """Its number, and a choice: stay, or sign out and lose it."""
    page = someone(site)
    page.clock.install()
    offline_draft(page)
    page = new_page(page)
    page.route("**/reflect/**", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto("/readings/")
    press(page, phrases.NOT_ME.name)
    pass_time(page, LONG_ENOUGH)
    lose = page.get_by_role("button", name=phrases.SIGN_OUT_AND_LOSE_THEM)
    expect(lose).to_be_visible()
    expect(page.locator("[data-unsent]")).to_have_text("1")
    expect(page.get_by_role("button", name=phrases.STAY)).to_be_focused()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_no_violations(page)
    press(page, phrases.STAY)
    expect(lose).to_be_hidden()
    assert len(records(page)) > 0
    press(page, phrases.NOT_ME.name)
    pass_time(page, LONG_ENOUGH)
    expect(lose).to_be_visible()
    lose.click()
    expect(page.get_by_role("heading", name=phrases.SIGNED_OUT.name)).to_be_visible()
    eventually(lambda: records(page), [])


def test_what_there_is_nothing_to_send_with_is_spoken_of(site: Site, someone: NewReader) -> None:
    """Where the script that sends can't be had, the form doesn't stand still: one may choose."""
    page = someone(site)
    offline_draft(page)
    page = new_page(page)
    page.route("**/outbox*.js", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto("/readings/")
    press(page, phrases.NOT_ME.name)
    expect(page.get_by_role("button", name=phrases.SIGN_OUT_AND_LOSE_THEM)).to_be_visible()
    expect(page.locator("[data-unsent]")).to_have_text("1")


def test_a_link_to_the_last_page_wipes_nothing(site: Site, someone: NewReader) -> None:
    """Drafts of one whose session was lost are not thrown away by a link from elsewhere."""
    page = someone(site)
    offline_draft(page)
    page = new_page(page)
    page.context.set_offline(False)
    page.context.clear_cookies()
    page.goto("/account/signed-out/")
    storage_settles(page)  # the page's script has run by now
    assert "Unsent." in {record.get("text") for record in records(page)}
