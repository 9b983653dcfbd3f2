"""B10: a steady stream of saves, each sent when it is due, for as long as it takes to be sure.

The arrivals don't wait for the answers: a save that had to be sent late, since all senders were
waiting, is counted from when it was due. So a server that falls behind can't hide it.
"""

import http.client
import queue
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.columns import columns, megabytes, milliseconds
from bench.load import servers
from bench.load.compare import inhabited
from bench.reliability.report import percentile
from harness import population
from harness.http_client import Page

READERS = 1_000
WRITING = 300  # of them, at a time: each then saves every three seconds
SENDERS = 32  # that may wait for an answer at once
WARM_UP = 30.0  # seconds of the same before memory is looked at
P99 = 0.5  # seconds
GROWTH = 0.10

type Pages = queue.SimpleQueue[Page]


@dataclass(slots=True)
class Account:
    """What came of the saves."""

    waits: list[float] = field(default_factory=list)  # seconds since each was due
    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int | None, wait: float) -> None:
        with self.lock:
            self.waits.append(wait)
            if status is None:
                self.broken += 1
            else:
                self.answers[status] += 1


def steady(*, rate: int, minutes: float) -> tuple[str, bool]:
    """A table, and whether the bar was met."""
    with tempfile.TemporaryDirectory(prefix="devotional-steady-") as folder:
        site = inhabited(Path(folder), READERS)
        try:
            assert site.process is not None
            pages: Pages = queue.SimpleQueue()
            for number in range(WRITING):
                page = Page(population.device_of(site.port, number), population.SECTION)
                page.open()
                pages.put(page)
            stream(pages, rate, WARM_UP)
            before = servers.resident(site.process.pid)
            began = time.monotonic()
            account = stream(pages, rate, minutes * 60)
            took = time.monotonic() - began
            after = servers.resident(site.process.pid)
        finally:
            site.stop()
    return report(account, rate, took, before, after)


def stream(pages: Pages, rate: int, seconds: float) -> Account:
    """So many saves a second, by whoever of the readers has waited longest."""
    account = Account()
    due_times: queue.SimpleQueue[float | None] = queue.SimpleQueue()
    senders = [
        threading.Thread(target=send, args=(due_times, pages, account), daemon=True)
        for _ in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    begun = time.monotonic()
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        due_times.put(due)
    for _ in senders:
        due_times.put(None)
    for sender in senders:
        sender.join()
    return account


def send(due_times: "queue.SimpleQueue[float | None]", pages: Pages, account: Account) -> None:
    count = 0
    while (due := due_times.get()) is not None:
        page = pages.get()
        count += 1
        try:
            status = page.save(f"{due} and the morning was quiet " * (1 + count % 30)).status
        except (OSError, http.client.HTTPException):
            status = None
        account.note(status, time.monotonic() - due)
        pages.put(page)


def report(account: Account, rate: int, took: float, before: int, after: int) -> tuple[str, bool]:
    errors = account.broken + sum(n for status, n in account.answers.items() if status != 200)
    p99 = percentile(account.waits, 0.99)
    growth = after / before - 1
    lines = [
        ("B10", "asked for", "measured", ""),
        ("saves", f"{rate} a second", f"{len(account.waits):,} in {took:.0f} s", ""),
        ("errors", "0", shown(account, errors), met(errors == 0)),
        ("p50", "", milliseconds(percentile(account.waits, 0.5)), ""),
        ("p99", f"at most {P99 * 1000:.0f} ms", milliseconds(p99), met(p99 <= P99)),
        ("slowest", "", milliseconds(max(account.waits)), ""),
        (
            "memory",
            f"growth under {GROWTH:.0%}",
            f"{megabytes(before)} to {megabytes(after)}: {growth:+.1%}",
            met(growth < GROWTH),
        ),
    ]
    return columns(lines), errors == 0 and p99 <= P99 and growth < GROWTH


def shown(account: Account, errors: int) -> str:
    if not errors:
        return "0"
    others = [f"{n} × {status}" for status, n in sorted(account.answers.items()) if status != 200]
    return ", ".join([*others, *([f"{account.broken} broken off"] if account.broken else [])])


def met(good: bool) -> str:
    return "met" if good else "NOT MET"
