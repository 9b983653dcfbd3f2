"""On a phone, on Tuesday evening: a group, its days, and the week's message on the clipboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import phrases
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

pytestmark = pytest.mark.only_on("sqlite", "what it asks the database is asked on both")


def test_the_weeks_message_is_copied_as_it_stands(site: Site, someone: NewReader) -> None:
    """What was chosen and changed by hand is what is pasted, to the letter; days can be left out.

    The device says by which clocks they meet; the pages hold in every light and width.
    """
    page = someone(site)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/groups/new/")
    page.get_by_label(phrases.GROUP_NAME.name).fill("Thursdays")
    page.get_by_label(phrases.FIRST_NAME.name).fill("Lea")
    page.get_by_label("Every week").check()
    page.get_by_label("Time", exact=True).fill("19:30")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/London")
    page.get_by_role("button", name=phrases.MAKE_THE_GROUP.name).click()
    box = page.get_by_label(phrases.THE_MESSAGE.name)
    expect(box).to_have_value(
        re.compile(r"^Hi all! For Thursday .* at 19:30 \(London time\) we’re .*question.*/j/", re.S)
    )
    accessible(page)
    page.get_by_text("Change the message").click()
    page.get_by_label("Question to include").select_option("No question")
    expect(box).not_to_have_value(re.compile("question"))
    link = re.findall(r"http\S+", box.input_value())[0]
    box.fill(f"  Tonight at mine 🙂\n\nSee you,\nLea \n{link}")
    # Words of the leader's own go only after a question.
    page.get_by_label("Question to include").select_option(index=0)
    page.get_by_role("button", name="Keep my words").click()
    expect(page.get_by_text("lose your words?")).to_have_count(0)
    page.get_by_role("button", name="Copy it").click()
    expect(page.get_by_text("Copied. Paste it into your chat.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == box.input_value()
    page.goto(page.url.partition("invite/")[0] + "schedule/")
    page.get_by_role("button", name="Skip this date").first.click()
    expect(page.get_by_role("listitem").filter(has_text="No meeting")).to_have_count(1)
    accessible(page)


@pytest.mark.parametrize(
    ("device", "chosen"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),  # an older name of the same
        ("America/Indiana/Knox", "America/Chicago"),  # another place with the same clock
        ("Australia/Sydney", "Australia/Sydney"),
    ],
)
def test_the_device_says_by_which_clock(
    site: Site, someone: NewReader, device: str, chosen: str
) -> None:
    page = someone(site, zone=device)
    page.goto("/groups/new/")
    page.get_by_label("Every week").check()
    expect(page.get_by_label("Time zone")).to_have_value(chosen)


def test_an_hour_far_away_is_said_by_ones_own_clock_too(site: Site, someone: NewReader) -> None:
    """Where the clocks agree, the zone is not worth a word."""
    lea, mia = someone(site), someone(site, zone="Australia/Sydney")
    lea.goto("/groups/new/")
    lea.get_by_label(phrases.GROUP_NAME.name).fill("Thursdays")
    lea.get_by_label(phrases.FIRST_NAME.name).fill("Lea")
    lea.get_by_label("Every week").check()
    lea.get_by_label("Time", exact=True).fill("19:30")
    lea.get_by_role("button", name=phrases.MAKE_THE_GROUP.name).click()
    link = re.search(r"\S+/j/\S+", lea.get_by_label(phrases.THE_MESSAGE.name).input_value())
    assert link
    mia.goto(link[0])
    mia.get_by_label(phrases.FIRST_NAME.name).fill("Mia")
    mia.get_by_role("button", name=phrases.JOIN.name, exact=True).click()
    said = re.compile(r"Next: Thursday .*, 19:30 London time; for you that’s Friday,? 0?6:30")
    expect(mia.get_by_text(said)).to_be_visible()
    lea.goto(mia.url)
    expect(lea.get_by_text(re.compile("Next: Thursday"))).to_be_visible()
    expect(lea.get_by_text("London time")).to_be_hidden()
    expect(mia.get_by_text("London time")).to_be_visible()


def test_without_a_script_all_of_it_is_there(site: Site, someone: NewReader) -> None:
    """No button that does nothing; typed words are replaced after a question there, too."""
    page = someone(site, javascript=False)
    page.goto("/groups/new/")
    page.get_by_label(phrases.GROUP_NAME.name).fill("Thursdays")
    page.get_by_label(phrases.FIRST_NAME.name).fill("Lea")
    page.get_by_role("button", name=phrases.MAKE_THE_GROUP.name).click()
    expect(page.get_by_text("Your group is ready.")).to_be_visible()
    expect(page.get_by_text("Select the message to copy it.")).to_be_visible()
    for name in ("Send this message", "Copy it", "Copy the link"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_text("Show the QR code").click()
    expect(page.locator("svg.qr")).to_be_visible()
    box = page.get_by_label(phrases.THE_MESSAGE.name)
    box.fill("Tonight at mine.")
    page.get_by_text("Change the message").click()
    page.get_by_label("Part").select_option(index=1)
    page.get_by_role("button", name="Rewrite the message").click()
    expect(box).to_have_value("Tonight at mine.")
    page.get_by_role("alert").get_by_role("button", name="Rewrite the message").click()
    expect(box).to_have_value(re.compile("^Hi all! We’re reading “Breakthrough is Hingy”"))
