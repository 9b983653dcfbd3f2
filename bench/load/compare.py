"""What the site answers under load, beside the plainest that the same server could answer.

Rounds of everything in turn, so that other work on the machine meets all alike: read the ratios,
each the median of its rounds, before the figures. The site holds a thousand readers who wrote.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.columns import columns, megabytes, milliseconds
from bench.load import servers, visitors, wrk
from bench.load.servers import Stored
from bench.load.wrk import Ask, Measured
from harness import population
from harness.http_client import Device
from harness.population import COVER_PATH, JOURNAL_PATH, PANEL_PATH, SECTION_PATH
from harness.site import Site

READERS = 1_000
LOOKING = range(200)  # readers who open panel and journal
SAVING = range(200, 300)  # and others who save

EMPTY, BARE, PLAIN = "an empty view", "… without middleware", "… without Django"
SELECT, INSERT = "a view with a SELECT", "a view with a SELECT and an INSERT"
PAGE, SAVE = "the plainest private page", "the plainest private save"
NGINX_COVER, NGINX_SECTION, NGINX_304 = "nginx: cover", "nginx: section", "nginx: section, 304"

UNCACHED = "… without the page cache"
# An earlier time than any page's: for Django alone to judge, so its answer is made anew.
LONG_AGO = {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}

type Send = Callable[[], Measured]


@dataclass(slots=True)
class Subject:
    """One thing that is measured, and what it is held against.

    That is other subjects by their names, each with a goal: so many times as many answers at
    least; 0 where none is set.
    """

    name: str
    send: Send
    twins: Mapping[str, float] = field(default_factory=dict)
    process: int = 0  # whose memory is looked at
    runs: list[Measured] = field(default_factory=list)
    resident: int = 0  # bytes, after the last run

    def measure(self) -> None:
        self.runs.append(self.send())
        if self.process:
            self.resident = servers.resident(self.process)

    def ratio(self, other: "Subject") -> float:
        """How many answers for one of `other`, each round for itself."""
        pairs = zip(self.runs, other.runs, strict=True)
        return statistics.median(mine.rate / theirs.rate for mine, theirs in pairs)


def compare(*, rounds: int, seconds: int) -> tuple[str, bool]:
    """A table, and whether every goal was met without an error."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="devotional-load-")))
        site = inhabited(folder, READERS)
        stack.callback(site.stop)
        twin = stack.enter_context(servers.twin(site))
        subjects = [*ours(site, folder, seconds), *twins(site, twin, folder, seconds)]
        if servers.has_nginx():
            nginx = stack.enter_context(servers.nginx(folder, replies_of(site)))
            subjects += from_disk(nginx, folder, seconds)
        for _ in range(rounds):
            for subject in subjects:
                subject.measure()
    return report(subjects)


def inhabited(folder: Path, readers: int) -> Site:
    """A started site with so many readers."""
    site = Site(folder)
    site.start()
    site.stop()
    population.fill(site, readers)
    site.start()
    return site


def ours(site: Site, folder: Path, seconds: int) -> Iterator[Subject]:
    def looking(asks: Sequence[Ask], status: int = 200) -> Send:
        return sender(site.url, asks, folder, seconds, status)

    def saving() -> Measured:
        forms = visitors.about_to_save(site.port, SAVING)
        return wrk.save(site.url, forms, folder, seconds=seconds)

    section = visitors.passing_by(SECTION_PATH)
    etag = require(site.url, section[0], 200)["etag"]
    again = visitors.passing_by(SECTION_PATH, **{"If-None-Match": etag})
    cover = looking(visitors.passing_by(COVER_PATH))
    panel = looking(visitors.coming_back(PANEL_PATH, LOOKING))
    journal = looking(visitors.coming_back(JOURNAL_PATH, LOOKING))
    pid = site.process.pid if site.process else 0
    yield Subject("cover", cover, {EMPTY: 0, NGINX_COVER: 0}, pid)
    yield Subject("section", looking(section), {UNCACHED: 0, EMPTY: 4, NGINX_SECTION: 0.55}, pid)
    yield Subject(UNCACHED, looking(visitors.passing_by(SECTION_PATH, **LONG_AGO)))
    yield Subject("section, 304", looking(again, 304), {EMPTY: 0, NGINX_304: 0}, pid)
    yield Subject("panel", panel, {SELECT: 0.5, PAGE: 0}, pid)
    yield Subject("save", saving, {INSERT: 0.5, SAVE: 0}, pid)
    yield Subject("journal", journal, {SELECT: 0, PAGE: 0}, pid)


def twins(site: Site, url: str, folder: Path, seconds: int) -> Iterator[Subject]:
    def looking(asks: Sequence[Ask]) -> Send:
        return sender(url, asks, folder, seconds)

    def saving(to: str) -> Send:
        def save() -> Measured:
            # The very same requests, so that what they cost to send and to take in is the same.
            forms = visitors.about_to_save(site.port, SAVING)
            return wrk.save(url, visitors.sent_to(forms, url, to), folder, seconds=seconds)

        return save

    yield Subject(EMPTY, looking(visitors.passing_by("/empty/")))
    yield Subject(BARE, looking(visitors.passing_by("/bare/")))
    yield Subject(PLAIN, looking(visitors.passing_by("/wsgi/")))
    yield Subject(SELECT, looking(visitors.coming_back("/select/", LOOKING)))
    yield Subject(INSERT, saving("/insert/"))
    yield Subject(PAGE, looking(visitors.coming_back("/page/", LOOKING)))
    yield Subject(SAVE, saving("/save/"))


def from_disk(url: str, folder: Path, seconds: int) -> Iterator[Subject]:
    def looking(asks: Sequence[Ask], status: int = 200) -> Send:
        return sender(url, asks, folder, seconds, status)

    section = visitors.passing_by(SECTION_PATH)
    etag = require(url, section[0], 200)["etag"]
    again = visitors.passing_by(SECTION_PATH, **{"If-None-Match": etag})
    yield Subject(NGINX_COVER, looking(visitors.passing_by(COVER_PATH)))
    yield Subject(NGINX_SECTION, looking(section))
    yield Subject(NGINX_304, looking(again, 304))


def sender(url: str, asks: Sequence[Ask], folder: Path, seconds: int, status: int = 200) -> Send:
    """What measures `asks`, once the first of them was answered as it should be."""
    require(url, asks[0], status)
    connections = wrk.PRIVATE if "Cookie" in asks[0].headers else wrk.PUBLIC
    return lambda: wrk.get(url, asks, folder, seconds=seconds, connections=connections)


def require(url: str, ask: Ask, status: int) -> dict[str, str]:
    """Ask once and see that it is answered as it should be; the headers of the answer."""
    device = Device(int(url.rpartition(":")[2]))
    reply = device.request("GET", ask.path, headers=ask.headers)
    device.close()
    if reply.status != status:
        raise RuntimeError(f"{ask.path} answered {reply.status} and not {status}")
    return dict(reply.headers)


def replies_of(site: Site) -> dict[str, Stored]:
    """The very bytes that the site sends a phone for cover and section."""
    device = Device(site.port)
    replies = {
        path: device.request("GET", path, headers=visitors.BROWSER)
        for path in (COVER_PATH, SECTION_PATH)
    }
    device.close()
    return {path: Stored(reply.body, reply.headers) for path, reply in replies.items()}


# The table


def report(subjects: Sequence[Subject]) -> tuple[str, bool]:
    by_name = {subject.name: subject for subject in subjects}
    lines = [("", "answers/s", "p50", "p99", "errors", "memory", "times as many answers as")]
    good = True
    for subject in subjects:
        ratios, met = held(subject, by_name)
        errors = sum(run.errors for run in subject.runs)
        good = good and met and not errors
        lines.append(
            (
                subject.name,
                f"{statistics.median(run.rate for run in subject.runs):,.0f}",
                milliseconds(statistics.median(run.p50 for run in subject.runs)),
                milliseconds(statistics.median(run.p99 for run in subject.runs)),
                str(errors),
                megabytes(subject.resident) if subject.resident else "",
                ratios,
            )
        )
    return columns(lines), good


def held(subject: Subject, by_name: Mapping[str, Subject]) -> tuple[str, bool]:
    """The ratios beside their goals, and whether those are met."""
    told = []
    good = True
    for name, goal in subject.twins.items():
        if name not in by_name:
            told.append(f"{name}: not measured")
            good = good and not goal
            continue
        ratio = subject.ratio(by_name[name])
        met = ratio >= goal
        good = good and met
        verdict = f" (goal {goal:g}, {'met' if met else 'NOT MET'})" if goal else ""
        told.append(f"{name}: {ratio:.2f}{verdict}")
    return "; ".join(told), good
