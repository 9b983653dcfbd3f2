"""Without a network: what was read opens, what was written is never kept (W9)."""

import os
import re
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phrases
from tests.browser.actions import eventually, everywhere
from tests.browser.conftest import NewReader, Site
from tests.browser.page_checks import assert_no_violations

pytestmark = [
    pytest.mark.only_on("sqlite", "pages for everyone ask no database"),
    pytest.mark.service_worker,
]

ESSAY = "/read/the-continual-pursuit-of-breakthrough"
PAGES = ["/", f"{ESSAY}/", f"{ESSAY}/gradual/", f"{ESSAY}/hingy/", f"{ESSAY}/opening/"]
LINE = phrases.NO_NETWORK_COPY
OFFLINE = f"You’re offline. {LINE}"
UNREACHABLE = f"The site can’t be reached right now. {LINE}"
SLOW = f"The site is slow to answer. {LINE}"
FAILING = f"The site can’t show this page right now. {LINE}"

KEPT = """async () => {
    const kept = {};
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        kept[name] = {};
        for (const { url } of await cache.keys()) {
            const copy = await cache.match(url);
            kept[name][new URL(url).pathname] = [
                copy.headers.get("Cache-Control") ?? "", copy.type, await copy.text(),
            ];
        }
    }
    return kept;
}"""

KEPT_PATHS = """async () => {
    const paths = [];
    for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) {
            paths.push(new URL(url).pathname);
        }
    }
    return paths;
}"""

type Kept = dict[str, tuple[str, str, str]]


def caches(page: Page) -> dict[str, Kept]:
    """The Cache Storage as the page sees it: by cache and path, each copy's rules, type, text."""
    found: dict[str, Kept] = page.evaluate(KEPT)
    return found


def kept(page: Page) -> Kept:
    """What the one cache holds."""
    (only,) = caches(page).values()
    return only


def pages_in(copies: Kept) -> list[str]:
    return sorted(path for path in copies if not path.startswith("/static/"))


def wait_until_kept(page: Page, *paths: str) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def missing() -> set[str]:
        return set(paths) - set(page.evaluate(KEPT_PATHS))

    eventually(missing, set())


def read(page: Page, path: str) -> None:
    page.goto(path)
    wait_until_kept(page, path)


def sets_out(page: Page) -> None:
    """Read one page, and let the rest of its devotional come after it."""
    page.goto(f"{ESSAY}/hingy/")
    wait_until_kept(page, *PAGES)


def is_styled(page: Page) -> bool:
    """From the kept style sheet, script and typeface."""
    page.evaluate("document.fonts.ready.then(() => true)")
    styled: bool = page.evaluate(
        "getComputedStyle(document.body).display === 'flex'"
        " && 'script' in document.documentElement.dataset"
        " && document.fonts.check('20px Literata')"
    )
    return styled


def expect_line(page: Page, words: str) -> None:
    """What stands above a kept copy, as it is seen."""
    expect(page.locator(".kept-copy p")).to_have_text(words, use_inner_text=True)


def test_what_was_read_opens_when_the_site_is_gone(own_site: Site, someone: NewReader) -> None:
    """Every page of the devotional, with its line; one never seen leads to the list instead."""
    page = someone(own_site)
    sets_out(page)
    expect(page.get_by_text(LINE)).to_be_hidden()
    own_site.stop()
    for path in PAGES:
        page.goto(path)
        expect_line(page, UNREACHABLE)
        assert page.evaluate("'keptCopy' in document.documentElement.dataset")
        assert is_styled(page)
    page.goto(f"{ESSAY}/hingy/?from=a-message#reflect")
    expect(page.get_by_role("heading", level=1)).to_have_text("Breakthrough is Hingy")
    assert page.title() == "Breakthrough is Hingy · The Continual Pursuit of Breakthrough"

    page.goto("/read/another-one/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page can’t be reached")
    expect(page.locator("main").get_by_role("listitem")).to_have_text(
        [
            "The pursuit 1 minute",
            "Breakthrough is Hingy 1 minute",
            "Breakthrough is Gradual 1 minute",
        ]
    )
    assert is_styled(page)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This page can’t be reached")
    page.get_by_role("link", name="Breakthrough is Gradual").click()
    expect(page.get_by_text("For me… I am always pursuing breakthrough.")).to_be_visible()

    own_site.start()
    page.goto(f"{ESSAY}/hingy/")
    expect(page.get_by_text(LINE)).to_be_hidden()
    page.goto("/read/another-one/")
    expect(page.get_by_role("heading", level=1)).to_have_text("We can’t find that page")


def test_what_was_read_opens_when_the_device_has_no_network(site: Site, someone: NewReader) -> None:
    """And when the network is back nothing moves under the reader: no reload."""
    page = someone(site)
    sets_out(page)
    page.context.set_offline(True)
    page.goto(f"{ESSAY}/gradual/")
    expect_line(page, OFFLINE)
    page.evaluate("window.stays = true")
    page.context.set_offline(False)
    expect(page.get_by_text("You’re back online.")).to_be_visible()
    assert page.evaluate("window.stays") is True
    page.reload()
    expect(page.get_by_text(LINE)).to_be_hidden()


class Restarting(BaseHTTPRequestHandler):
    """A proxy whose server is away."""

    def do_GET(self) -> None:
        self.send_response(502)
        self.end_headers()
        self.wfile.write(b"<h1>502 Bad Gateway</h1>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_a_proxy_s_error_page_does_not_stand_for_a_kept_copy(
    own_site: Site, someone: NewReader
) -> None:
    page = someone(own_site)
    sets_out(page)
    own_site.stop()
    with ThreadingHTTPServer(("127.0.0.1", own_site.port), Restarting) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        page.goto(f"{ESSAY}/hingy/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Breakthrough is Hingy")
        expect_line(page, FAILING)
        proxy.shutdown()


def test_a_network_that_brings_nothing_is_not_waited_for(site: Site, someone: NewReader) -> None:
    """Underground the phone shows a network and no byte arrives: the copy comes after seconds."""
    page = someone(site)
    sets_out(page)
    assert site.process is not None
    os.killpg(site.process.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        page.goto(f"{ESSAY}/hingy/")
        expect_line(page, SLOW)
        assert 3.5 < time.monotonic() - began < 7
    finally:
        os.killpg(site.process.pid, signal.SIGCONT)


def test_nothing_private_is_ever_kept(own_site: Site, someone: NewReader) -> None:
    """After writing, on the page and by the plain form: only public copies, and no word in them."""
    page = someone(own_site)
    sets_out(page)
    page.reload()  # from here on through the worker
    page.get_by_role("heading", name=phrases.REFLECT.name, exact=True).scroll_into_view_if_needed()
    page.get_by_role("textbox").first.fill("The canary of this device.")
    page.get_by_role("button", name=phrases.AGREE_AND_SAVE.name).click()
    expect(page.get_by_text(re.compile(r"^Saved \d")).first).to_be_visible()
    written = f"/reflect{ESSAY.removeprefix('/read')}/hingy/"
    page.goto(written)
    expect(page.get_by_role("textbox").first).to_have_value("The canary of this device.")
    page.goto("/nothing-here/")
    page.goto("/read/nothing-here/")
    page.goto(f"{ESSAY}/opening/")
    page.wait_for_load_state("networkidle")

    copies = kept(page)
    assert pages_in(copies) == sorted([*PAGES, "/offline/"])
    for path, (rules, kind, text) in copies.items():
        assert "public" in rules.split(", "), path
        assert "no-store" not in rules, path
        assert kind == "basic", path
        assert "canary" not in text, path
        assert 'name="csrfmiddlewaretoken"' not in text, path

    own_site.stop()
    page.goto(written)
    expect(page.get_by_role("heading", level=1)).to_have_text("This page can’t be reached")
    assert "canary" not in page.content()


def test_a_private_page_that_calls_itself_a_reading_page_is_not_kept(
    site: Site, someone: NewReader
) -> None:
    """The worker goes by the server's word, so a reply that isn't said to be public stays out."""
    page = someone(site)
    sets_out(page)
    page.context.route(
        "**/read/secret/",
        lambda route: route.fulfill(
            body="<h1>canary</h1>",
            content_type="text/html",
            headers={"Cache-Control": "no-store, private"},
        ),
    )
    page.goto("/read/secret/")
    expect(page.get_by_role("heading", level=1)).to_have_text("canary")
    page.goto("/")
    assert "/read/secret/" not in kept(page)


def test_an_edit_shows_at_once_and_later_without_a_network(
    own_site: Site, someone: NewReader
) -> None:
    """The worker neither holds an edit back nor keeps old words once the new ones were there."""
    page = someone(own_site)
    sets_out(page)
    (before,) = caches(page)
    file: Path = own_site.content / "the-continual-pursuit-of-breakthrough.md"
    file.write_text(
        file.read_text()
        .replace("Recently, Holy", "Of late, Holy")
        .replace("For me… I am", "For myself… I am")
    )
    eventually(
        lambda: {"Of late, Holy" in html for html in everywhere(own_site, f"{ESSAY}/hingy/")},
        {True},
        seconds=5,  # (R9)
    )
    page.goto(f"{ESSAY}/hingy/")
    expect(page.get_by_text("Of late, Holy")).to_be_visible()
    wait_for_new_cache(page, before)
    # The other part was read before the edit; its new words came with the new worker.
    own_site.stop()
    page.goto(f"{ESSAY}/gradual/")
    expect(page.get_by_text("For myself… I am")).to_be_visible()
    expect(page.get_by_text(LINE)).to_be_visible()


def wait_for_new_cache(page: Page, before: str) -> None:
    """Until the worker that the last page load found has taken over.

    It follows once the one before is at rest. A debugger, as Playwright is, keeps a worker from
    ever being so in the browser's eyes; hence it is stopped here as the browser would stop it.
    """
    browser = page.context.new_cdp_session(page)
    browser.send("ServiceWorker.enable")

    def is_there() -> bool:
        if before not in page.evaluate("caches.keys()"):
            return False
        if page.evaluate("navigator.serviceWorker.getRegistration().then((it) => !!it.waiting)"):
            browser.send("ServiceWorker.stopAllWorkers")
        return True

    eventually(is_there, False, seconds=20)


def test_a_worker_of_an_older_version_is_replaced_with_its_caches(
    own_site: Site, someone: NewReader
) -> None:
    """What it had kept and the site can still give comes anew; other caches are let alone."""
    page = someone(own_site)
    sets_out(page)
    (before,) = caches(page)
    page.evaluate(
        """async () => {
            const older = await caches.open("devotional-0000000000000000");
            await older.put("/read/gone/", new Response("<html>gone"));
            await (await caches.open("another")).put("/x", new Response("not ours"));
        }"""
    )
    own_site.stop()
    own_site.extra = {"SITE_NAME": "Quiet Hours"}
    own_site.start()
    page.goto(f"{ESSAY}/hingy/")
    expect(page.get_by_role("link", name="Quiet Hours")).to_be_visible()
    wait_for_new_cache(page, before)
    found = caches(page)
    assert found.pop("another")["/x"][2] == "not ours"
    ((after, copies),) = found.items()
    assert after not in (before, "devotional-0000000000000000")
    assert pages_in(copies) == sorted([*PAGES, "/offline/"])
    assert all("Quiet Hours" in copies[path][2] for path in PAGES)
    page.reload()
    expect(page.get_by_text(LINE)).to_be_hidden()


def test_a_copy_that_cannot_be_had_anew_is_carried_over(own_site: Site, someone: NewReader) -> None:
    """A new version whose network fails halfway still opens what was read, with its files."""
    page = someone(own_site)
    sets_out(page)
    (before,) = caches(page)
    page.evaluate(
        """async (name) => {
            const cache = await caches.open(name);
            const page = await (await cache.match("/")).text();
            const named = page.replace(/css\\/pages\\.\\w+/, "css/pages.0123456789ab");
            const headers = { "Content-Type": "text/html; charset=utf-8" };
            const copy = new Response(named, { headers });
            await cache.put(location.pathname.replace("hingy", "gradual"), copy);
            for (const name of ["css/pages.0123456789ab.css", "js/autosave/old.0123456789ab.js"])
                await cache.put(`/static/${name}`, new Response("old"));
        }""",
        before,
    )
    page.context.route(
        f"**{ESSAY}/gradual/",
        lambda route: route.abort() if route.request.service_worker else route.continue_(),
    )
    own_site.stop()
    own_site.extra = {"SITE_NAME": "Quiet Hours"}
    own_site.start()
    page.goto("/")
    wait_for_new_cache(page, before)
    assert kept(page)["/static/css/pages.0123456789ab.css"][2] == "old"
    assert kept(page)["/static/js/autosave/old.0123456789ab.js"][2] == "old"  # of a module
    own_site.stop()
    page.goto(f"{ESSAY}/gradual/")
    expect(page.get_by_role("link", name="Devotional", exact=True)).to_be_visible()
    expect(page.get_by_text(LINE)).to_be_visible()
    page.goto(f"{ESSAY}/hingy/")
    expect(page.get_by_role("link", name="Quiet Hours")).to_be_visible()


def test_a_reader_who_saves_data_gets_only_what_they_open(site: Site, someone: NewReader) -> None:
    page = someone(site)
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"
    )
    read(page, f"{ESSAY}/hingy/")
    read(page, "/")
    page.wait_for_load_state("networkidle")
    assert pages_in(kept(page)) == ["/", "/offline/", f"{ESSAY}/hingy/"]


def test_without_service_workers_all_is_as_before(site: Site, someone: NewReader) -> None:
    """As on plain http in a local network, where browsers have none."""
    page = someone(site)
    page.add_init_script("Object.defineProperty(navigator, 'serviceWorker', { value: undefined });")
    page.goto(f"{ESSAY}/hingy/")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("heading", level=1)).to_have_text("Breakthrough is Hingy")


@pytest.mark.parametrize("wide", [False, True], ids=["390", "1280"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_without_a_network(
    dark: bool, wide: bool, site: Site, someone: NewReader
) -> None:
    """The offline page with its list, and a kept copy with its line; and nothing sticks out."""
    page = someone(site, dark=dark, wide=wide)
    sets_out(page)
    page.context.set_offline(True)
    for path in (f"{ESSAY}/hingy/", "/", "/read/another-one/"):
        page.goto(path)
        expect(
            page.locator(".kept-copy:visible, [data-kept-pages] li:visible").first
        ).to_be_visible()
        assert_no_violations(page)
        for width in (320, page.evaluate("innerWidth")):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_shifts_in_a_kept_copy(site: Site, someone: NewReader) -> None:
    """The line is there from the first byte."""
    page = someone(site)
    sets_out(page)
    page.context.set_offline(True)
    page.add_init_script(
        "window.shifts = [];"
        "new PerformanceObserver(list => { for (const e of list.getEntries())"
        " window.shifts.push(e.startTime); }).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(f"{ESSAY}/hingy/")
    expect(page.get_by_text(LINE)).to_be_visible()
    assert is_styled(page)
    ours = page.evaluate("document.body.prepend('Shifts'), performance.now()")
    eventually(lambda: page.evaluate("shifts.length > 0"), True)
    assert page.evaluate("shifts")[0] >= ours
