"""Whose the words are: nobody's until someone agrees, then theirs, never another's (W3, W7)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import (
    KEPT,
    NO_NETWORK,
    NOTHING_OUTLIVES_THE_PAGE,
    OPENING,
    OPENING_WRITING,
    agree,
    eventually,
    first_box,
    look_for_what_waits,
    new_page,
    on_the_server,
    open_leaf,
    pass_time,
    posts,
    press,
    records,
    save_beside,
    saved,
    state,
    storage_settles,
    wordings,
)
from tests.browser.conftest import NewReader, Site

pytestmark = pytest.mark.service_worker


def test_session_deleted_while_typing(site: Site, someone: NewReader) -> None:
    """The cookie is gone: the text stays on the screen, and agreeing once more keeps it."""
    page = someone(site)
    box = agree(page)
    page.context.clear_cookies()
    box.fill("Nobody knows me.")
    expect(page.get_by_text(phrases.COOKIE_IS_GONE)).to_be_visible()
    expect(box).to_have_value("Nobody knows me.")
    expect(state(page)).to_have_text(KEPT)
    expect(page.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    saved(page, "Nobody knows me.")
    eventually(lambda: records(page), [])


def test_session_deleted_and_the_page_loaded_anew(site: Site, someone: NewReader) -> None:
    """The words come back, however long the page stood there; and not to another who comes."""
    page = someone(site)
    box = agree(page)
    second = someone(site)
    agree(second, "Of the second.")
    page.context.clear_cookies()
    box.fill("Nobody knows me.")
    expect(page.get_by_text(phrases.COOKIE_IS_GONE)).to_be_visible()
    look_for_what_waits(page)
    expect(open_leaf(page)).to_have_value("Nobody knows me.")
    page.context.add_cookies(second.context.cookies())  # type: ignore[arg-type]
    expect(open_leaf(page)).to_have_value("Of the second.")
    save_beside(page, "Of the second too.")
    assert on_the_server(second) == "Of the second."


def test_another_reader_between_typing_and_sending(site: Site, someone: NewReader) -> None:
    """Words of one are never saved as another's."""
    page = someone(site)
    page.clock.install()
    box = agree(page, "Of the first.")
    second = someone(site)
    agree(second, "Of the second.")
    page.context.clear_cookies()
    page.context.add_cookies(second.context.cookies())  # type: ignore[arg-type]
    box.fill("Typed by the first.")
    expect(page.get_by_text("Someone else is signed in here now")).to_be_visible()
    sent = posts(page)
    pass_time(page, 5)
    assert sent == []
    assert on_the_server(second) == "Of the second."


def test_family_tablet(site: Site, someone: NewReader) -> None:
    """A second reader in the same browser sees no draft of the first, which waits for them."""
    page = someone(site)
    page.clock.install()
    box = agree(page, "Of the first.")
    second = someone(site)
    agree(second, "Of the second.")
    page.context.set_offline(True)
    box.fill("A draft of the first.")
    expect(state(page)).to_have_text(NO_NETWORK)
    context = page.context
    page.close()
    context.clear_cookies()
    context.add_cookies(second.context.cookies())  # type: ignore[arg-type]
    context.set_offline(False)
    page = context.new_page()
    expect(open_leaf(page)).to_have_value("Of the second.")
    pass_time(page, 5)
    expect(page.locator("form.reflection textarea").first).to_have_value("Of the second.")
    assert on_the_server(second) == "Of the second."
    assert "of the first" not in page.content()
    assert [record["text"] for record in records(page) if "text" in record] == [
        "A draft of the first."
    ]


def test_what_one_agreed_to_is_not_sent_by_the_next(site: Site, someone: NewReader) -> None:
    """Agreed offline after one section, then again after another: nothing stays to be sent."""
    page = someone(site)
    page.clock.install()
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    box = open_leaf(page)
    page.context.set_offline(True)
    box.fill("Of the first.")
    press(page, phrases.AGREE_AND_SAVE.name)
    expect(state(page)).to_have_text(NO_NETWORK)
    page.route("**/hingy/", lambda route: route.abort())
    page.context.set_offline(False)
    agree(page, "Begun elsewhere.", section=OPENING)
    eventually(lambda: [r for r in records(page) if r["reader"] == ""], [])
    page = new_page(page)
    page.context.clear_cookies()
    sent = posts(page)
    expect(open_leaf(page)).to_have_value("")
    pass_time(page, 5)
    assert first_box(page) == ""
    assert sent == []
    assert page.context.cookies() == []


def test_drafts_elsewhere_outlive_a_lost_session(site: Site, someone: NewReader) -> None:
    """The cookie is gone and someone begins anew: what nobody can claim stays, and unseen."""
    page = someone(site)
    page.clock.install()
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    agree(page)
    eventually(lambda: records(page), [])
    box = open_leaf(page, OPENING)
    expect(page.locator("[data-go-on]")).to_be_visible()
    page.context.set_offline(True)
    box.fill("Unsent, of the first.")
    expect(state(page)).to_have_text(NO_NETWORK)
    page = new_page(page)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.context.set_offline(False)
    agree(page, "Begun anew.")
    page.goto("/")
    pass_time(page, 5)
    assert "Unsent, of the first." in {record.get("text") for record in records(page)}
    assert on_the_server(page, OPENING_WRITING) == ""
    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    assert on_the_server(page, OPENING_WRITING) == ""


ASKED = "Someone wrote here on this device and didn’t save it,"
OF_NOBODY = "Typed by someone who agreed to nothing."


def left_by_nobody(page: Page) -> Page:
    """Words typed and never agreed to, in a tab that was closed; another tab of that browser."""
    box = open_leaf(page)
    box.fill(OF_NOBODY)
    expect(state(page)).to_have_text(KEPT)
    expect(open_leaf(page)).to_have_value(OF_NOBODY)  # in the same tab they come back
    return new_page(page)


def test_words_of_someone_unknown_are_not_shown_to_the_next(site: Site, someone: NewReader) -> None:
    """Told of, shown only to who says that they wrote them, and in nobody's name meanwhile."""
    page = left_by_nobody(someone(site))
    agree(page, "Of the next.", section=OPENING)
    box = open_leaf(page)
    expect(page.get_by_text(ASKED)).to_be_visible()
    storage_settles(page)
    expect(box).to_have_value("")
    assert OF_NOBODY not in page.content()
    assert on_the_server(page) == ""
    press(page, "That wasn’t me")
    box = open_leaf(page)
    expect(page.locator("[data-go-on]")).to_be_visible()
    storage_settles(page)
    expect(page.get_by_text(ASKED)).to_have_count(0)
    box.fill("Also of the next.")
    saved(page, "Also of the next.")
    assert OF_NOBODY not in wordings(page)
    assert OF_NOBODY in {record.get("text") for record in records(page)}


def test_who_wrote_them_has_them_back(site: Site, someone: NewReader) -> None:
    page = left_by_nobody(someone(site))
    box = open_leaf(page)
    press(page, phrases.THAT_WAS_ME)
    expect(box).to_have_value(OF_NOBODY)
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    saved(page, OF_NOBODY)
    eventually(lambda: records(page), [])


def test_words_of_a_reader_whose_session_was_lost_are_not_offered(
    site: Site, someone: NewReader
) -> None:
    page = someone(site)
    box = agree(page)
    page.context.clear_cookies()
    box.fill("Of the reader before.")
    expect(page.get_by_text(phrases.COOKIE_IS_GONE)).to_be_visible()
    page = new_page(page)
    box = open_leaf(page)
    expect(page.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    storage_settles(page)
    expect(box).to_have_value("")
    expect(page.get_by_text(ASKED)).to_have_count(0)
    assert "Of the reader before." in {record.get("text") for record in records(page)}


def test_what_was_agreed_to_offline_is_not_sent_from_another_tab(
    site: Site, someone: NewReader
) -> None:
    """Whoever opens the section next would become the reader of it."""
    page = someone(site)
    page.context.add_init_script(NOTHING_OUTLIVES_THE_PAGE)
    box = open_leaf(page)
    page.context.set_offline(True)
    box.fill(OF_NOBODY)
    press(page, phrases.AGREE_AND_SAVE.name)
    expect(state(page)).to_have_text(NO_NETWORK)
    page = new_page(page)
    page.clock.install()
    page.context.set_offline(False)
    sent = posts(page)
    box = open_leaf(page)
    expect(page.get_by_text(ASKED)).to_be_visible()
    pass_time(page, 5)
    expect(box).to_have_value("")
    assert sent == []
    assert page.context.cookies() == []


def test_on_paper_keeps_no_word(site: Site, someone: NewReader) -> None:
    """Its button says that it agrees, and nothing but the mark is kept (W3, W15)."""
    page = someone(site)
    box = open_leaf(page)
    box.fill("Half a thought.")
    expect(state(page)).to_have_text(KEPT)
    page.get_by_text(phrases.FORM_OF_NOBODY).click()
    press(page, phrases.AGREE_ON_PAPER)
    expect(page.get_by_text(phrases.WROTE_ON_PAPER)).to_be_visible()
    expect(box).to_have_value("Half a thought.")
