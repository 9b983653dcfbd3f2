"""B9: disk full, read-only, locked: 503 with Retry-After, nothing acknowledged lost, and it works
again by itself."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.faults import Fault
from harness.http_client import SECTIONS, TIMEOUT, Device, Page, Reply
from harness.readback import read
from harness.site import Site
from harness.waiting import eventually
from harness.writers import BROKEN

LOCKED = 15  # seconds
RECOVERY = 15  # seconds within which a save that was refused must go through
WORDS = "Words that need some room on the disk. " * 1500  # about 58 KB


@dataclass(slots=True)
class Course:
    """What the readers met while something was wrong, and after."""

    answers: Counter[int] = field(default_factory=Counter)
    refusals: int = 0
    bad_refusals: int = 0  # neither 200 nor 503 with Retry-After
    lost: int = 0
    unsaved: int = 0  # still refused long after the fault was over
    recovery: float = 0  # seconds until all refused saves had gone through
    slowest_page: float = 0  # seconds for a public page meanwhile
    pages_failed: int = 0

    @property
    def clean(self) -> bool:
        return self.refusals > 0 and (
            self.bad_refusals,
            self.lost,
            self.unsaved,
            self.pages_failed,
        ) == (0, 0, 0, 0)

    def __str__(self) -> str:
        return (
            f"answers {dict(sorted(self.answers.items()))}, {self.bad_refusals} not 503 with "
            f"Retry-After, {self.lost} lost, {self.unsaved} not saved afterwards, all through "
            f"after {self.recovery:.1f} s; slowest public page {self.slowest_page:.1f} s"
        )


def go_through(site: Site, fault: Fault, *, seconds: float = 0, readers: int = 3) -> Course:
    """Save before, during and after `fault`, which lasts for `seconds` at least.

    During it each of some readers saves, one writes for the first time, and a page is read.
    """
    course = Course()
    pages = [Page(Device(site.port), section) for section in [*SECTIONS][:readers]]
    for page in pages:
        assert page.save("Acknowledged before. " + page.section).status == 200
        page.device.close()
    newcomer = Page(Device(site.port))
    newcomer.open()
    newcomer.device.close()
    writers = [*pages, newcomer]
    forms = [page.filled({SECTIONS[page.section][0]: WORDS + page.section}) for page in writers]
    fault.begin()
    began = time.monotonic()
    try:
        save_all(writers, forms, course)
        open_again(pages[0], course)
    finally:
        # That a fault lasts so long is what is asked of the site to bear.
        time.sleep(max(0, seconds - (time.monotonic() - began)))
        fault.end()
    over = time.monotonic()
    through = [
        goes_through(page, form, until=over + RECOVERY)
        for page, form in zip(writers, forms, strict=True)
    ]
    course.unsaved = through.count(False)
    course.recovery = time.monotonic() - over
    holdings = read(site)
    for page, acknowledged in zip(writers, through, strict=True):
        kept = holdings.box(page.device.reader_digest, page.section, SECTIONS[page.section][0])
        texts = kept.texts if kept else []
        course.lost += acknowledged and WORDS + page.section not in texts
        course.lost += page in pages and "Acknowledged before. " + page.section not in texts
        page.device.close()
    return course


def save_all(writers: list[Page], forms: list[dict[str, str]], course: Course) -> None:
    """Send all forms at once, as readers do."""

    def save(page: Page, form: Mapping[str, str]) -> None:
        reply: Reply | None = None
        try:
            reply = page.send(form)
        except BROKEN:
            page.device.close()
        course.answers[reply.status if reply else 0] += 1
        if reply is None or reply.status != 200:
            course.refusals += 1
            course.bad_refusals += reply is None or not reply.asks_to_retry

    threads = [
        threading.Thread(target=save, args=each, daemon=True)
        for each in zip(writers, forms, strict=True)
    ]
    for thread in threads:
        thread.start()
    look_around(writers[0].device.port, course)
    for thread in threads:
        thread.join(TIMEOUT)
        assert not thread.is_alive()


def look_around(port: int, course: Course) -> None:
    """A public page must be there whatever the database does."""
    device = Device(port)
    began = time.monotonic()
    try:
        course.pages_failed += device.get("/").status != 200
    except BROKEN:
        course.pages_failed += 1
    course.slowest_page = max(course.slowest_page, time.monotonic() - began)
    device.close()


def open_again(page: Page, course: Course) -> None:
    """What was written can be read, or it is said that one must wait."""
    try:
        reply = page.device.get(f"{page.path}panel/")
        course.bad_refusals += reply.status != 200 and not reply.asks_to_retry
    except BROKEN:
        course.bad_refusals += 1


def goes_through(page: Page, form: Mapping[str, str], *, until: float) -> bool:
    """Send the very form again until it is acknowledged, as a device does by itself."""

    def acknowledged() -> bool:
        try:
            return page.send(form).status == 200
        except BROKEN:
            page.device.close()
            return False

    return eventually(acknowledged, until - time.monotonic(), pause=0.2)
