"""Meeting mode: a phone propped up in the middle of a room (T8)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import eventually
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import accessible

pytestmark = pytest.mark.only_on("sqlite", "pages for everyone ask no database")

MEETING = "/meeting/the-continual-pursuit-of-breakthrough/gradual/"
FIRST = "Where in the world around you"
SECOND = "What could this group keep doing together"


def questions(page: Page) -> list[str]:
    """What can be seen of the questions."""
    return [
        each.inner_text().split(",")[0]
        for each in page.locator(".slide h2").all()
        if each.is_visible()
    ]


def size(page: Page) -> float:
    """Of the question that is shown, in px."""
    found: float = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.slide:not([hidden]) h2')).fontSize)"
    )
    return found


@pytest.mark.service_worker
def test_an_evening_in_a_room_without_a_network(site: Site, someone: NewReader) -> None:
    """By tap and by key, through a silence that ends without an alarm, and after a reload."""
    page = someone(site)
    page.add_init_script(
        "window.awake = [];"
        "navigator.wakeLock.request = async (kind) => { window.awake.push(kind); };"
    )
    page.clock.install()
    page.goto(MEETING)
    assert questions(page) == [FIRST]
    assert page.evaluate("window.awake") == ["screen"]
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name=SECOND)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name=FIRST)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name=SECOND)).to_be_focused()
    assert questions(page) == [SECOND]

    page.get_by_role("button", name="2 min").click()
    said = page.get_by_role("status")
    expect(said).to_have_text("2 minutes of silence")
    expect(page.get_by_role("button", name="End now")).to_be_focused()
    expect(page.get_by_role("link", name="Back", exact=True)).to_be_hidden()
    light = page.get_by_role("progressbar", name="Silence")
    page.clock.run_for(60_000)
    assert 0.5 <= float(light.evaluate("light => light.value")) < 1
    expect(said).to_have_text("2 minutes of silence")
    page.clock.run_for(60_000)
    expect(said).to_have_text("The silence is over. Take your time.")
    expect(page.get_by_role("heading", name=SECOND)).to_be_focused()
    expect(light).to_be_hidden()

    page.clock.resume()
    kept = "caches.match(location.pathname).then(Boolean)"
    eventually(lambda: page.evaluate(kept), True)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text(phrases.NO_NETWORK_COPY)).to_be_visible()
    assert questions(page) == [SECOND]
    page.get_by_role("link", name="Back", exact=True).click()
    page.get_by_role("button", name="1 min").click()
    page.get_by_role("button", name="End now").click()
    expect(page.get_by_role("status")).to_have_text("")
    assert questions(page) == [FIRST]


def test_tools_go_while_nobody_moves_and_come_back(site: Site, someone: NewReader) -> None:
    """And the tap that brings them back does no more: nobody turns on by mistake."""
    page = someone(site)
    page.clock.install()
    page.goto(MEETING)
    places = page.locator(".top, .meeting > .ways, .turning >> visible=true")
    seen = "all => all.map((each) => getComputedStyle(each).opacity)"
    page.emulate_media(reduced_motion="reduce")
    assert set(places.evaluate_all(seen)) == {"1"}
    page.clock.run_for(6_000)
    assert set(places.evaluate_all(seen)) == {"0"}
    box = page.get_by_role("link", name="Next").bounding_box()
    assert box
    under = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('a, button')",
        [box["x"] + 5, box["y"] + 5],
    )
    assert under is None
    page.mouse.move(50, 50)
    assert set(places.evaluate_all(seen)) == {"1"}
    page.clock.run_for(6_000)
    page.keyboard.press("ArrowRight")
    eventually(lambda: questions(page), [SECOND])
    assert set(places.evaluate_all(seen)) == {"1"}
    assert page.locator(".count:visible i.here").count() == 1
    assert page.locator(".count:visible i").count() == 2


def test_a_question_is_as_large_as_the_screen_lets_it_be(site: Site, someone: NewReader) -> None:
    """Upright, lying and on a wall, in light and dark; a silence looks as good."""
    page = someone(site)
    page.goto(MEETING)
    for width, height, least in ((390, 844, 36), (844, 390, 28), (1280, 900, 72)):
        page.set_viewport_size({"width": width, "height": height})
        eventually(lambda least=least: size(page) >= least, True)  # type: ignore[misc]
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), (
            width,
            height,
        )
    page.get_by_role("button", name="5 min").click()
    accessible(page)


def test_all_questions_stand_on_the_page_without_a_script(site: Site, someone: NewReader) -> None:
    page = someone(site, javascript=False)
    page.goto(MEETING)
    assert questions(page) == [FIRST, SECOND]
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name=SECOND)).to_be_in_viewport()
    expect(page.get_by_role("button", name="1 min")).to_be_hidden()
