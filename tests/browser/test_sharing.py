"""A sentence brought to a group, seen there as it was looked at, and taken back (T5)."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import agree
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

TEXT = "I waited all year. I will call my brother on Thursday. If he hangs up, I will have called."
QUOTE = "I will call my brother on Thursday."


def test_one_sentence_is_brought_seen_and_taken_back(site: Site, someone: NewReader) -> None:
    """Sam leads; Ruth writes, chooses a sentence, looks at the copy and brings it; Sam sees that
    and nothing more, until Ruth takes it back."""
    sam, ruth = someone(site), someone(site)
    group = found(sam)
    join(ruth, link_of(sam, group))
    agree(ruth, TEXT)
    ruth.reload()
    ruth.locator(".dots summary").first.click()
    ruth.get_by_role("link", name="Share with Thursdays").click()
    ruth.get_by_text(QUOTE).tap()
    expect(ruth.get_by_role("main").get_by_role("status")).to_have_text(f"These words: “{QUOTE}”")
    accessible(ruth)
    ruth.get_by_role("button", name=phrases.PREVIEW_THESE_WORDS).click()
    expect(ruth.get_by_role("article")).to_contain_text(QUOTE)
    expect(
        ruth.get_by_text("Everyone in Thursdays, including people who join later")
    ).to_be_visible()
    accessible(ruth)
    ruth.get_by_role("button", name="Share it with Thursdays").click()
    expect(ruth).to_have_url(re.compile(f"{re.escape(group)}#share-"))
    sam.goto(group)
    expect(words_at(sam)).to_have_text([QUOTE])
    expect(sam.get_by_role("article")).to_contain_text("Ruth")
    expect(sam.get_by_text("I waited all year")).to_have_count(0)
    ruth.get_by_role("article").get_by_role("link", name=phrases.TAKE_BACK).click()
    ruth.get_by_role("button", name=phrases.TAKE_IT_BACK).click()
    expect(ruth.get_by_text("Taken back. It’s gone from the group.")).to_be_visible()
    sam.reload()
    expect(words_at(sam)).to_have_count(0)


def found(page: Page) -> str:
    """Make a group; the address of its page."""
    page.goto("/groups/new/")
    page.get_by_label(phrases.GROUP_NAME.name).fill("Thursdays")
    page.get_by_label(phrases.FIRST_NAME.name).fill("Sam")
    page.get_by_role("button", name=phrases.MAKE_THE_GROUP.name).click()
    page.get_by_role("link", name="Thursdays").click()
    expect(page.get_by_role("heading", name="Thursdays")).to_be_visible()
    return page.url.partition("#")[0]


def link_of(page: Page, group: str) -> str:
    page.goto(f"{group}invite/")
    found = re.search(r"\S+/j/\S+", page.get_by_label(phrases.THE_MESSAGE.name).input_value())
    assert found
    return found[0]


def join(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label(phrases.FIRST_NAME.name).fill("Ruth")
    page.get_by_role("button", name=phrases.JOIN.name).click()
    expect(page.get_by_text("Ruth").first).to_be_visible()


def words_at(page: Page) -> Any:
    return page.get_by_role("article").locator(".own")
