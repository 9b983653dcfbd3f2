"""How `from_b6f588b/browser.tar.xz` was made: a site of commit b6f588b, and a browser used on it.

    git worktree add --detach OLD b6f588b
    python -m tests.upgrade.make_b6f588b_browser OLD tests/upgrade/from_b6f588b

Run once, with the server of that commit and so with its scripts in the browser; the file is what
counts. Packed are `data/`, the site's folder, and `profile/`, of which only what a site has stored
is kept. A reader has agreed and saved two answers, and three pages are kept for reading without a
network. Then the server was stopped: words over a saved answer are on the device with a save that
had no answer (`SENT_IN_VAIN`), and words in an empty box of a kept page (`DRAFT`).

Cookies and what is kept belong to an address, so the site must be at `PORT` again. The profile is
of Chromium 156; one that is older may not open it. Nothing in it goes by the calendar but what
`b6f588b.py` moves to today: the cookie's end and the reader's last visit.
"""

import sys
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from harness.server import running
from harness.waiting import eventually
from tests.upgrade.b6f588b import (
    DRAFT,
    GRADUAL,
    HINGY,
    OPENING,
    PORT,
    RUN_BY,
    SAVED,
    SENT_IN_VAIN,
    open_profile,
)

# Of a profile: what sites have stored. The rest is caches and Chromium's own.
STORED = ("Cookies", "IndexedDB", "Local Storage", "Service Worker")
IN_CACHES = """async () => {
    const paths = [];
    for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) {
            paths.push(new URL(url).pathname);
        }
    }
    return paths;
}"""
ON_DEVICE = """async () => {
    const db = await new Promise((done) => {
        const request = indexedDB.open("devotional:writing", 1);
        request.onsuccess = () => done(request.result);
    });
    const count = (name) => new Promise((done) => {
        const request = db.transaction(name).objectStore(name).count();
        request.onsuccess = () => done(request.result);
    });
    const found = [await count("drafts"), await count("sending")];
    db.close();
    return found;
}"""


def wait_for(look: Callable[[], object]) -> None:
    if not eventually(look):
        raise AssertionError("It did not come about.")


def box(page: Page, prompt: str, section: str) -> None:
    page.goto(section)
    page.get_by_role("heading", name="Reflect", exact=True).scroll_into_view_if_needed()
    expect(page.locator(f"form.reflection textarea[data-prompt={prompt}]")).to_be_visible()


def write(page: Page, prompt: str, text: str) -> None:
    page.locator(f"textarea[data-prompt={prompt}]").fill(text)


def says(page: Page, prompt: str, words: str) -> None:
    expect(page.locator(f"#state-{prompt}")).to_contain_text(words)


def use_the_site(page: Page) -> None:
    box(page, "becoming", OPENING)
    write(page, "becoming", SAVED["becoming"])
    page.get_by_role("button", name="Agree and save").click()
    says(page, "becoming", "Saved")
    box(page, "choice", HINGY)
    write(page, "choice", SAVED["choice"])
    says(page, "choice", "Saved")
    page.goto(GRADUAL)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for(lambda: {OPENING, HINGY, GRADUAL} <= {*page.evaluate(IN_CACHES)})
    box(page, "becoming", OPENING)


def write_in_vain(page: Page) -> None:
    write(page, "becoming", SENT_IN_VAIN)
    says(page, "becoming", "Not saved yet")
    box(page, "pivot", HINGY)
    write(page, "pivot", DRAFT)
    says(page, "pivot", "Kept on this device")
    wait_for(lambda: page.evaluate(ON_DEVICE) == [2, 1])


def pack(folder: Path, to: Path) -> None:
    profile = folder / "profile" / "Default"
    site = [folder / "data" / name for name in ("devotional.sqlite3", "keyring", "secret_key")]
    with tarfile.open(to, "w:xz", preset=9) as packed:
        for path in [*site, *(profile / name for name in STORED)]:
            packed.add(path, path.relative_to(folder), filter=but_logs)


def but_logs(file: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(file.name).name in ("LOCK", "LOG") else file


def main(old: Path, to: Path) -> None:
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        with closing(open_profile(playwright, folder / "profile")) as context:
            page = context.new_page()
            with running(folder / "data", PORT, code=old, **RUN_BY) as server:
                use_the_site(page)
                assert server.stop() == 0
            write_in_vain(page)
        pack(folder, to / "browser.tar.xz")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
