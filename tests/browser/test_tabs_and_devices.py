"""Two tabs, two devices: nothing is overwritten, both texts are offered (W6)."""

import re

from playwright.sync_api import Route, expect

from tests.browser import phrases
from tests.browser.actions import (
    KEPT,
    NO_NETWORK,
    OPENING,
    OPENING_WRITING,
    SAVED,
    agree,
    eventually,
    first_box,
    lose_answers,
    new_page,
    on_the_server,
    open_leaf,
    posts,
    press,
    records,
    save_beside,
    saved,
    state,
    wordings,
)
from tests.browser.conftest import NewReader, Site


def test_two_tabs(site: Site, someone: NewReader) -> None:
    """Nothing is overwritten, both texts are offered, and the one not chosen is in the history."""
    one = someone(site)
    box = agree(one)
    two = one.context.new_page()
    other = open_leaf(two)
    expect(other).to_have_value("To begin with.")
    other.fill("From the second tab.")
    saved(two, "From the second tab.")
    box.fill("From the first tab.")
    expect(one.get_by_text("This answer was also changed in another tab or on")).to_be_visible()
    expect(one.locator(".both .words")).to_have_text("From the second tab.")
    expect(box).to_have_value("From the first tab.")
    assert on_the_server(one) == "From the second tab."
    # Typing on is kept on the device, and lays nothing over the other words.
    sent = posts(one)
    box.press_sequentially(" More.")
    save_beside(one, "In the other box.")
    assert not [request for request in sent if "text-choice=" in (request.post_data or "")]
    assert on_the_server(one) == "From the second tab."
    one.get_by_role("button", name=phrases.KEEP_MINE).click()
    saved(one, "From the first tab. More.")
    two.bring_to_front()
    other.fill("Second again.")
    expect(two.locator(".both .words")).to_have_text("From the first tab. More.")
    two.get_by_role("button", name="Use the other version").click()
    expect(other).to_have_value("From the first tab. More.")
    expect(state(two)).to_have_text(SAVED)
    other.fill("From the first tab. More. On.")
    saved(two, "From the first tab. More. On.")
    eventually(lambda: records(two), [])


def test_two_tabs_without_a_network_lose_no_draft(site: Site, someone: NewReader) -> None:
    """Both type into the same box offline, both are closed: both texts reach the server."""
    one = someone(site)
    agree(one)
    two = one.context.new_page()
    second = open_leaf(two)
    one.context.set_offline(True)
    first = one.locator("form.reflection textarea").first
    first.fill("First tab, no network.")
    expect(state(one)).to_have_text(NO_NETWORK)
    second.fill("Second tab, no network.")
    expect(state(two)).to_have_text(NO_NETWORK)
    context = one.context
    one.close()
    two.close()
    context.set_offline(False)
    page = context.new_page()
    open_leaf(page)
    # Which of them stands is a question of whose last request got through; neither is lost.
    both = {"First tab, no network.", "Second tab, no network."}
    eventually(lambda: both - wordings(page), set())


def test_two_devices_with_offline_edits(site: Site, someone: NewReader) -> None:
    """Phone and laptop, one of them offline: both texts are offered when it comes back."""
    phone = someone(site)
    box = agree(phone)
    laptop = someone(site, wide=True)
    laptop.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
    other = open_leaf(laptop)
    phone.context.set_offline(True)
    box.fill("On the phone, offline.")
    expect(state(phone)).to_have_text(NO_NETWORK)
    other.fill("On the laptop.")
    saved(laptop, "On the laptop.")
    phone.context.set_offline(False)
    expect(phone.locator(".both .words")).to_have_text("On the laptop.")
    expect(box).to_have_value("On the phone, offline.")
    phone.get_by_role("button", name=phrases.KEEP_BOTH).click()
    expect(box).to_have_value("On the laptop.\n\nOn the phone, offline.")
    assert on_the_server(phone) == "On the laptop.\n\nOn the phone, offline."


def test_two_tabs_agree_at_the_same_moment(site: Site, someone: NewReader) -> None:
    """One reader is made, not two of which one can't be reached; the other tab asks once more."""
    one = someone(site)
    first = open_leaf(one)
    expect(one.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    two = one.context.new_page()
    second = open_leaf(two, OPENING)
    expect(two.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    one.context.set_offline(True)
    first.fill("Tab one.")
    press(one, phrases.AGREE_AND_SAVE.name)
    expect(state(one)).to_have_text(NO_NETWORK)
    second.fill("Tab two.")
    press(two, phrases.AGREE_AND_SAVE.name)
    expect(state(two)).to_have_text(NO_NETWORK)
    one.context.set_offline(False)
    asked = re.compile("Since you opened this page, you’ve saved something")
    both = (one, two)
    eventually(lambda: any(page.get_by_text(asked).count() for page in both), True)
    eventually(lambda: any(page.locator(".kept time").count() for page in both), True)
    loser = one if one.get_by_text(asked).count() else two
    press(loser, phrases.SAVE.name)
    expect(state(loser)).to_have_text(SAVED)
    eventually(lambda: on_the_server(one), "Tab one.")
    eventually(lambda: on_the_server(one, OPENING_WRITING), "Tab two.")


def test_a_draft_of_a_tab_closed_after_another_agreed(site: Site, someone: NewReader) -> None:
    one = someone(site)
    two = one.context.new_page()
    open_leaf(two, OPENING).fill("Typed before consent, in another tab.")
    expect(state(two)).to_have_text(KEPT)
    agree(one)
    two.close()
    page = new_page(one)
    open_leaf(page, OPENING)
    press(page, phrases.THAT_WAS_ME)
    saved(page, "Typed before consent, in another tab.", OPENING_WRITING)
    eventually(lambda: records(page), [])


def test_a_form_that_comes_while_someone_types_takes_nothing(
    site: Site, someone: NewReader
) -> None:
    """As after Back: the form is replaced, and the words, the caret and the next keys stay."""
    page = someone(site)
    box = agree(page)
    box.press("End")
    box.press_sequentially(" One.")
    page.evaluate(
        """async () => {
            const url = document.querySelector("form.reflection").getAttribute("action") + "panel/";
            const html = await (await fetch(url, { headers: { "HX-Request": "true" } })).text();
            htmx.swap(document.querySelector("#leaf"), html, { swapStyle: "innerHTML" });
        }"""
    )
    page.keyboard.type(" Two.")
    saved(page, "To begin with. One. Two.")
    assert first_box(page) == "To begin with. One. Two."


def test_keep_both_whose_answer_was_lost(site: Site, someone: NewReader) -> None:
    """The choice stands after a reload, on the page as on the server."""
    page = someone(site)
    box = agree(page)
    other = page.context.new_page()
    open_leaf(other).fill("Second.")
    saved(other, "Second.")
    other.close()
    box.fill("First.")
    expect(page.locator(".both")).to_be_visible()
    lose_answers(page)
    press(page, phrases.KEEP_BOTH)
    eventually(lambda: on_the_server(page), "Second.\n\nFirst.")
    page = new_page(page)
    box = open_leaf(page)
    expect(box).to_have_value("Second.\n\nFirst.")
    box.fill("Second.\n\nFirst. And on.")
    saved(page, "Second.\n\nFirst. And on.")


def test_a_button_pressed_while_a_save_is_on_its_way(site: Site, someone: NewReader) -> None:
    """No conflict with one's own words."""
    page = someone(site)
    box = agree(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.fallback()

    page.route("**/reflect/**", hold)
    box.fill("Typed first.")

    eventually(lambda: len(held), 1, heard_by=page)
    box.fill("Typed first. Typed on.")
    page.get_by_text(phrases.MORE, exact=True).click()
    press(page, phrases.WRITE_ON_PAPER)
    held[0].continue_()
    saved(page, "Typed first. Typed on.")
    expect(page.get_by_text(phrases.WROTE_ON_PAPER)).to_be_visible()
    expect(page.locator(".both")).to_have_count(0)


def test_nothing_is_typed_into_a_box_that_is_about_to_change(
    site: Site, someone: NewReader
) -> None:
    page = someone(site)
    box = agree(page)
    other = page.context.new_page()
    open_leaf(other).fill("Second.")
    saved(other, "Second.")
    other.close()
    box.fill("First.")
    expect(page.locator(".both")).to_be_visible()
    page.context.set_offline(True)
    press(page, phrases.KEEP_BOTH)
    expect(page.locator("#notice")).to_have_text(NO_NETWORK)
    box.fill("First, typed on while it is tried again.")
    page.context.set_offline(False)
    saved(page, "First, typed on while it is tried again.")
    assert {"First.", "Second."} <= wordings(page)


def test_focus_goes_to_what_has_come_of_a_button(site: Site, someone: NewReader) -> None:
    """And a recovery is announced as the trouble was (R8)."""
    page = someone(site)
    box = agree(page)
    box.fill("")
    page.get_by_role("button", name=phrases.UNDO).focus()
    page.keyboard.press("Enter")
    expect(box).to_have_value("To begin with.")
    expect(box).to_be_focused()
    page.get_by_text(phrases.MORE, exact=True).click()
    page.get_by_role("button", name=phrases.WRITE_ON_PAPER).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=phrases.UNDO)).to_be_focused()
    page.context.set_offline(True)
    box.fill("Without a network.")
    expect(page.locator("#notice")).to_have_text(NO_NETWORK)
    page.context.set_offline(False)
    expect(page.locator("#notice")).to_have_text("Saved.")
