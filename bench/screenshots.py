"""Takes the README's screenshots: `python -m bench.screenshots http://127.0.0.1:8000`.

They show the essay as it is served, with words that a reader might write. The reader they make on
that site stays there, so use a site whose data folder may be thrown away.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
SECTION = "/read/the-continual-pursuit-of-breakthrough/hingy/"
SENTENCE = "I will call my brother on Thursday."
PHONE: Any = {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def main(site: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        phone = browser.new_context(
            base_url=site, viewport={"width": 390, "height": 844}, color_scheme="dark"
        )
        page = phone.new_page()
        page.goto("/")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / "cover-phone-dark.png")
        desk = browser.new_context(
            base_url=site, viewport={"width": 1280, "height": 900}, color_scheme="light"
        )
        page = desk.new_page()
        page.goto(SECTION)
        page.get_by_role("heading", name="Reflect").scroll_into_view_if_needed()
        page.get_by_role("textbox").first.fill(
            "Whether I finally have the conversation with my brother. So: Thursday."
        )
        page.get_by_role("button", name="Agree and save").click()
        page.get_by_text(re.compile(r"^Saved \d")).first.wait_for()
        page.screenshot(path=FOLDER / "section-wide-light.png", full_page=True)
        read_together(browser, site)
        browser.close()


def read_together(browser: Browser, site: str) -> None:
    """A group's page as its leader sees it, with a sentence that a member brought."""
    lea, mia = (browser.new_context(base_url=site, **PHONE).new_page() for _ in range(2))
    lea.goto("/groups/new/")
    lea.get_by_label("The group’s name").fill("Thursdays")
    lea.get_by_label("Your first name").fill("Lea")
    lea.get_by_role("button", name="Start the group").click()
    lea.wait_for_url("**/invite/#ready")
    group = lea.url.partition("invite/")[0]
    invitation = re.search(r"\S+/j/\S+", lea.get_by_label("Your message").input_value())
    assert invitation

    mia.goto(SECTION)
    mia.get_by_role("heading", name="Reflect").scroll_into_view_if_needed()
    mia.get_by_role("textbox").first.fill(f"I have waited all year. {SENTENCE} It may go wrong.")
    mia.get_by_role("button", name="Agree and save").click()
    mia.get_by_text(re.compile(r"^Saved \d")).first.wait_for()
    mia.goto(invitation[0])
    mia.get_by_label("Your first name").fill("Mia")
    mia.get_by_role("button", name="Join", exact=True).click()
    mia.goto("/journal/")
    mia.locator(".dots > summary").first.click()
    mia.get_by_role("link", name="Share with Thursdays").first.click()
    mia.get_by_text(SENTENCE).click()
    mia.get_by_role("button", name="Preview these words").click()
    mia.get_by_role("button", name="Share it with Thursdays").click()

    lea.goto(group)
    lea.get_by_text(SENTENCE).wait_for()
    # From this week's part on down, so that what was shared is in the picture.
    lea.get_by_text("This week", exact=True).evaluate(
        "card => window.scrollTo(0, card.getBoundingClientRect().top + window.scrollY - 40)"
    )
    lea.screenshot(path=FOLDER / "group-phone-light.png")


if __name__ == "__main__":
    main(sys.argv[1])
