"""A leader makes a group on a phone, and looks after it."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser import phrases
from tests.browser.conftest import NewReader, Site

pytestmark = pytest.mark.only_on("sqlite", "what it asks the database is asked on both")

LONG = "Donaudampfschifffahrtsgesellschaftskapit"  # forty letters without a space


def test_a_group_is_made_with_two_taps_and_two_names(site: Site, someone: NewReader) -> None:
    """From the cover to the invitation: two taps and two names, with nothing else to decide."""
    page = someone(site)
    taps = 0

    def tap(role: str, name: str) -> None:
        nonlocal taps
        page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]
        taps += 1

    page.goto("/")
    tap("link", "Read with others")
    page.get_by_label(phrases.GROUP_NAME.name).fill("Thursdays")
    page.get_by_label(phrases.FIRST_NAME.name).fill(LONG)
    tap("button", phrases.MAKE_THE_GROUP.name)
    expect(page).to_have_url(re.compile(r"/groups/[0-9a-f-]+/invite/#ready$"))
    assert taps == 2
    group = page.url.partition("invite/")[0]
    page.wait_for_load_state()  # its script tells this device that someone reads with others here
    page.goto("/")
    expect(page.get_by_text("You’re reading this with Thursdays")).to_be_visible()
    page.goto(group)
    page.get_by_role("button", name="I’ve read it").click()
    expect(page.get_by_text(f"{LONG} has read it.")).to_be_visible()
    stranger = someone(site)
    answer = stranger.goto(group)
    assert answer is not None
    assert answer.status == 404


def test_a_group_is_made_through_a_proxy_that_hides_the_referrer(
    site: Site, someone: NewReader
) -> None:
    """Under `no-referrer` the form's `Origin` is `null`; the browser says elsewhere whose it is."""
    page = someone(site)

    def hide(route: Route) -> None:
        if route.request.method != "GET":
            route.fallback()
            return
        reply = route.fetch()
        route.fulfill(response=reply, headers=reply.headers | {"referrer-policy": "no-referrer"})

    page.route("**/groups/new/**", hide)
    page.goto("/groups/new/")
    page.get_by_label(phrases.GROUP_NAME.name).fill("Thursdays")
    page.get_by_label(phrases.FIRST_NAME.name).fill("Lea")
    with page.expect_request("**/groups/new/") as sent:
        page.get_by_role("button", name=phrases.MAKE_THE_GROUP.name).click()
    expect(page).to_have_url(re.compile(r"/groups/[0-9a-f-]+/invite/#ready$"))
    assert sent.value.header_value("origin") == "null"
