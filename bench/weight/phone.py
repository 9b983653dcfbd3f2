"""Pages as a phone opens them for the first time: Chromium, slowed down to a phone on slow 4G.

Speed and network are those by which Lighthouse judges. The service worker is left out: it waits
until the page stands and then fetches what is to be read without a network, which is no weight of
the page.
"""

import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.weight.pages import Page
from harness.chromium import FLAGS, PHONE, chromium

TIMES = 3
SLOWER = 4  # times than this machine
NETWORK = {
    "offline": False,
    "latency": 150,  # ms
    "downloadThroughput": 1.6 * 1024 * 1024 / 8,  # bytes a second
    "uploadThroughput": 750 * 1024 / 8,
}
KINDS = ("Document", "Stylesheet", "Script", "Font", "Fetch")
SETTLED = 1500  # ms after the last request, for what may still shift

# In the page, before any script of it: the figures as browsers define them. A page is judged by its
# worst burst of shifts: at most a second between two, and five seconds in all.
WATCH = """
window.largest = 0; window.shifted = 0;
let burst = 0, first = 0, last = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.largest = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const goesOn = entry.startTime - last < 1000 && entry.startTime - first < 5000;
    if (!goesOn) { burst = 0; first = entry.startTime; }
    burst += entry.value; last = entry.startTime;
    window.shifted = Math.max(window.shifted, burst);
  }
}).observe({type: "layout-shift", buffered: true});
"""


@dataclass(slots=True)
class Opened:
    """One opening of a page."""

    requests: int = 0
    foreign: int = 0  # to anyone but the site
    bytes: Counter[str] = field(default_factory=Counter)  # over the wire with headers, by kind
    largest: float = 0  # seconds until the largest content was painted
    shifted: float = 0  # how much of what one saw moved


def is_here() -> bool:
    return chromium() is not None


def weigh(pages: list[Page]) -> dict[str, Opened]:
    """Each page by its name, its times the median of a few openings."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            return {page.name: opened_often(browser, page) for page in pages}
        finally:
            browser.close()


def opened_often(browser: Browser, page: Page) -> Opened:
    runs = [opened(browser, page) for _ in range(TIMES)]
    result = runs[0]
    result.largest = statistics.median(run.largest for run in runs)
    result.shifted = max(run.shifted for run in runs)
    return result


def opened(browser: Browser, page: Page) -> Opened:
    result = Opened()
    kinds: dict[str, str] = {}

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("data:"):
            return
        result.requests += 1
        result.foreign += not event["request"]["url"].startswith(origin(page.url))
        kinds[event["requestId"]] = event.get("type", "Other")

    def loaded(event: dict[str, Any]) -> None:
        result.bytes[kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])

    with phone(browser, page) as context:
        tab = context.new_page()
        tab.add_init_script(WATCH)
        session = context.new_cdp_session(tab)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        session.on("Network.requestWillBeSent", asked)
        session.on("Network.loadingFinished", loaded)
        reply = tab.goto(page.url, wait_until="networkidle", timeout=60_000)
        if reply is None or reply.status != 200:
            raise RuntimeError(f"{page.name} answered {reply and reply.status}")
        tab.wait_for_timeout(SETTLED)
        result.largest = tab.evaluate("window.largest") / 1000
        result.shifted = tab.evaluate("window.shifted")
    return result


@contextmanager
def phone(browser: Browser, page: Page) -> Iterator[BrowserContext]:
    """A phone that was never here, with the reader's cookie where the page needs it."""
    context = browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        device_scale_factor=2.625,
        is_mobile=True,
        has_touch=True,
        service_workers="block",
    )
    if page.cookie:
        context.add_cookies([{"name": "reader", "value": page.cookie, "url": origin(page.url)}])
    try:
        yield context
    finally:
        context.close()


def origin(url: str) -> str:
    return "/".join(url.split("/")[:3])
