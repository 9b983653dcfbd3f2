"""Words typed and never agreed to, and going on with words that are not saved yet (W5, R6).

What waits on the device is said wherever its writer goes next, and where nobody has agreed nothing
of it leaves the device.
"""

import re

from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import (
    NOTHING_OUTLIVES_THE_PAGE,
    OPENING,
    OPENING_WRITING,
    SAVED,
    SECTION,
    agree,
    eventually,
    on_the_server,
    open_leaf,
    posts,
    press,
    records,
    state,
)
from tests.browser.conftest import NewReader, Site

WAITING = "One answer is waiting on this device."
TWO_WAIT = "2 answers are waiting on this device."


def test_whoever_never_agrees_is_told_where_their_words_are(site: Site, someone: NewReader) -> None:
    """Typed after the opening; said on the cover, in the next part and in an empty journal."""
    page = someone(site)
    sent = posts(page)
    box = open_leaf(page, OPENING)
    box.fill("Someone who listens.")
    expect(state(page)).to_have_text(phrases.KEPT_HERE)
    expect(page.get_by_text(WAITING)).to_be_hidden()  # they are in sight here
    for path in ("/", SECTION, "/journal/"):
        page.goto(path)
        expect(page.get_by_text(WAITING)).to_be_visible()
        assert "Someone who listens." not in page.content()
    open_leaf(page).fill("And of part two.")
    expect(page.get_by_text(WAITING)).to_be_visible()
    page.goto("/journal/")
    expect(page.get_by_text(TWO_WAIT)).to_be_visible()
    assert sent == []
    assert page.context.cookies() == []

    page.get_by_role("link", name="Read and save them").click()
    page.wait_for_url(re.compile(r"/opening/#reflect$"))
    expect(box).to_have_value("Someone who listens.")
    press(page, phrases.AGREE_AND_SAVE.name)
    expect(state(page)).to_have_text(SAVED)
    # With the first agreement the other one goes too.
    eventually(lambda: on_the_server(page), "And of part two.")
    eventually(lambda: records(page), [])
    page.goto("/journal/")
    expect(page.get_by_text("waiting on this device")).to_be_hidden()


def test_going_on_without_having_agreed_asks_once(site: Site, someone: NewReader) -> None:
    page = someone(site)
    open_leaf(page, OPENING).fill("Not agreed yet.")
    onward = page.locator(".onward .next")
    onward.click()
    expect(page.get_by_text("Save what you wrote first?")).to_be_visible()
    agree_button = page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name)
    expect(agree_button).to_be_focused()
    page.get_by_role("link", name="Not now").click()
    page.wait_for_url(f"**{SECTION}")
    assert page.context.cookies() == []

    open_leaf(page, OPENING).fill("Agreed on the way.")
    onward.click()
    agree_button.click()
    page.wait_for_url(f"**{SECTION}")
    assert on_the_server(page, OPENING_WRITING) == "Agreed on the way."


def test_the_question_for_consent_stands_under_the_box_with_the_first_key(
    site: Site, someone: NewReader
) -> None:
    page = someone(site)
    boxes = page.locator("form.reflection textarea")
    question = page.locator(".ask")
    open_leaf(page, OPENING)
    expect(boxes).to_have_count(2)
    expect(question).to_be_hidden()
    for number in (0, 1):
        boxes.nth(number).press_sequentially("x")
        expect(page.locator(".question").nth(number).locator(".ask")).to_be_visible()
        expect(question).to_have_count(1)
    for number in (1, 0):
        boxes.nth(number).fill("")
    expect(question).to_be_hidden()


def test_going_on_saves_first(site: Site, someone: NewReader) -> None:
    """Without a pause between the last key and the tap, also where nothing outlives a page."""
    page = someone(site)
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    box = agree(page, section=OPENING)
    box.fill("The last word.")
    page.locator("[data-go-on]").click()
    page.wait_for_url(f"**{SECTION}")
    assert on_the_server(page, OPENING_WRITING) == "The last word."


def test_going_on_where_nothing_can_be_saved(site: Site, someone: NewReader) -> None:
    """It stays and says why; a second tap goes on, and the words go out later."""
    page = someone(site)
    box = agree(page, section=OPENING)
    page.goto(SECTION)  # so that its copy is on the device
    box = open_leaf(page, OPENING)
    go_on = page.locator("[data-go-on]")
    expect(go_on).to_be_visible()
    page.route("**/reflect/**", lambda route: route.abort())
    box.fill("In a tunnel.")
    go_on.click()
    said = f"{phrases.NOT_SAVED_YET} Tap again to go on anyway."
    expect(page.locator("#notice")).to_have_text(said)
    expect(page).to_have_url(re.compile("/opening/$"))
    go_on.click()
    page.wait_for_url(f"**{SECTION}")
    page.unroute("**/reflect/**")
    eventually(lambda: on_the_server(page, OPENING_WRITING), "In a tunnel.", seconds=20)


def reopened_without_a_form(page: Page, path: str) -> None:
    page.route("**/panel/**", lambda route: route.abort())
    page.goto(path)
    page.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()
    expect(page.locator("form.reflection[data-local]")).to_be_visible()


def test_a_box_reopened_offline_shows_its_unsent_words(site: Site, someone: NewReader) -> None:
    page = someone(site)
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    box = agree(page)
    page.route("**/reflect/**", lambda route: route.abort())
    box.fill("Changed in the tunnel.")
    expect(state(page)).to_have_text(phrases.NOT_SAVED_YET)
    reopened_without_a_form(page, SECTION)
    expect(page.locator("form.reflection textarea").first).to_have_value("Changed in the tunnel.")
    page.unroute("**/reflect/**")
    page.unroute("**/panel/**")
    eventually(lambda: on_the_server(page), "Changed in the tunnel.", seconds=20)
    eventually(lambda: records(page), [])


def test_a_menu_stays_open_while_words_are_saved(site: Site, someone: NewReader) -> None:
    page = someone(site)
    box = agree(page, section=OPENING)
    other = page.locator("form.reflection textarea").nth(1)
    other.fill("The second answer.")
    page.locator(".dots > summary").first.click()
    expect(page.locator(".state").nth(1)).to_have_text(SAVED)
    expect(page.get_by_role("link", name="Mark a hinge").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Mark a hinge").first).to_be_hidden()
    assert box.input_value() == "To begin with."
