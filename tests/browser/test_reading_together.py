"""Four people and one link: what the issue of reading together comes to, from end to end (T1-T6).

The time and the taps from the link to the first saved sentence are printed, not judged.
"""

import io
import re
import time

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import SAVED, act_on
from tests.browser.conftest import NewReader, Site

SENTENCE = "I will call my brother."
WRITTEN = f"I have waited all year. {SENTENCE} It may go wrong."


def test_a_leader_two_members_and_a_stranger(
    site: Site, someone: NewReader, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lea makes a group; Mia joins by the link and Tom by its QR code; a stranger is refused. Mia
    brings one sentence, takes it back, and each way to end something ends it for the right one."""
    lea, mia, tom, stranger = (someone(site) for _ in range(4))
    told = [secrets_told_by(page) for page in (lea, mia, tom, stranger)]
    group = make_group(lea)
    link = link_of(lea)
    scanned = scan(lea)
    assert link.startswith(f"{scanned}/")  # the message's leads to its part

    # From the link to the first saved sentence: read, write, agree.
    began = time.monotonic()
    taps = read_and_write(mia, link)
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\nfrom the link to the first saved sentence: {taps} taps, {took:.1f} s")

    # What was opened is offered again on the cover and beside the text, and joining is one name.
    text = mia.url
    mia.goto("/")
    expect(mia.get_by_role("link", name="Join Lea’s group")).to_have_count(2)
    expect(mia.get_by_role("link", name="Read with others")).to_have_count(0)
    mia.goto(text)
    expect(mia.get_by_role("link", name="Join Lea’s group")).to_be_visible()
    mia.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()
    expect(mia.get_by_text("Saved. Join Lea’s group?")).to_be_visible()
    expect(mia.get_by_role("link", name="Join Lea’s group")).to_be_hidden()
    join(mia, "Mia")
    expect(mia).to_have_url(re.compile(re.escape(group)))
    mia.goto("/")
    expect(mia.get_by_text("You’re reading this with Thursdays")).to_be_visible()
    expect(mia.get_by_role("link", name="Join Lea’s group")).to_have_count(0)
    tom.goto(scanned)
    tom.goto("/")
    tom.get_by_role("button", name="Not now").click()
    expect(tom.get_by_role("link", name="Join Lea’s group")).to_have_count(0)
    expect(tom.get_by_role("link", name="Read with others")).to_be_visible()
    tom.goto(scanned)
    join(tom, "Tom")
    stranger.goto(link)
    answer = stranger.goto(group)
    assert answer is not None
    assert answer.status == 404

    # One sentence, and nothing more, is seen by all; the same page for each of them.
    bring(mia, SENTENCE)
    for page in (lea, tom):
        page.goto(group)
        expect(page.get_by_role("article").locator(".own")).to_have_text([SENTENCE])
        expect(page.get_by_text("waited all year")).to_have_count(0)
    shown = main_words(lea).replace("Invite people Manage ", "")
    for_leading = "For leading this week: Leader’s guide Handout Meeting mode "
    assert shown.replace(for_leading, "") == main_words(tom)
    mia.goto(group)
    mia.get_by_role("link", name=phrases.TAKE_BACK).click()
    mia.get_by_role("button", name=phrases.TAKE_IT_BACK).click()
    lea.reload()
    expect(lea.get_by_role("article")).to_have_count(0)

    # The link is reset; the old one is nothing to anyone.
    lea.get_by_role("link", name="Manage").click()
    lea.get_by_role("link", name="Reset the link").click()
    lea.get_by_role("button", name="Reset the link").click()
    expect(lea.get_by_text("The old one no longer works.")).to_be_visible()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="This invitation no longer works")).to_be_visible()

    # Tom is removed, at once.
    lea.goto(f"{group}lead/")
    lea.get_by_role("link", name=re.compile(r"Remove\s*: Tom")).click()
    lea.get_by_role("button", name="Remove Tom and delete what they shared").click()
    answer = tom.reload()
    assert answer is not None
    assert answer.status == 404

    # The lead is handed over, and Mia ends the group for everyone.
    lea.goto(f"{group}lead/")
    lea.get_by_role("link", name=re.compile(r"Make leader\s*: Mia")).click()
    lea.get_by_role("button", name="Make Mia the leader").click()
    answer = lea.goto(f"{group}lead/")
    assert answer is not None
    assert answer.status == 404
    mia.goto(f"{group}lead/")
    mia.get_by_role("link", name="Delete the group").click()
    mia.get_by_role("button", name="Delete the group for everyone").click()
    expect(mia).to_have_url(re.compile("/groups/#deleted"))
    for page in (lea, mia):
        answer = page.goto(group)
        assert answer is not None
        assert answer.status == 404
    # What Mia wrote is still hers.
    mia.goto("/journal/")
    expect(mia.get_by_text("I have waited all year.")).to_be_visible()
    assert told == [[], [], [], []]


def secrets_told_by(page: Page) -> list[str]:
    """The requests, from now on, whose headers name an invitation."""
    told: list[str] = []
    page.on(
        "request",
        lambda sent: told.extend(
            f"{sent.url}: {name}" for name, value in sent.headers.items() if "/j/" in value
        ),
    )
    return told


def make_group(page: Page) -> str:
    page.goto("/groups/new/")
    page.get_by_label(phrases.GROUP_NAME.name).fill("Thursdays")
    page.get_by_label(phrases.FIRST_NAME.name).fill("Lea")
    page.get_by_role("button", name=phrases.MAKE_THE_GROUP.name).click()
    expect(page.get_by_text("Your group is ready.")).to_be_visible()
    return page.url.partition("invite/")[0]


def link_of(page: Page) -> str:
    message = page.get_by_label(phrases.THE_MESSAGE.name).input_value()
    found = re.search(r"\S+/j/\S+", message)
    assert found
    return found[0]


def scan(page: Page) -> str:
    """What a phone reads that is held before the screen."""
    page.get_by_text("Show the QR code").click()
    picture = page.locator("svg.qr").screenshot()
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(code.text)


def read_and_write(page: Page, link: str) -> int:
    page.goto(link)  # the tap in the messenger
    page.get_by_role("link", name="Start reading").click()
    page.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()
    box = page.locator("form.reflection textarea").first
    box.click()
    box.fill(WRITTEN)
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    expect(page.locator(".state").first).to_have_text(SAVED)
    expect(page.get_by_text("Saved. Join Lea’s group?")).to_be_visible()
    return 4  # the link, *Start reading*, the box, *Agree and save*


def join(page: Page, name: str) -> None:
    page.get_by_label(phrases.FIRST_NAME.name).fill(name)
    page.get_by_role("button", name=phrases.JOIN.name, exact=True).click()
    expect(page.get_by_role("heading", name=phrases.WHO_IS_HERE.name)).to_be_visible()


def bring(page: Page, sentence: str) -> None:
    page.goto("/journal/")
    act_on(page.get_by_role("article").first, "Share with Thursdays")
    page.get_by_text(sentence).tap()
    page.get_by_role("button", name=phrases.PREVIEW_THESE_WORDS).click()
    expect(page.get_by_role("article")).to_contain_text(sentence)
    page.get_by_role("button", name="Share it with Thursdays").click()
    expect(page.get_by_role("article").locator(".own")).to_have_text([sentence])


def main_words(page: Page) -> str:
    return " ".join(page.get_by_role("main").inner_text().split())
