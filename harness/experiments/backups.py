"""B8: backups beside a site that saves, each restored elsewhere: sound, and nothing is missing.

More than 50 saves a second go on meanwhile. What was acknowledged before a backup began must be in
it, word for word; what came later may be.
"""

import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from devotional.lib.backups import BackupError, examine
from harness.experiments.kills import finish, wait_for
from harness.readback import Holdings, read
from harness.site import ROOT, Site
from harness.writers import Account, Box, Writer

LONGEST = 300  # seconds for a command

type Promises = list[tuple[Box, int]]  # each box, and how many of its saves were acknowledged


@dataclass(slots=True)
class Backups:
    """What became of the backups of one run."""

    made: int = 0
    unsound: int = 0  # not made, refused by `restore`, or not whole
    missing: int = 0  # texts acknowledged before the start and not in it
    strange: int = 0  # texts in it that nobody sent
    held: int = 0  # texts acknowledged before the start that are in it
    seconds: list[float] = field(default_factory=list)  # that each took
    rate: float = 0.0  # saves a second, backups included


def back_up_under_load(
    site: Site, folder: Path, *, backups: int, writers: int, seed: int, saves_between: int = 100
) -> tuple[Account, Backups]:
    """Back up and restore while readers save; leaves the site running."""
    chance = random.Random(seed)  # noqa: S311  # a seed to run it again
    account, found = Account(), Backups()
    site.start()
    threads = [Writer(site, account, chance.getrandbits(64)) for _ in range(writers)]
    for thread in threads:
        thread.start()
    begun, saved = time.monotonic(), account.acknowledged
    try:
        kept = []
        for number in range(backups):
            wait_for(account, saves_between * chance.uniform(0.5, 1.5))
            file = folder / f"{number}.backup"
            kept.append((file, promised(account)))
            started = time.monotonic()
            found.made += manage(site, "backup", str(file)) == 0
            found.seconds.append(time.monotonic() - started)
        found.rate = (account.acknowledged - saved) / (time.monotonic() - begun)
    finally:
        finish(threads)
    sent = {text for box in account.boxes for text in box.acknowledged}
    for file, promises in kept:
        hold_against(found, restored(site, folder / f"of-{file.stem}", file), promises, sent)
    return account, found


def promised(account: Account) -> Promises:
    with account.lock:
        return [(box, len(box.acknowledged)) for box in account.boxes if box.acknowledged]


def restored(site: Site, folder: Path, file: Path) -> Holdings | None:
    """What is there once the backup was restored on a machine that has the key ring alone."""
    folder.mkdir()
    other = Site(folder)
    other.data.mkdir(mode=0o700)
    other.database.begin_empty()
    shutil.copy(site.data / "keyring", other.data / "keyring")
    try:
        examine(file)
    except BackupError:
        return None
    return read(other) if manage(other, "restore", str(file)) == 0 else None


def hold_against(
    found: Backups, holdings: Holdings | None, promises: Promises, sent: set[str]
) -> None:
    if holdings is None:
        found.unsound += 1
        return
    found.strange += len(holdings.texts - sent)
    for box, number in promises:
        kept = holdings.box(box.device.reader_digest, box.section, box.prompt)
        texts = set(kept.texts) if kept else set()
        missing = sum(text not in texts for text in box.acknowledged[:number])
        found.missing += missing
        found.held += number - missing


def manage(site: Site, *words: str) -> int:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=site.environment(),
        capture_output=True,
        timeout=LONGEST,
    )
    return done.returncode
