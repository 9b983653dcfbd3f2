"""The journeys that must hold in Chromium, Firefox and WebKit alike (B16).

Each finds its way by the words in `phrases.py`, acts by real clicks and keys, and looks at what
the page shows and what the server answers.
"""

import re

import pytest

from tests.browser import phrases
from tests.browser.drivers.page import Page
from tests.browser.engines import PHONE, WIDE, NewPerson
from tests.browser.pictures import brightness
from tests.browser.relay import Relay

CACHED = """async () => {
    const paths = [];
    for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) {
            paths.push(new URL(url).pathname);
        }
    }
    return paths;
}"""
# Asked without a script of ours between, so that no draft of this device takes part.
ON_THE_SERVER = """async (path) => {
    const page = await (await fetch(path, { cache: "no-store" })).text();
    return new DOMParser().parseFromString(page, "text/html").querySelector("textarea").value;
}"""
EVERY_WORD = """() => [
    document.body.innerText, ...[...document.querySelectorAll("textarea")].map((box) => box.value),
].join("\\n")"""
IS_FITTED = """async () => {
    await document.fonts.ready;
    return document.readyState === "complete" && document.querySelector(".slide h2").style.fontSize;
}"""
HAS_SETTLED = """() => document.readyState === "complete"
    && !("unsure" in document.documentElement.dataset)
    && document.querySelector(".htmx-request") === null"""


def write_and_agree(page: Page, words: str, section: str = phrases.HINGY) -> None:
    """Open a section, write into its first box and agree: from here on it is saved by itself."""
    page.open(section)
    page.scroll_to(phrases.REFLECT)
    page.sees(phrases.FORM_OF_NOBODY)
    page.type_at_the_end(phrases.CHOICE, words)
    page.click(phrases.AGREE_AND_SAVE)
    page.sees(phrases.SAVED)


def on_the_server(page: Page) -> str:
    return str(page.evaluate(ON_THE_SERVER, phrases.WRITING))


def server_has(page: Page, words: str, seconds: float = 20) -> None:
    page.wait(lambda: on_the_server(page) == words, f"not {words!r} on the server", seconds)


def make_code(page: Page) -> str:
    page.open("/account/")
    page.click(phrases.MAKE_CODE)
    page.sees(phrases.YOUR_CODE)
    shown = str(page.evaluate("() => document.querySelector('[data-code]').innerText"))
    return " ".join(shown.split())


def test_read(new_person: NewPerson) -> None:
    """From the cover through all three parts, by what one would tap."""
    page = new_person()
    page.open("/")
    page.sees(phrases.TITLE)
    page.click(phrases.BEGIN)
    page.sees(phrases.FIRST_WORDS)
    page.click(phrases.GO_ON_TO_2)
    page.sees(phrases.HINGY_TITLE)
    page.click(phrases.GO_ON_TO_3)
    page.sees(phrases.GRADUAL_TITLE)


def test_write_and_agree(new_person: NewPerson) -> None:
    """Nothing is kept of anyone before they agree; then the words are there, for them alone."""
    page = new_person()
    page.open(phrases.HINGY)
    page.scroll_to(phrases.REFLECT)
    page.sees(phrases.FORM_OF_NOBODY)
    page.type_at_the_end(phrases.CHOICE, "Whether I call.\nיום אחד.")
    page.sees(phrases.KEPT_HERE)
    assert page.driver.cookies() == {}
    page.click(phrases.AGREE_AND_SAVE)
    page.sees(phrases.SAVED)
    assert set(page.driver.cookies()) >= {"reader"}
    page.driver.reload()
    page.scroll_to(phrases.REFLECT)
    page.sees_value(phrases.CHOICE, "Whether I call.\nיום אחד.")
    other = new_person()
    other.open(phrases.HINGY)
    other.scroll_to(phrases.REFLECT)
    other.sees(phrases.FORM_OF_NOBODY)
    assert other.value(phrases.CHOICE) == ""


def test_saved_by_itself(new_person: NewPerson) -> None:
    """A later edit needs no tap: the server has it, and shows it after a reload."""
    page = new_person()
    write_and_agree(page, "To begin with.")
    page.type_at_the_end(phrases.CHOICE, " And on.")
    server_has(page, "To begin with. And on.")
    page.sees(phrases.SAVED)
    page.driver.reload()
    page.scroll_to(phrases.REFLECT)
    page.sees_value(phrases.CHOICE, "To begin with. And on.")
    assert phrases.PUT_BACK not in page.words()


def test_offline_and_back(new_person: NewPerson, relay: Relay) -> None:
    """Without a network words wait on the device, and go out by themselves when it is back."""
    page = new_person(at=relay.url)
    write_and_agree(page, "Above ground.")
    relay.cut()
    page.type_at_the_end(phrases.CHOICE, " In the tunnel.")
    page.sees(phrases.NOT_SAVED_YET)
    relay.mend()
    server_has(page, "Above ground. In the tunnel.")
    page.sees(phrases.SAVED)


def test_a_part_that_was_read_opens_offline(new_person: NewPerson, relay: Relay) -> None:
    """From the service worker's copies; and what was typed before leaves for the server later."""
    page = new_person(at=relay.url)
    write_and_agree(page, "Above ground.")
    read = {phrases.HINGY, phrases.GRADUAL}
    page.wait(lambda: read <= set(page.evaluate(CACHED)), "the parts aren't kept", 20)
    relay.cut()
    page.type_at_the_end(phrases.CHOICE, " Read below.")
    page.sees(phrases.NOT_SAVED_YET)
    page.open(phrases.GRADUAL)
    page.sees(phrases.NO_NETWORK_COPY)
    page.sees(phrases.GRADUAL_TITLE)
    relay.mend()
    page.open("/")
    server_has(page, "Above ground. Read below.")
    assert phrases.NO_NETWORK_COPY not in page.words()


def test_come_back_by_code(new_person: NewPerson) -> None:
    """A second browser, which knows nobody, has everything once the code is typed there."""
    first = new_person()
    write_and_agree(first, "Written on the phone.")
    code = make_code(first)
    second = new_person(size=WIDE)
    second.open("/account/return/")
    second.type_at_the_end(phrases.CODE, code.lower())
    second.click(phrases.COME_BACK)
    second.sees_address("/journal/[?]back$")
    second.sees("Written on the phone.")
    second.open(phrases.HINGY)
    second.scroll_to(phrases.REFLECT)
    second.sees_value(phrases.CHOICE, "Written on the phone.")
    second.type_at_the_end(phrases.CHOICE, " And on the laptop.")
    server_has(first, "Written on the phone. And on the laptop.")


def test_join_by_link(new_person: NewPerson) -> None:
    """One makes a group; another opens the link, says a first name, and is in it."""
    leader = new_person()
    leader.open("/groups/new/")
    leader.type_at_the_end(phrases.GROUP_NAME, "Thursdays")
    leader.type_at_the_end(phrases.FIRST_NAME, "Lea")
    leader.click(phrases.MAKE_THE_GROUP)
    leader.sees(phrases.THE_MESSAGE)
    found = re.search(r"\S+/j/\S+", leader.value(phrases.THE_MESSAGE) or "")
    assert found
    member = new_person()
    member.open(found[0])
    assert member.driver.cookies() == {}
    member.type_at_the_end(phrases.FIRST_NAME, "Mia")
    member.click(phrases.JOIN)
    member.sees(phrases.WHO_IS_HERE)
    member.sees(re.compile(r"\bMia\b"))
    leader.open(member.url)
    leader.sees(re.compile(r"\bMia\b"))


def test_aa(new_person: NewPerson) -> None:
    """Size and light change at once, and hold on the page that comes next."""
    page = new_person()
    page.open(phrases.HINGY)
    size = "() => parseFloat(getComputedStyle(document.querySelector('.prose p')).fontSize)"
    usual = page.evaluate(size)
    assert brightness(page.driver.screenshot()) > 200
    page.click(phrases.AA)
    page.click(phrases.DARK)
    page.click(phrases.LARGEST)
    page.wait(lambda: page.evaluate(size) > usual * 1.4, "not larger")
    page.driver.press("Escape")
    page.wait(lambda: not page.has(phrases.DARK), "the sheet stays")
    assert brightness(page.driver.screenshot()) < 60
    page.driver.reload()
    page.sees(phrases.HINGY_TITLE)
    assert page.evaluate(size) > usual * 1.4
    assert brightness(page.driver.screenshot()) < 60


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_a_meeting_s_question_fits_the_window(size: tuple[int, int], new_person: NewPerson) -> None:
    """Nothing is to be scrolled to, also where scroll bars take room of the page."""
    page = new_person(size=size)
    page.open(phrases.MEETING)
    page.wait(lambda: page.evaluate(IS_FITTED), "the question has no size")
    over = "() => document.documentElement.scrollHeight - innerHeight"
    assert page.evaluate(over) <= 0


def test_sign_out(new_person: NewPerson) -> None:
    """On this browser nobody finds a word of it afterwards, also not by going back."""
    page = new_person()
    write_and_agree(page, "For nobody else.")
    make_code(page)
    page.open(phrases.HINGY)
    page.scroll_to(phrases.REFLECT)
    page.sees_value(phrases.CHOICE, "For nobody else.")
    page.open("/journal/")
    page.sees("For nobody else.")
    page.click(phrases.NOT_ME)
    page.sees(phrases.SIGNED_OUT)
    assert page.driver.cookies() == {}
    for _page in ("the journal", "the section"):
        page.evaluate("() => { window.isLeft = true; }")
        page.driver.back()
        page.wait(lambda: not page.evaluate("() => window.isLeft"), "does not go back")
        page.wait(lambda: page.evaluate(HAS_SETTLED), "does not come to rest")
        assert "For nobody else." not in page.evaluate(EVERY_WORD)
