"""What a person meets: taps, controls, words and heights, from the pages themselves.

A phone of 390 × 844 pixels walks each journey as a newcomer, a reader coming back and a member of a
group would, and counts. Beside each figure stands what it was at commit b6f588b, measured by hand.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bench.columns import columns
from harness.chromium import FLAGS, PHONE, chromium
from harness.site import Site

ESSAY = "the-continual-pursuit-of-breakthrough"
READ = f"/read/{ESSAY}"
KEYBOARD = 300  # pixels that it takes of the window, while someone types
ANSWERS = ["opening", "hingy", "gradual"]

# What can be pressed or written into and is in sight, within a part of the page. A box that is
# folded away isn't.
CONTROLS = """(place) => [
    ...place.querySelectorAll("a[href], button, summary, textarea, input, select"),
].filter((one) => one.type !== "hidden" && one.checkVisibility() && one.tabIndex >= 0).length"""
# Words that stand there besides the questions, and those that someone wrote.
WORDS = """(place) => {
    const own = [...place.querySelectorAll(".asked, .own")].map((one) => one.innerText).join(" ");
    const count = (text) => text.split(/\\s+/).filter(Boolean).length;
    return count(place.innerText) - count(own);
}"""
HEADER = """() => document.querySelector(".top").offsetHeight
    + document.querySelector(".yours").offsetHeight"""


class Row(NamedTuple):
    what: str
    before: str  # at b6f588b
    now: int
    goal: int | None

    def cells(self) -> list[str]:
        if self.goal is None:
            return [self.what, self.before, str(self.now), "", ""]
        met = "met" if self.now <= self.goal else "NOT MET"
        return [self.what, self.before, str(self.now), str(self.goal), met]


class Phone:
    """A browser of its own, and the taps that were made on it."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, target: Locator) -> None:
        self.taps += 1
        target.click()
        self.page.wait_for_load_state()

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def boxes(self) -> Locator:
        return self.page.locator("form.reflection textarea")

    @property
    def panel(self) -> Locator:
        return self.page.locator("#reflect")

    def open_panel(self, part: str) -> None:
        self.page.goto(f"{READ}/{part}/")
        self.panel.scroll_into_view_if_needed()
        self.boxes.first.wait_for()

    def saved(self, nth: int = 0) -> None:
        self.page.locator(".state").nth(nth).get_by_text(re.compile(r"Saved \d")).wait_for()

    def write(self, part: str, *words: str) -> None:
        """Answer the questions of a part, agreeing where it is asked."""
        self.open_panel(part)
        for number, text in enumerate(words):
            self.boxes.nth(number).fill(text)
        if (agree := self.button("Agree and save")).is_visible():
            agree.click()
        for number in range(len(words)):
            self.saved(number)

    def count(self, script: str, place: str) -> int:
        return int(self.page.locator(place).evaluate(script))

    def height_of(self, place: str) -> int:
        box = self.page.locator(place).bounding_box()
        assert box
        return round(box["height"])


def interface() -> tuple[str, bool]:
    """The table, and whether every goal is met."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder))
        site.start()
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            rows = [*measured(browser, site)]
        finally:
            browser.close()
            site.stop()
    heading = ["", "b6f588b", "now", "goal", ""]
    table = columns([heading, *(row.cells() for row in rows)])
    return table, all(row.goal is None or row.now <= row.goal for row in rows)


def measured(browser: Browser, site: Site) -> Iterator[Row]:
    with phone(browser, site) as leader:
        invitation, group = invite(leader)
    with phone(browser, site) as guest:
        yield from first_sentence(guest, invitation)
    with phone(browser, site) as newcomer:
        yield from newcomers_panel(newcomer)
        yield from journal(newcomer)
        yield from second_time(newcomer)
        yield from headers(newcomer)
    with phone(browser, site) as member:
        yield from members_panel(member, invitation, group)


@contextmanager
def phone(browser: Browser, site: Site) -> Iterator[Phone]:
    options: dict[str, Any] = {"viewport": PHONE, "base_url": site.url}
    context = browser.new_context(**options)
    yield Phone(context.new_page())
    context.close()


def invite(leader: Phone) -> tuple[str, str]:
    """Start a group; the path of its invitation and of its page."""
    page = leader.page
    page.goto("/")
    leader.tap(leader.link("Read with others"))
    page.locator("[name=name]").fill("Thursdays")
    page.locator("[name=first_name]").fill("Miriam")
    leader.tap(page.locator("main form button:not([type=button])").last)
    page.wait_for_url("**/invite/**")
    found = re.search(r"/j/[\w-]{22}", page.content())
    assert found
    return found[0], re.sub(r"invite/.*", "", page.url)


def first_sentence(guest: Phone, invitation: str) -> Iterator[Row]:
    page = guest.page
    page.goto(invitation)
    guest.tap(guest.link("Start reading"))
    guest.panel.scroll_into_view_if_needed()
    guest.tap(guest.boxes.first)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"] - KEYBOARD})
    guest.boxes.first.press_sequentially("Someone who listens.")
    button = guest.button("Agree and save").bounding_box()
    assert button
    hidden = max(0, round(button["y"] + button["height"] - page.evaluate("innerHeight")))
    guest.tap(guest.button("Agree and save"))
    guest.saved()
    yield Row("invitation to first saved sentence, taps", "3", guest.taps, 3)
    yield Row("  its button hidden by the keyboard, px", "all of it", hidden, 0)


def newcomers_panel(newcomer: Phone) -> Iterator[Row]:
    newcomer.open_panel("opening")
    yield Row("newcomer's panel: controls", "8", newcomer.count(CONTROLS, "#reflect"), 5)
    yield Row("  words that aren't the questions", "80", newcomer.count(WORDS, "#reflect"), 60)
    yield Row("  height, px", "1054 to 1365", newcomer.height_of("#reflect"), None)


def journal(reader: Phone) -> Iterator[Row]:
    """Eight answers: two in each of three parts, and two more when two are read again."""
    for part in ANSWERS:
        reader.write(part, f"What {part} asked first.", f"And what {part} asked then.")
    begin_again(reader)
    reader.write("opening", "Asked again.")
    reader.write("hingy", "Asked again.")
    reader.taps = 0
    reader.page.goto(f"{READ}/hingy/")
    reader.tap(reader.link("Journal"))
    yield Row("reading page to journal, taps", "2", reader.taps, 1)
    yield Row("journal of 8 answers: controls", "60", reader.count(CONTROLS, "main"), 20)


def begin_again(reader: Phone) -> None:
    reader.page.goto(f"/readings/{ESSAY}/")
    reader.tap(reader.button("Begin again"))


def second_time(reader: Phone) -> Iterator[Row]:
    reader.open_panel("opening")
    yield Row("panel the second time: controls", "15 to 16", reader.count(CONTROLS, "#reflect"), 10)
    yield Row("  words that aren't the questions", "96", reader.count(WORDS, "#reflect"), None)
    reader.taps = 0
    reader.tap(reader.page.locator(".under .dots summary").first)
    reader.tap(reader.link("Mark a hinge").first)
    yield Row("just wrote to marking a hinge, taps", "2", reader.taps, None)


def headers(reader: Phone) -> Iterator[Row]:
    reader.page.goto("/journal/")
    yield Row("header of private pages at 390 px, px", "150", reader.page.evaluate(HEADER), None)
    reader.page.set_viewport_size({"width": 320, "height": 640})
    yield Row("  at 320 px", "215 to 243", reader.page.evaluate(HEADER), 110)


def members_panel(member: Phone, invitation: str, group: str) -> Iterator[Row]:
    member.page.goto(invitation)
    member.page.locator("[name=first_name]").fill("Ruth")
    member.tap(member.button("Join"))
    member.write("opening", "Someone who listens.")
    yield Row("panel of a group's member: controls", "13", member.count(CONTROLS, "#reflect"), None)
    member.taps = 0
    member.page.goto(f"{READ}/hingy/")
    member.tap(member.link("Groups"))
    if not member.page.url.startswith(group):
        member.tap(member.link("Thursdays"))
    yield Row("reading page to the group, taps", "2", member.taps, 2)
