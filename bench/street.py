"""B14: what the street throws at a site, and what those who are known notice of it.

    make bench-street                            (ARGS="--seconds 10" for a shorter one)

Each part starts a site of its own on 127.0.0.1, on a folder that is thrown away, and answers the
rows of its table: what was done, the figure, what was asked for, and whether that is met. Parts
stand in PARTS; another is a function beside them.

    flood    conflicts from one address for a minute, then first saves, while known readers save
    caddy    64 silent connections, and one of HTTP/2 with 16 forms whose body never comes, through
    nginx    the proxy that we ship, while others read and save

What a clock does that is 400 days ahead is held by tests/running/test_clock.py.
"""

import argparse
import http.client
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import machine
from bench.columns import columns, megabytes, milliseconds
from bench.street_proxies import go_on_beside
from harness.http_client import SECTIONS, Device, Page, Reply
from harness.site import Site

KNOWN = 4  # readers from before, at the flood's own address, who save all the while …
PAUSE = 0.5  # … each as often as this, seconds; autosave asks for one in about a second
FLOODING = 12  # connections that send as fast as they are answered
BOXES = SECTIONS["opening"]
VERSIONS = [f"version-{prompt}" for prompt in BOXES]
LONG = 99_000  # bytes of a text in the flood, nearly a reflection's limit
ANSWERS = (200, 409, 422, 429, 503)  # saved, both shown, refused in words, asked to come again
BROKEN = (OSError, http.client.HTTPException, AssertionError)

# What docs/deploying.md says that one address can use at most in a day.
MOST_READERS = 1_000
FREE = 2**20  # bytes of texts as they lie encrypted, for each reader …
SHARED = 256 * 2**20  # … and those that they share
ORDER = 1.25  # times that, with what the database adds for its own order


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    what: str
    figure: str
    asked: str = ""
    is_met: bool = True

    @property
    def cells(self) -> tuple[str, str, str, str]:
        return (
            self.what,
            self.figure,
            self.asked,
            ("met" if self.is_met else "NOT MET") * bool(self.asked),
        )


@dataclass(slots=True)
class Answers:
    """What some threads were answered, by status; 0 for none."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)  # seconds
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, took: float) -> None:
        with self.lock:
            self.statuses[status] += 1
            self.waits.append(took)

    def __str__(self) -> str:
        each = sorted(self.statuses.items())
        return ", ".join(f"{count:,} × {status or 'none'}" for status, count in each) or "none"


type Send = Callable[[], Reply]


def flood(seconds: float) -> list[Row]:
    """First saves and conflicts from one address, as fast as they are answered."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        site.start()
        try:
            return flooded(site, seconds)
        finally:
            site.stop()


def flooded(site: Site, seconds: float) -> list[Row]:
    known = [Writer(site) for _number in range(KNOWN)]
    readers, space = rows_of(site, "reader"), space_of(site)
    saves, first_saves, conflicts = Answers(), Answers(), Answers()
    with ThreadPoolExecutor(KNOWN + FLOODING) as pool:
        now = time.monotonic()
        done = [pool.submit(repeat, saves, one.save, now + 2 * seconds, PAUSE) for one in known]
        for answers, of in ((conflicts, quarreller), (first_saves, stranger)):
            end = time.monotonic() + seconds
            flooding = [pool.submit(repeat, answers, of(site), end) for _ in range(FLOODING)]
            wait(flooding)
            done += flooding
    for each in done:
        each.result()
    made, grown = rows_of(site, "reader") - readers, space_of(site) - space
    failed = saves.statuses.total() - saves.statuses[200] - saves.statuses[503]
    lost = sum(writer.is_lost() for writer in known)
    answered = first_saves.statuses + conflicts.statuses
    errors = sum(count for status, count in answered.items() if status not in ANSWERS)
    most = ((made + KNOWN) * FREE + SHARED) * ORDER
    return [
        Row("conflicts sent", f"{conflicts} in {seconds:.0f} s"),
        Row("first saves sent", f"{first_saves} in {seconds:.0f} s"),
        Row("… answered otherwise", f"{errors}", "0", not errors),
        Row("readers made", f"{made:,}", f"at most {MOST_READERS:,} a day", made <= MOST_READERS),
        Row("database grown by", megabytes(grown), f"at most {megabytes(most)}", grown <= most),
        Row("conflict copies kept", f"{copies_of(site):,}"),
        Row("saves of known readers", str(saves)),
        Row("… neither saved nor asked to come again", f"{failed}", "0", not failed),
        Row("… whose last words are not there", f"{lost}", "0", not lost),
        Row("… p50, slowest", f"{milliseconds(middle(saves.waits))}, {slowest(saves.waits)}"),
    ]


def repeat(answers: Answers, send: Send, end: float, pause: float = 0) -> None:
    """Send again and again until the end, and note what was answered."""
    while (began := time.monotonic()) < end:
        try:
            status = send().status
        except BROKEN:
            status = 0
        answers.note(status, time.monotonic() - began)
        time.sleep(pause)


class Writer:
    """Somebody from before the flood, who writes on: a few words more each time.

    What is answered by 503 is sent again after a pause, as the page does by itself.
    """

    def __init__(self, site: Site) -> None:
        self.page = Page(Device(site.port))
        self.words = "From before the flood."
        self.form: dict[str, str] = {}  # on its way
        assert self.page.save(self.words).status == 200

    def save(self) -> Reply:
        self.form = self.form or self.page.filled(
            {BOXES[0]: f"{self.words} {secrets.token_hex(4)}"}
        )
        reply = self.page.send(self.form)
        if reply.status == 200:
            self.words, self.form = self.form[f"text-{BOXES[0]}"], {}
        return reply

    def is_lost(self) -> bool:
        """Whether what was written last can't be saved, or doesn't stand there, afterwards."""
        is_saved = not self.form or self.save().status == 200
        return not is_saved or self.page.text() != self.words


def stranger(site: Site) -> Send:
    """Somebody new each time, with a word."""
    form = Page(Device(site.port)).filled({})

    def save() -> Reply:
        with closing(Device(site.port)) as device:
            page = Page(device)
            page.fields = dict(form)
            return page.save("Hello.")

    return save


def quarreller(site: Site) -> Send:
    """One reader's stale form, sent with other words each time; somebody new once that is over."""
    state: dict[str, Page] = {}

    def save() -> Reply:
        page = state.get("page")
        if page is None:
            page = Page(Device(site.port))
            first = page.send(page.filled(dict.fromkeys(BOXES, "The first words.")))
            if first.status != 200:
                return first  # no more readers from here
            state["page"] = page
        stale = page.filled(words()) | dict.fromkeys(VERSIONS, "0")
        reply = page.device.post(page.path, stale)
        if reply.status == 429:
            state.pop("page").device.close()
        return reply

    return save


def words() -> dict[str, str]:
    """Both boxes as full as they may be, unlike any others."""
    return {prompt: secrets.token_hex(LONG // 2) for prompt in BOXES}


def rows_of(site: Site, table: str) -> int:
    return int(site.database.ask(f"SELECT count(*) FROM devotional_{table}")[0][0])  # noqa: S608


def copies_of(site: Site) -> int:
    asked = "SELECT count(*) FROM devotional_revision WHERE kind = 'conflict'"
    return int(site.database.ask(asked)[0][0])


def space_of(site: Site) -> int:
    """Bytes of the database's files."""
    return sum(file.stat().st_size for file in site.data.glob("devotional.sqlite3*"))


def middle(waits: list[float]) -> float:
    return sorted(waits)[len(waits) // 2] if waits else 0.0


def slowest(waits: list[float]) -> str:
    return milliseconds(max(waits, default=0.0))


def silent(kind: str, seconds: float) -> list[Row]:
    """Silent connections through a proxy, and what others meet meanwhile."""
    found = go_on_beside(kind, seconds)
    rows = []
    for what in ("page", "panel", "save"):
        failed, done = found[f"{what} failed"], found[f"{what} ok"]
        rows.append(Row(f"{what}s of others", f"{done:,}", "some", done > 0))
        rows.append(Row("… that failed", f"{failed}", "0", not failed))
    return rows


PARTS: dict[str, Callable[[float], list[Row]]] = {
    "flood": flood,
    "caddy": partial(silent, "caddy"),
    "nginx": partial(silent, "nginx"),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench-street",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=60, help="how long each part goes on")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))} to measure")
    print(machine.about(), flush=True)
    is_met = True
    for name in arguments.parts or PARTS:
        rows = PARTS[name](arguments.seconds)
        lines = [(f"B14 {name}", "measured", "asked for", ""), *(row.cells for row in rows)]
        print(f"\n{columns(lines)}", flush=True)
        is_met = is_met and all(row.is_met for row in rows)
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
