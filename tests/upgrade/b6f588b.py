"""What of a site of commit b6f588b the tests of upgrades and the journeys on it share.

`make_b6f588b.py` and `make_b6f588b_browser.py` say what is in the folder and how it was made.
"""

import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright

from harness.chromium import FLAGS, PHONE, chromium
from harness.databases import Database

KEPT = Path(__file__).parent / "from_b6f588b"

# Of the browser's site. What is kept in a browser belongs to an address, so it must be at the same
# port again; this one is below those of `harness.site.free_port`.
PORT = 18473
SITE = f"http://127.0.0.1:{PORT}"
# The sentence that was agreed to names them.
RUN_BY = {"SITE_OPERATOR": "Sam at the chapel", "SITE_CONTACT": "sam@example.org"}
ESSAY = "the-continual-pursuit-of-breakthrough"
OPENING, HINGY, GRADUAL = (f"/read/{ESSAY}/{part}/" for part in ("opening", "hingy", "gradual"))
SAVED = {"becoming": "Someone who listens.", "choice": "A saved answer."}  # by prompt
SENT_IN_VAIN = "Someone who listens well: sent while the server was stopped."  # over the first
DRAFT = "Typed on a kept page, and unsent."  # in the other box beside the second

# What ends by the calendar, as if the site had been in use until today. The names of columns are
# those of then.
IN_USE = {
    "UPDATE devotional_reader SET seen_on = ?": timedelta(),
    "UPDATE devotional_deleted SET deleted_at = ?": timedelta(hours=-1),
    "UPDATE devotional_invitation SET open_until = ?": timedelta(days=1),
    "UPDATE devotional_invitation SET good_until = ?": timedelta(days=30),
}


def be_in_use(data: Path) -> None:
    """Let a site that was kept, and grows older from day to day, be one that was in use till now.

    Its clock is known to be right, too: it must not be taken for one that is ahead.
    """
    now = datetime.now(UTC)
    for statement, after in IN_USE.items():
        at = (now + after).strftime("%Y-%m-%d %H:%M:%S")
        Database(data).change(statement, [(at[:10] if "_on" in statement else at,)])
    (data / "clock").write_text(f"{now.isoformat()}\n")


# The epoch of times in Chromium's own files, which are in microseconds.
BEGINNING = datetime(1601, 1, 1, tzinfo=UTC)


def unpack_browser(folder: Path) -> tuple[Path, Path]:
    """The folder of the browser's site and that of its profile, both in use until now."""
    with tarfile.open(KEPT / "browser.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    data, profile = folder / "data", folder / "profile"
    be_in_use(data)
    ends = (datetime.now(UTC) + timedelta(days=300) - BEGINNING) // timedelta(microseconds=1)
    cookies = sqlite3.connect(profile / "Default" / "Cookies", isolation_level=None)
    with closing(cookies):
        cookies.execute("UPDATE cookies SET expires_utc = ? WHERE has_expires", [ends])
    return data, profile


def open_profile(playwright: Playwright, folder: Path) -> BrowserContext:
    """Chromium with what is kept in `folder`."""
    context = playwright.chromium.launch_persistent_context(
        folder,
        executable_path=chromium(),
        args=FLAGS,
        base_url=SITE,
        viewport=PHONE,  # type: ignore[arg-type]  # a TypedDict by shape
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.set_default_timeout(20_000)
    return context
