"""Takes the README's screenshots: `python -m tests.bench.screenshots http://127.0.0.1:8000`.

They show the essay as it is served, with words that a reader might write. The reader they make on
that site stays there, so use a site whose data folder may be thrown away.
"""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
SECTION = "/read/the-continual-pursuit-of-breakthrough/hingy/"
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
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
