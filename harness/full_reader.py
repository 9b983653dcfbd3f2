"""A reader who has one of everything, made over HTTP on a running site, as browsers would.

Two readings with earlier wordings, a conflict and a hinge; something deleted; a return code, an
address and a password, all signed in with just now; a group that they lead with a member, one who
waits, shares of both and a calendar. Needs a site with mail and `TRUSTED_PROXIES=1`, so that each
reader comes from an address of their own and no limit is met.
"""

import re
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from harness.http_client import DEVOTIONAL, Device, Page, Reply
from harness.mailbox import Mailbox
from harness.site import Site

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PASSWORD = "a door on its hinges"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütentürschlüssel"
FIRST = f"I waited all year. I will call my brother. {LONG * 2} שלום"
HINGE = "I will call my brother."
NAMES = {"group": f"Thursdays {LONG}"[:60], "lead": "Lavinia", "mate": LONG[:40], "waits": "Wim"}


def new_address() -> str:
    """An IPv6 address in a network of its own: limits count whole networks."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


class Person(Device):
    """A browser at an address of its own, as a proxy tells it."""

    def __init__(self, port: int, address: str = "") -> None:
        super().__init__(port)
        self.address = address or new_address()

    def headers(self) -> dict[str, str]:
        return super().headers() | {"X-Forwarded-For": self.address}

    def fill(self, page: str, to: str = "", **fields: str) -> Reply:
        """Send the form at `page`, filled, to where it goes; raise where that is refused."""
        shown = self.get(page)
        assert shown.status == 200, (page, shown.status)
        reply = self.post(to or page, shown.fields | fields, **{"HX-Request": "false"})
        return done(reply)

    def follow(self, reply: Reply) -> Reply:
        """Go where one is led, to the end."""
        while reply.status in (302, 303):
            reply = self.get(reply.headers["location"].partition("#")[0])
        return reply


@dataclass(slots=True)
class Furnished:
    """The reader, who else there is, and what stands in the addresses of what is theirs."""

    reader: Person
    mate: Person
    waits: Person
    email: str
    code: str = ""
    values: dict[str, str] = field(default_factory=dict)
    # Where one name stands for different things in different addresses.
    places: dict[str, dict[str, str]] = field(default_factory=dict)

    def values_of(self, name: str) -> Mapping[str, str]:
        return self.values | self.places.get(name, {})

    def close(self) -> None:
        for person in (self.reader, self.mate, self.waits):
            person.close()


@contextmanager
def site_to_furnish(folder: Path, **variables: str) -> Iterator[tuple[Site, Mailbox]]:
    """A running site with mail, behind a proxy."""
    folder.mkdir(exist_ok=True)
    with Mailbox() as mailbox:
        site = Site(folder)
        site.extra = {
            "EMAIL_URL": mailbox.url,
            "EMAIL_FROM": "hello@example.org",
            "TRUSTED_PROXIES": "1",
            "ADMIN_PATH": "host",
            **variables,
        }
        try:
            site.start()
            yield site, mailbox
        finally:
            site.stop()


def furnish(site: Site, mailbox: Mailbox) -> Furnished:
    email = f"{uuid.uuid4().hex}@example.org"
    have = Furnished(Person(site.port), Person(site.port), Person(site.port), email)
    have.values = {
        "devotional_id": DEVOTIONAL,
        "section_id": "hingy",
        "prompt_id": "choice",
        "number": "1",
        "pk": "1",
        "object_id": str(uuid.uuid4()),
        "id_": str(uuid.uuid4()),
    }
    write(have)
    make_ways_in(have, mailbox)
    read_together(have, site)
    # In the second reading boxes are empty, and the first stays folded until something is written.
    have.reader.fill(f"/readings/{DEVOTIONAL}/", f"/readings/{DEVOTIONAL}/begin/")
    done(Page(have.reader, "hingy").save("In November he called me first."), 200)
    have.close()  # a connection is opened again where one of them asks again
    return have


def done(reply: Reply, *statuses: int) -> Reply:
    assert reply.status in (statuses or (200, 302, 303)), (reply.status, reply.html[:2000])
    return reply


def ids_in(reader: Device, path: str, before: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf"{before}({UUID})/", reader.get(path).html)))


def write(have: Furnished) -> None:
    """Words in three parts, some of them edited at two places at once; a hinge; one deleted."""
    reader = have.reader
    hingy = Page(reader, "hingy")
    done(hingy.save("To begin with."), 200)
    done(hingy.save(FIRST), 200)
    [reflection] = ids_in(reader, "/journal/", "/history/")
    opening, stale = Page(reader, "opening"), Page(reader, "opening")
    done(opening.save("Someone who listens."), 200)
    stale.open()
    done(opening.save("Someone who listens well."), 200)
    done(stale.save("Someone quiet."), 409)
    seen = sha256(FIRST.encode()).hexdigest()
    mark = f"/hinges/mark/{reflection}/"
    reader.fill(mark, quote=HINGE, at=str(FIRST.index(HINGE)), seen=seen)
    [hinge] = ids_in(reader, "/hinges/", "/hinges/take-off/")
    known = ids_in(reader, "/journal/", "/history/")
    done(Page(reader, "gradual").save("Something to let go."), 200)
    [gone] = set(ids_in(reader, "/journal/", "/history/")) - set(known)
    reader.fill("/journal/", f"/journal/delete/{gone}/")
    have.values |= {"reflection_id": reflection, "hinge_id": hinge}
    have.places["journal:put_back"] = have.places["journal:erase_now"] = {"reflection_id": gone}


def make_ways_in(have: Furnished, mailbox: Mailbox) -> None:
    reader = have.reader
    shown = reader.fill("/account/", "/account/return-code/", replaces="")
    have.code = re.findall(r"(?:[0-9A-Z]{3}[ -]){6}[0-9A-Z]{3}", shown.html)[0]
    reader.fill("/account/email/", email=have.email)
    reader.fill("/account/email/code/", code=mailbox.code())
    reader.fill("/account/password/", name=have.email[:20], password=PASSWORD)


def read_together(have: Furnished, site: Site) -> None:
    reader = have.reader
    made = reader.fill(
        "/groups/new/",
        name=NAMES["group"],
        first_name=NAMES["lead"],
        devotional=DEVOTIONAL,
        rhythm="7",
        weekday="3",
        meets_at="19:30",
        time_zone="Europe/London",
    )
    group = re.findall(UUID, made.headers["location"])[0]
    token = re.findall(r"/j/([\w-]{22})", reader.get(f"/groups/{group}/invite/").html)[0]
    have.values |= {"group_id": group, "token": token}
    have.mate.fill(f"/j/{token}", first_name=NAMES["mate"])
    done(Page(have.mate, "hingy").save("What the other one wrote."), 200)
    bring(have.mate, group, "What the other one wrote.")
    bring(reader, group, HINGE, have.values["reflection_id"])
    [share] = ids_in(reader, "/share/", "/share/take-back/")
    reader.fill(f"/groups/{group}/", f"/groups/{group}/read/", section="hingy", read="yes")
    no_longer_open(site)
    have.waits.fill(f"/j/{token}", first_name=NAMES["waits"])
    lead = reader.get(f"/groups/{group}/lead/").html
    [waiting] = dict.fromkeys(re.findall(rf"/waiting/({UUID})/", lead))
    [mate] = dict.fromkeys(re.findall(rf"/members/({UUID})/remove/", lead))
    feed = reader.follow(reader.fill(f"/groups/{group}/calendar/")).html
    have.values |= {"share_id": share, "member_id": mate}
    have.places["groups:let_in"] = have.places["groups:decline"] = {"member_id": waiting}
    have.places["feed:calendar"] = {"token": re.findall(r"/calendar/([\w-]+)\.ics", feed)[0]}


def bring(person: Person, group: str, words: str, reflection: str = "") -> None:
    reflection = reflection or ids_in(person, "/journal/", "/history/")[0]
    page = f"/share/{reflection}/"
    person.fill(page, f"{page}bring/", group=group, words=words)


def no_longer_open(site: Site) -> None:
    """Let the days pass within which whoever has the link is let in without being asked."""
    site.database.change("UPDATE devotional_invitation SET open_until = '2020-01-01 00:00:00'")
