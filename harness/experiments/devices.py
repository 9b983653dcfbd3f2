"""B6: two devices of one reader under schedules of drops, replays, expiry and offline edits.

A device here keeps the rules that the script in the page keeps: the draft stays until the answer
to that very text, an operation is kept across retries, the newest text goes next, one request is
in flight. It speaks to the real view and a real database; only the network between is made up.
"""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import timezone

from devotional.readers.guests import find_reader, give_token
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection, Revision
from harness.actors import Browser
from harness.html_forms import Fields
from harness.http_client import is_plain

STEPS = 14  # of one schedule, before both devices come home
HOME = 20  # tries within which a device must have its last words acknowledged


class Clock:
    """The server's clock, which somebody sets wrong by up to a day, forth and back."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def set_off(self, *, hours: float) -> None:
        self.off = timedelta(hours=hours)

    @contextmanager
    def on_the_wall(self) -> Iterator["Clock"]:
        real, timezone.now = timezone.now, self.now
        try:
            yield self
        finally:
            timezone.now = real


@dataclass(slots=True)
class Fates:
    """What the network did to requests."""

    lost: int = 0  # before they arrived
    cut: int = 0  # after they were carried out
    late: int = 0  # arrived once more, later
    expired: int = 0
    conflicts: int = 0
    acknowledged: int = 0
    offline: int = 0  # edits made while another one was still to be sent

    def add(self, other: "Fates") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, name)} {name}" for name in self.__slots__)


@dataclass(slots=True)
class Device:
    """One browser with the form of one section, used by someone who writes in one box."""

    place: "Place"
    chance: random.Random
    fates: Fates
    browser: Browser = field(default_factory=Browser)
    fields: dict[str, str] = field(default_factory=dict)
    shown: str = ""  # what stands in the box
    draft: str | None = None  # kept on the device until the server has that very text
    flight: dict[str, str] | None = None  # sent, and not answered yet
    late: list[dict[str, str]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def type(self) -> None:
        """Write something new in the box, or write on."""
        self.fates.offline += self.draft is not None
        fresh = f"{uuid.UUID(int=self.chance.getrandbits(128))} and so on"
        writes_on = self.shown and self.chance.random() < 0.3
        self.write(f"{self.shown} {fresh}" if writes_on else fresh)

    def write(self, text: str) -> None:
        self.shown = self.draft = text
        self.typed.append(text)

    def reopen(self) -> None:
        """Open the page again. A draft stays in the box with the version it was based on."""
        if settings.READER_COOKIE_NAME not in self.browser.cookies:
            self.sign_in()  # who sees the page of someone unknown comes back before writing
        fields = self.fetch()
        if self.draft is None and self.flight is None:
            self.fields = fields
            self.shown = fields[self.place.text]

    def fetch(self) -> dict[str, str]:
        return Fields(self.browser.get(self.place.panel).content.decode()).values

    def sync(self, *, fate: str = "well") -> None:
        """Send what is in flight again, or the newest draft."""
        if self.flight is None:
            if self.draft is None:
                return
            hidden = {n: v for n, v in self.fields.items() if not n.startswith("text-")}
            op = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
            self.flight = hidden | {self.place.text: self.draft, "op": op}
        if self.chance.random() < 0.2:
            self.late.append(self.flight)
        if fate == "lost":
            self.fates.lost += 1
            return
        response = self.browser.send(self.place.path, self.flight)
        if fate == "cut":
            self.fates.cut += 1
            return
        self.answered(response)

    def answered(self, response: Any) -> None:
        assert self.flight is not None
        sent = self.flight[self.place.text]
        if response.status_code == 200:
            self.take_fields(Fields(response.content.decode()).values)
            self.acknowledged.append(sent)
            self.fates.acknowledged += 1
            self.flight = None
            if self.draft == sent:
                self.draft = None
            self.check_digest(response.content.decode(), sent)
        elif response.status_code == 409:
            self.take_fields(Fields(response.content.decode()).values)
            self.acknowledged.append(sent)  # kept, and said so
            self.fates.conflicts += 1
            self.flight = None
            self.choose(sent)
        elif response.status_code in (401, 422):
            self.sign_in_again()
        else:
            self.problems.append(f"answered {response.status_code}")

    def check_digest(self, html: str, sent: str) -> None:
        if "data-digest=" in html and sha256(sent.encode()).hexdigest() not in html:
            self.problems.append("the answer names another hash")

    def take_fields(self, fields: dict[str, str]) -> None:
        if "op" in fields:
            self.fields = {n: v for n, v in self.fields.items() if not is_plain(n)}
        self.fields |= fields

    def choose(self, sent: str) -> None:
        """Newer words were met: keep mine, keep the other, or keep both."""
        newest = self.fetch()
        self.fields = newest
        other = newest[self.place.text]
        mine = self.draft if self.draft is not None else sent
        choice = self.chance.choice(("mine", "other", "both"))
        if choice == "other" and mine == sent:  # newer words of mine are not for this to drop
            self.draft, self.shown = None, other
        elif choice == "both":
            self.write(f"{other}\n\n{mine}")
        else:
            self.shown = self.draft = mine

    def expire(self) -> None:
        """The session is gone."""
        self.fates.expired += 1
        self.browser.cookies.pop(settings.READER_COOKIE_NAME, None)

    def sign_in(self) -> None:
        self.browser.cookies[settings.READER_COOKIE_NAME] = give_token(self.place.reader)

    def sign_in_again(self) -> None:
        """Come back as the same reader; the words and the operation stay as they were."""
        assert self.flight is not None
        self.sign_in()
        mine = ("op", "reading", "questions")
        new = {n: v for n, v in self.fetch().items() if is_plain(n) and n not in mine}
        self.flight |= new
        self.fields |= new

    def send_a_late_one(self) -> None:
        """A request that was sent long ago arrives, once more; nobody waits for its answer."""
        if self.late:
            self.fates.late += 1
            self.browser.send(self.place.path, self.late.pop(self.chance.randrange(len(self.late))))


@dataclass(frozen=True, slots=True)
class Place:
    """The one box that both devices write in, and whose it is."""

    reader: Reader
    devotional: str
    section: str
    prompt: str

    @property
    def path(self) -> str:
        return f"/reflect/{self.devotional}/{self.section}/"

    @property
    def panel(self) -> str:
        return f"{self.path}panel/"

    @property
    def text(self) -> str:
        return f"text-{self.prompt}"

    def kept(self) -> list[str]:
        """What stands in the box and in its history."""
        where = {"section": self.section, "prompt": self.prompt}
        found = Reflection.objects.by(self.reader).filter(**where)
        earlier = Revision.objects.by(self.reader).filter(reflection__in=found)
        return [one.text for one in found] + [one.text for one in earlier]


def one_schedule(
    chance: random.Random, fates: Fates, devotional: str, section: str, prompt: str
) -> list[str]:
    """Two devices write at random, then both come home. What was lost, in words."""
    with Clock().on_the_wall() as clock:
        first = Browser()
        path = f"/reflect/{devotional}/{section}/"
        form = Fields(first.get(f"{path}panel/").content.decode()).values
        begun = first.send(path, form | {f"text-{prompt}": "The words that it began with, once."})
        assert begun.status_code == 200
        reader = find_reader(first.cookies[settings.READER_COOKIE_NAME].value)
        assert reader is not None
        place = Place(reader, devotional, section, prompt)
        devices = [Device(place, chance, fates, first), Device(place, chance, fates)]
        for device in devices:
            device.reopen()
        for _ in range(STEPS):
            device = chance.choice(devices)
            step(device, chance, clock)
        for device in chance.sample(devices, 2):
            for _ in range(HOME):
                device.sync()
            if device.draft is not None:
                device.problems.append("never acknowledged")
        for device in devices:
            device.send_a_late_one()
    return [line for device in devices for line in device.problems + missing(device, place.kept())]


def step(device: Device, chance: random.Random, clock: Clock) -> None:
    """One thing that happens to a device."""
    (what,) = chance.choices(
        ("type", "sync", "reopen", "expire", "late", "clock"), weights=(6, 6, 1, 1, 1, 1)
    )
    if what == "type":
        device.type()
    elif what == "sync":
        device.sync(fate=chance.choice(("well", "well", "lost", "cut")))
    elif what == "reopen":
        device.reopen()
    elif what == "expire":
        device.expire()
    elif what == "late":
        device.send_a_late_one()
    else:
        clock.set_off(hours=chance.uniform(-24, 24))


def missing(device: Device, kept: list[str]) -> list[str]:
    """Of what was acknowledged, and of the last words typed, what stands nowhere.

    Words that were only written on live in the longer text, so it is looked for whole in any.
    """
    promised = device.acknowledged + device.typed[-1:]
    return [f"lost {text[:60]!r}" for text in promised if not any(text in one for one in kept)]
