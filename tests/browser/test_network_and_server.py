"""Without a network, without a server: the words are kept, and arrive by themselves (W8, W9)."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from devotional.lib.http import OURS
from tests.browser import phrases
from tests.browser.actions import (
    CHOICE,
    FAILING,
    NO_NETWORK,
    NOTHING_OUTLIVES_THE_PAGE,
    OPENING,
    OPENING_WRITING,
    SAVED,
    SECTION,
    UNREACHABLE,
    agree,
    eventually,
    lose_answers,
    new_page,
    on_the_server,
    open_leaf,
    operation,
    pass_time,
    posts,
    press,
    records,
    saved,
    state,
    wordings,
)
from tests.browser.conftest import NewReader, Site


def test_network_cut_before_commit(site: Site, someone: NewReader) -> None:
    """In the underground: said in words, kept on the device, and saved by itself above ground."""
    page = someone(site)
    box = agree(page)
    page.context.set_offline(True)
    box.fill("In the underground.")
    expect(state(page)).to_have_text(NO_NETWORK)
    assert "In the underground." in {record.get("text") for record in records(page)}
    page.context.set_offline(False)
    saved(page, "In the underground.")


def test_network_cut_after_commit(site: Site, someone: NewReader) -> None:
    """The server saved and the answer was lost: the same save is sent again, and counted once."""
    page = someone(site)
    box = agree(page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and len(lost) < 2:
            route.fetch()
            lost.append(operation(route.request))
            route.abort()
        else:
            route.fallback()

    page.route("**/reflect/**", lose)
    sent = posts(page)
    box.fill("Saved once.")

    eventually(lambda: len(sent), 3, heard_by=page)
    saved(page, "Saved once.")
    assert {operation(request) for request in sent} == {lost[0]}
    assert page.locator("[name^=version-]").first.input_value() == "2"


def test_a_first_save_whose_answer_is_lost_makes_one_reader(site: Site, someone: NewReader) -> None:
    """The cookie was lost with the answer; sent again, the save finds the reader it made."""
    page = someone(site)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(operation(route.request))
            page.context.request.post(
                route.request.url,
                data=route.request.post_data_buffer,
                headers={
                    **route.request.headers,
                    "origin": site.url,
                },
            )
            page.context.clear_cookies()
            route.abort()
        else:
            route.fallback()

    page.route("**/reflect/**", lose)
    box = open_leaf(page)
    box.fill("The very first.")
    page.get_by_role("button", name="Agree and save").click()
    expect(state(page)).to_have_text(SAVED)
    assert page.locator("[name^=version-]").first.input_value() == "1"
    assert on_the_server(page) == "The very first."


def test_a_first_save_whose_answer_was_lost_with_the_page(site: Site, someone: NewReader) -> None:
    """Its cookie came; reopened, nothing is left that could let the next person in."""
    page = someone(site)
    lose_answers(page)
    open_leaf(page).fill("The very first.")
    press(page, "Agree and save")
    eventually(lambda: len(page.context.cookies()), 1)
    page = new_page(page)
    open_leaf(page)
    saved(page, "The very first.")
    eventually(lambda: records(page), [])


def test_agreed_without_a_network_and_closed(site: Site, someone: NewReader) -> None:
    """Agreed to in the underground, closed; the next time it is there for who says it is theirs."""
    page = someone(site)
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    box = open_leaf(page)
    page.context.set_offline(True)
    box.fill("Agreed underground.")
    page.get_by_role("button", name="Agree and save").click()
    expect(state(page)).to_have_text(NO_NETWORK)
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    box = open_leaf(page)
    press(page, "That was me: show it")
    expect(box).to_have_value("Agreed underground.")
    press(page, "Agree and save")
    saved(page, "Agreed underground.")
    eventually(lambda: records(page), [])


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_server_stopped_while_typing_and_started_again(
    how: str, own_site: Site, someone: NewReader
) -> None:
    page = someone(own_site)
    box = agree(page)
    getattr(own_site, how)()
    box.fill("Typed while the server was away.")
    expect(state(page)).to_have_text(UNREACHABLE)
    own_site.start()
    expect(state(page)).to_have_text(SAVED, timeout=20_000)
    saved(page, "Typed while the server was away.")


@pytest.mark.parametrize(
    ("ours", "status", "said"),
    [
        (True, 503, FAILING),
        (True, 500, FAILING),
        (False, 502, UNREACHABLE),
        (False, 200, UNREACHABLE),  # a hotel's own page
    ],
)
def test_the_reason_for_a_save_that_failed_is_the_true_one(
    ours: bool, status: int, said: str, site: Site, someone: NewReader
) -> None:
    """Nobody is told that they have no network where it is the site that fails (W7)."""
    page = someone(site)
    box = agree(page)
    headers = {OURS: "yes", "HX-Retarget": "#notice"} if ours else {}
    page.route(
        "**/reflect/**",
        lambda route: route.fulfill(status=status, headers=headers, body="<p>No</p>"),
    )
    box.fill("Kept here.")
    expect(state(page)).to_have_text(said)
    page.unroute("**/reflect/**")
    saved(page, "Kept here.")


def test_offline_write_and_return(site: Site, someone: NewReader) -> None:
    """Written after one section without a network, left; it arrives from whatever page is next."""
    page = someone(site)
    box = agree(page)
    page.context.set_offline(True)
    box.fill("Waits on the device.")
    expect(state(page)).to_have_text(NO_NETWORK)
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/")
    eventually(lambda: on_the_server(page), "Waits on the device.")
    eventually(lambda: records(page), [])


def test_boxes_are_there_when_the_form_cannot_come(site: Site, someone: NewReader) -> None:
    """The text is open, the server is not to be had: words are taken, and go when it is back."""
    page = someone(site)
    agree(page, "On the server already.", section=OPENING)
    page.route("**/panel/", lambda route: route.abort())
    page.goto(SECTION)
    page.get_by_role("heading", name="Reflect", exact=True).scroll_into_view_if_needed()
    box = page.get_by_label(CHOICE, exact=True)
    box.fill("Written into an offline page.")
    notice = page.locator("#notice")
    expect(notice).to_have_text(re.compile("^The site can’t be reached right now. Keep writing:"))
    expect(state(page)).to_have_text(phrases.SAVED_ON_DEVICE)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")  # it asks again, and is offline
    expect(notice).to_have_text(re.compile("^You’re offline. Keep writing:"))
    page.context.set_offline(False)
    page.unroute("**/panel/")
    expect(page.locator("[data-go-on]")).to_be_visible()
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value("Written into an offline page.")
    saved(page, "Written into an offline page.")
    eventually(lambda: records(page), [])


def test_an_offline_box_keeps_its_words_when_the_session_is_gone(
    site: Site, someone: NewReader
) -> None:
    page = someone(site)
    agree(page, "Begun.", section=OPENING)
    page.context.clear_cookies()
    page.route("**/panel/", lambda route: route.abort())
    page.goto(SECTION)
    page.get_by_role("heading", name="Reflect", exact=True).scroll_into_view_if_needed()
    page.get_by_label(CHOICE, exact=True).fill("Written in the offline box.")
    expect(state(page)).to_have_text(phrases.SAVED_ON_DEVICE)
    page.unroute("**/panel/")
    expect(page.get_by_role("button", name="Agree and save")).to_be_visible(timeout=20_000)
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value("Written in the offline box.")
    press(page, "Agree and save")
    saved(page, "Written in the offline box.")


def write_in_march_without_a_form(page: Page) -> None:
    """November is on the server; a second reading is begun, and its form does not come."""
    agree(page, "November.", section=OPENING)
    page.goto("/readings/the-continual-pursuit-of-breakthrough/")
    page.route("**/panel/**", lambda route: route.abort())
    press(page, "Begin again")
    page.get_by_role("heading", name="Reflect", exact=True).scroll_into_view_if_needed()
    page.locator("form.reflection textarea").first.fill("March.")
    expect(state(page)).to_have_text(phrases.SAVED_ON_DEVICE)


@pytest.mark.service_worker
def test_march_does_not_go_into_november(site: Site, someone: NewReader) -> None:
    """Begun again, then offline before the form came: the words are the new reading's."""
    page = someone(site)
    write_in_march_without_a_form(page)
    page.unroute("**/panel/**")
    expect(page.get_by_text(re.compile(" · begun"))).to_be_visible(timeout=20_000)
    saved(page, "March.", OPENING_WRITING)
    assert on_the_server(page, f"{OPENING_WRITING}?reading=1") == "November."


@pytest.mark.service_worker
def test_march_written_offline_and_left_goes_into_march(site: Site, someone: NewReader) -> None:
    page = someone(site)
    write_in_march_without_a_form(page)
    page = new_page(page)
    page.goto("/")
    eventually(lambda: on_the_server(page, OPENING_WRITING), "March.")
    assert on_the_server(page, f"{OPENING_WRITING}?reading=1") == "November."


def test_a_proxy_s_error_page_does_not_take_the_leaf_s_place(
    site: Site, someone: NewReader
) -> None:
    """The server restarts behind its proxy: boxes in the meantime, and then the form."""
    page = someone(site)
    page.route(
        "**/panel/",
        lambda route: route.fulfill(status=502, body="<h1>502 Bad Gateway</h1>"),
    )
    open_leaf(page).fill("All the same.")
    expect(page.get_by_text("Bad Gateway")).to_have_count(0)
    expect(page.get_by_text("The site can’t be reached right now. Keep writing:")).to_be_visible()
    page.unroute("**/panel/")
    expect(page.get_by_role("button", name="Agree and save")).to_be_visible(timeout=20_000)
    expect(page.locator("form.reflection textarea").first).to_have_value("All the same.")


def test_agreed_under_other_words_is_asked_anew(own_site: Site, someone: NewReader) -> None:
    """The sentence changed between agreeing and sending: nothing is kept by the old one."""
    page = someone(own_site)
    page.clock.install()
    box = open_leaf(page)
    expect(page.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    own_site.stop()
    box.fill("Agreed to Sam.")
    press(page, "Agree and save")
    expect(state(page)).to_have_text(UNREACHABLE)
    page = new_page(page)
    own_site.extra = {"SITE_OPERATOR": "Somebody else"}
    own_site.start()
    box = open_leaf(page)
    press(page, "That was me: show it")
    expect(box).to_have_value("Agreed to Sam.")
    pass_time(page, 5)  # what was agreed to then was agreed to in other words
    assert page.context.cookies() == []
    press(page, "Agree and save")
    saved(page, "Agreed to Sam.")
    assert "Earlier wording" not in wordings(page)
