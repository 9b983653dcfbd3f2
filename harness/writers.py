"""Writers under load, and the account of what they were promised.

Each writer is a thread with readers of its own. It saves one edit after another and sends an edit,
with the same operation, until it is acknowledged: 200 and nothing else. Every edit takes the place
of the words before it, so that each must afterwards stand in the history exactly.
"""

import http.client
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from harness.http_client import SECTIONS, Device, Page, Reply
from harness.readback import Holdings, Kept
from harness.site import Site

BROKEN = (OSError, http.client.HTTPException)
SAVES_A_READER = 60  # then the writer becomes another reader, so that first saves are cut too
LETTERS = "abcdefghijklmnopqrstuvwxyz     ,.\n“”äß≈שלום👍🏽👩‍👩‍👧"


@dataclass(slots=True)
class Box:
    """One box of one device: what was acknowledged for it, in order."""

    device: Device
    section: str
    prompt: str
    acknowledged: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Account:
    """What the writers of one run were told."""

    boxes: list[Box] = field(default_factory=list)
    devices: int = 0
    acknowledged: int = 0  # saves, each of one box or two
    sent: int = 0
    waits: list[float] = field(default_factory=list)  # seconds from the first try to the answer
    answers: Counter[int] = field(default_factory=Counter)
    cut: int = 0  # requests without an answer
    false_conflicts: int = 0
    wrong_digests: int = 0
    unanswered: int = 0  # edits given up at the end
    lock: threading.Lock = field(default_factory=threading.Lock)


class Writer(threading.Thread):
    """Saves until it is told to stop, and then until its last edit is acknowledged."""

    def __init__(self, site: Site, account: Account, seed: int, patience: float = 60) -> None:
        super().__init__(daemon=True)
        self.site = site
        self.account = account
        self.random = random.Random(seed)  # noqa: S311  # a seed to run it again
        self.patience = patience
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            # Each where they live: as many as this can be come from one address in days only.
            device = Device(self.site.port, str(IPv4Address(self.random.getrandbits(32))))
            with self.account.lock:
                self.account.devices += 1
            section = self.random.choice(list(SECTIONS))
            page = Page(device, section)
            boxes = {prompt: Box(device, section, prompt) for prompt in SECTIONS[section]}
            self.account.boxes += boxes.values()
            for _ in range(SAVES_A_READER):
                if self.stopping.is_set() or not self.edit(page, boxes):
                    break
            device.close()

    def edit(self, page: Page, boxes: dict[str, Box]) -> bool:
        """One edit, sent until it is acknowledged; False where that takes too long."""
        chosen = self.random.sample(sorted(boxes), self.random.choice((1, 1, 2)))
        texts = {prompt: self.words() for prompt in chosen}
        begun = time.monotonic()
        op = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        form: dict[str, str] | None = None
        pause = 0.02
        while time.monotonic() - begun < self.patience:
            try:
                if form is None:
                    form = page.filled(texts, op)
                reply = page.send(form)
                self.note(reply)
                if reply.status == 200:
                    self.acknowledge(reply, boxes, texts, time.monotonic() - begun)
                    return True
                if reply.status == 409:  # nobody else writes here
                    with self.account.lock:
                        self.account.false_conflicts += 1
                    return True
                if reply.status == 401:
                    form = page.renew(form)
            except BROKEN:
                with self.account.lock:
                    self.account.cut += 1
            except AssertionError:
                pass  # the panel answered an error: tried again below
            # As a browser does between two tries, ever longer.
            time.sleep(pause * self.random.uniform(0.5, 1.5))
            pause = min(pause * 2, 0.5)
        with self.account.lock:
            self.account.unanswered += 1
        return False

    def note(self, reply: Reply) -> None:
        with self.account.lock:
            self.account.sent += 1
            self.account.answers[reply.status] += 1

    def acknowledge(
        self, reply: Reply, boxes: dict[str, Box], texts: dict[str, str], wait: float
    ) -> None:
        with self.account.lock:
            self.account.acknowledged += 1
            self.account.waits.append(wait)
            for prompt, text in texts.items():
                boxes[prompt].acknowledged.append(text)
                self.account.wrong_digests += not reply.names_digest_of(text)

    def words(self) -> str:
        """Some lines unlike any other, first letter to last."""
        length = self.random.choice((40, 200, 200, 1000, 4000))
        middle = "".join(self.random.choices(LETTERS, k=length))
        return f"{uuid.UUID(int=self.random.getrandbits(128))} {middle} {self.random.random()}"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was promised, held against what is kept."""

    lost: int  # acknowledged, and neither current nor in the history
    altered: int  # kept, and never sent; or another text current than the last acknowledged
    duplicated: int  # versions or wordings beyond the distinct saves
    second_readers: int  # readers beyond the devices that wrote

    @property
    def clean(self) -> bool:
        return (self.lost, self.altered, self.duplicated, self.second_readers) == (0, 0, 0, 0)

    def __str__(self) -> str:
        return (
            f"{self.lost} lost, {self.altered} altered, {self.duplicated} duplicated, "
            f"{self.second_readers} second readers"
        )


def settle(account: Account, holdings: Holdings) -> Findings:
    """Hold every acknowledged text against what the data folder holds."""
    lost = altered = duplicated = 0
    for box in account.boxes:
        if not box.acknowledged:
            continue
        kept = holdings.box(box.device.reader_digest, box.section, box.prompt)
        if kept is None:
            lost += len(box.acknowledged)
            continue
        texts = set(kept.texts)
        lost += sum(text not in texts for text in box.acknowledged)
        altered += len(texts - set(box.acknowledged)) + (kept.text != box.acknowledged[-1])
        duplicated += excess(kept, len(box.acknowledged))
    readers = len({box.device.reader_digest for box in account.boxes if box.acknowledged})
    return Findings(lost, altered, duplicated, holdings.readers - readers)


def excess(kept: Kept, saves: int) -> int:
    """How many versions and wordings there are beyond `saves` distinct ones."""
    return max(0, kept.version - saves) + max(0, len(kept.texts) - len(set(kept.texts)))


def seen_by_panel(account: Account, sample: int, chooser: random.Random) -> tuple[int, int]:
    """How many boxes were looked at over HTTP, and how many did not show the last words."""
    written = [box for box in account.boxes if box.acknowledged]
    chosen = chooser.sample(written, min(sample, len(written)))
    wrong = sum(
        Page(box.device, box.section).text(box.prompt) != box.acknowledged[-1] for box in chosen
    )
    for box in chosen:
        box.device.close()
    return len(chosen), wrong
