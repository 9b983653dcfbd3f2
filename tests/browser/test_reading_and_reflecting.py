"""The main job, walked in a browser: read, reflect, come back; and nobody else sees a word."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.conftest import NewReader, Site

pytestmark = pytest.mark.service_worker

SECTIONS = "/read/the-continual-pursuit-of-breakthrough"
CHOICE = "Which choice in front of you does your next season hinge on?"
SAVED = re.compile(r"^Saved \d\d:\d\d$")
PIVOT = re.compile("^Where did life pivot faster")


def turn_to_the_leaf(page: Page) -> None:
    """Read on to the end, as far as the questions."""
    page.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()
    page.locator("form.reflection").wait_for()


def save(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text(SAVED).first).to_be_visible()


def test_read_and_reflect(own_site: Site, someone: NewReader) -> None:
    """From the cover through all three parts, writing after each; then the server starts anew."""
    page = someone(own_site)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The Continual Pursuit of Breakthrough"
    )
    page.get_by_role("link", name=phrases.BEGIN.name).click()
    expect(page.get_by_text("Do you ever envision the person you’re becoming?")).to_be_visible()
    turn_to_the_leaf(page)
    page.get_by_label(re.compile("^Who is the person")).fill("Someone who is not afraid.\n")
    expect(page.get_by_text("Private to you")).to_be_visible()
    agreed = page.locator(".question .consent")
    expect(agreed).to_have_text(re.compile("^I agree.*Sam at the chapel .sam@example.org."))
    save(page, phrases.AGREE_AND_SAVE.name)
    expect(page.get_by_text(SAVED)).to_be_visible()
    expect(page.get_by_role("link", name=phrases.GO_ON_TO_2.name, exact=True)).to_be_focused()

    page.get_by_role("link", name=phrases.GO_ON_TO_2.name, exact=True).click()
    turn_to_the_leaf(page)
    page.get_by_label(CHOICE, exact=True).fill("Whether I call my brother.")
    page.get_by_label(PIVOT).fill("Moving here.")
    # At once: what was typed is saved first.
    page.get_by_role("link", name=phrases.GO_ON_TO_3.name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Breakthrough is Gradual")

    own_site.stop()
    own_site.start()
    page.goto("/")
    page.get_by_role("link", name=phrases.CONTINUE_GRADUAL).wait_for()
    page.goto(f"{SECTIONS}/hingy/")
    turn_to_the_leaf(page)
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value("Whether I call my brother.")
    expect(page.get_by_label(PIVOT)).to_have_value("Moving here.")
    page.goto(f"{SECTIONS}/opening/")
    turn_to_the_leaf(page)
    expect(page.get_by_label(re.compile("^Who is the person"))).to_have_value(
        "Someone who is not afraid.\n"
    )


def test_two_readers(site: Site, someone: NewReader) -> None:
    """Another browser: the same page, empty boxes, not a trace of the first reader."""
    first = someone(site)
    first.goto(f"{SECTIONS}/hingy/")
    turn_to_the_leaf(first)
    first.get_by_label(CHOICE, exact=True).fill("The canary of the first browser.")
    save(first, phrases.AGREE_AND_SAVE.name)
    second = someone(site)
    second.goto(f"{SECTIONS}/hingy/")
    turn_to_the_leaf(second)
    expect(second.get_by_label(CHOICE, exact=True)).to_have_value("")
    expect(second.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    assert "canary" not in second.content()
    assert second.context.cookies() == []


def test_without_javascript(site: Site, someone: NewReader) -> None:
    """Every step by plain links and forms."""
    page = someone(site, javascript=False)
    page.goto("/")
    page.get_by_role("link", name=phrases.BEGIN.name).click()
    expect(page.get_by_role("button", name=re.compile("Aa"))).to_have_count(0)
    page.get_by_role("link", name=re.compile("Go on to part 2")).click()
    expect(page.get_by_text(CHOICE)).to_be_visible()
    page.get_by_role("link", name="Write your reflection").click()
    page.get_by_label(CHOICE, exact=True).fill("  By pen,\nas it were.")
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    expect(page).to_have_url(re.compile(r"/hingy/#saved$"))
    expect(
        page.get_by_text("Saved. To read or change it, tap “Write your reflection” below.")
    ).to_be_visible()
    page.get_by_role("link", name="Write your reflection").click()
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value("  By pen,\nas it were.")
    page.get_by_label(CHOICE, exact=True).fill("Written anew.")
    page.get_by_role("button", name=phrases.SAVE.name, exact=True).click()
    page.get_by_role("link", name="Write your reflection").click()
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value("Written anew.")


def test_agreeing_is_asked_before_anything_leaves(site: Site, someone: NewReader) -> None:
    """Reading and opening the panel sets no cookie; only saving does."""
    page = someone(site)
    page.goto("/")
    page.goto(f"{SECTIONS}/hingy/")
    turn_to_the_leaf(page)
    page.get_by_label(CHOICE, exact=True).fill("Not sent yet.")
    assert page.context.cookies() == []
    save(page, phrases.AGREE_AND_SAVE.name)
    assert [cookie["name"] for cookie in page.context.cookies()] == ["reader"]


def test_a_jump_to_the_end_finds_the_form_too(site: Site, someone: NewReader) -> None:
    """The End key, and a link that lands inside the leaf, pass the place where it begins."""
    page = someone(site)
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto(f"{SECTIONS}/gradual/")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()
    page.goto(f"{SECTIONS}/opening/#saved")
    expect(page.get_by_text(phrases.FORM_OF_NOBODY)).to_be_visible()


def test_aa_is_kept_on_the_device(site: Site, someone: NewReader) -> None:
    """Theme, size, spacing and typeface change at once and hold on the next page's first paint."""
    page = someone(site)
    page.goto(f"{SECTIONS}/hingy/")
    prose = page.locator(".prose p").first

    def size() -> float:
        return float(prose.evaluate("p => parseFloat(getComputedStyle(p).fontSize)"))

    before = size()
    page.get_by_role("button", name=re.compile("^Aa")).click()
    page.get_by_role("radio", name="Dark").check(force=True)
    page.get_by_role("radio", name="Largest").check(force=True)
    page.get_by_role("radio", name="Roomy").check(force=True)
    page.get_by_role("radio", name="Clear").check(force=True)
    assert size() > before * 1.4
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", name="Dark")).to_be_hidden()
    page.goto(f"{SECTIONS}/gradual/")
    root = page.locator("html")
    for name, value in {"theme": "dark", "size": "5", "spacing": "wide", "face": "clear"}.items():
        expect(root).to_have_attribute(f"data-{name}", value)
    assert prose.evaluate("p => getComputedStyle(p).fontFamily").startswith('"Atkinson')
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is False
    assert "0.205" in page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name=re.compile("^Aa")).click()
    expect(page.get_by_role("radio", name="Largest")).to_be_checked()


def test_a_lost_network_is_said_and_no_word_goes(site: Site, someone: NewReader) -> None:
    page = someone(site)
    page.goto(f"{SECTIONS}/hingy/")
    turn_to_the_leaf(page)
    page.get_by_label(CHOICE, exact=True).fill("In the underground.")
    page.context.set_offline(True)
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    expect(page.locator("#notice")).to_have_text(
        "Not sent yet: you’re offline. It’s safe on this device"
    )
    expect(page.get_by_label(CHOICE, exact=True)).to_have_value("In the underground.")
    page.context.set_offline(False)
    expect(page.get_by_text(SAVED)).to_be_visible()


def test_keyboard_alone(site: Site, someone: NewReader) -> None:
    """Skip link, the order of the page, writing and saving without a pointer."""
    page = someone(site, wide=True)
    page.goto(f"{SECTIONS}/hingy/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    box = page.get_by_label(CHOICE, exact=True)
    for _ in range(20):
        page.keyboard.press("Tab")
        if box.evaluate("box => box === document.activeElement"):
            break
    expect(box).to_be_focused()
    page.keyboard.type("By keys.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(SAVED)).to_be_visible()


def test_a_first_visit_is_light_and_still(site: Site, someone: NewReader) -> None:
    """Weight and shifts of a first visit to a section (visual.md).

    What the panel takes is counted apart, and fetched after what reading needs: the modules that
    personal.js imports, and the form.
    """
    page = someone(site)
    seen: list[tuple[str, int]] = []

    def weigh(response: object) -> None:
        from playwright.sync_api import Response

        assert isinstance(response, Response)
        seen.append((response.url, response.request.sizes()["responseBodySize"]))

    page.on("requestfinished", lambda request: weigh(request.response()))
    page.add_init_script(
        "window.shifts = 0;"
        "new PerformanceObserver(list => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) window.shifts += e.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(f"{SECTIONS}/hingy/")
    page.mouse.wheel(0, 3000)
    page.get_by_text(phrases.FORM_OF_NOBODY).wait_for()
    page.wait_for_load_state("networkidle")
    fonts = [(url, size) for url, size in seen if ".woff2" in url]
    at_once = addresses(page, "link[rel=modulepreload], script[type=module]")
    named = [*at_once, *addresses(page, "script")]
    modules = [(url, size) for url, size in seen if url.endswith(".js") and url not in named]
    panel = [(url, size) for url, size in seen if url.endswith("/panel/")]
    rest = [each for each in seen if each not in [*fonts, *modules, *panel]]
    assert len(fonts) == 1, fonts
    assert fonts[0][1] <= 60 * 1024
    assert sum(size for _, size in rest) <= 50 * 1024, rest
    assert sum(size for _, size in modules) <= 25 * 1024, modules
    assert panel[0][1] <= 6 * 1024
    assert len(at_once) <= 6, at_once
    assert page.evaluate("window.shifts") == 0


@pytest.mark.parametrize("part", ["opening", "hingy", "gradual"])
def test_the_panel_takes_the_very_room_that_was_kept_for_it(
    part: str, site: Site, someone: NewReader
) -> None:
    """So nothing below it moves when it comes, however late that is."""
    page = someone(site)
    height = "document.querySelector('#reflect').getBoundingClientRect().height"
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.route("**/panel/", lambda route: None)  # on its way for ever
        page.goto(f"{SECTIONS}/{part}/")
        kept = page.evaluate(height)
        page.unroute("**/panel/")
        page.goto(f"{SECTIONS}/{part}/")
        turn_to_the_leaf(page)
        assert page.evaluate(height) == kept, width


def addresses(page: Page, selector: str) -> list[str]:
    found: list[str] = page.locator(selector).evaluate_all(
        "all => all.map(it => it.href || it.src)"
    )
    return found
