"""What B5 does on the pages about keeping and looking back, with a canary in each thing it says."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from hashlib import sha256

from harness.canary import canary
from harness.http_client import DEVOTIONAL, Device, Page, Reply
from harness.site import Site

PLAIN = {"HX-Request": "false"}


@dataclass(slots=True)
class Cage:
    """The canaries of one run, by what was done with them."""

    salt: str
    words: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)  # names of what the owner has to be shown
    secrets: list[str] = field(default_factory=list)  # codes and passwords, kept as hashes at most

    def bird(self, name: str) -> str:
        return self.words.setdefault(name, canary(name, self.salt))


def send(page: Page, path: str, **fields: str) -> Reply:
    return page.device.post(path, fields, **PLAIN)


def done(reply: Reply, *statuses: int) -> Reply:
    if reply.status not in (statuses or (200, 302, 303)):
        raise AssertionError(f"answered {reply.status}: {reply.html[:300]}")
    return reply


def keep_and_look_back(owner: Page, cage: Cage, site: Site) -> None:
    """Find, mark, delete, make a code, come back by it with other words, choose a password."""
    owner.open()
    cage.kept |= {"current", "earlier", "replaced", "replaced again", "conflict", "cleared"}
    for words in (cage.bird("current"), cage.bird("looked for")):
        done(send(owner, "/journal/search/", words=words, earlier="on"))
    mark_and_delete(owner, cage)
    code = done(send(owner, "/account/return-code/", replaces=""))
    [shown] = re.findall(r"(?:[0-9A-Z]{3}[ -]){6}[0-9A-Z]{3}", code.html)
    cage.secrets += [shown, re.sub(r"[ -]", "", shown)]
    come_back_with_other_words(owner, cage, site, shown)
    send(owner, "/account/return/", code=cage.bird("wrong code"), writer="")
    choose_a_password(owner, cage, site)


def mark_and_delete(owner: Page, cage: Cage) -> None:
    entries = owner.device.get("/journal/").html
    ids = list(dict.fromkeys(re.findall(r"/history/([0-9a-f-]{36})/", entries)))
    for reflection in ids:
        if cage.bird("current") in owner.device.get(f"/history/{reflection}/").html:
            words = owner.text()
            seen = sha256(words.encode()).hexdigest()
            quote = cage.bird("current")
            done(send(owner, f"/hinges/mark/{reflection}/", seen=seen, quote=quote, at="0"))
            bring_to_a_group(owner, cage, reflection)
    other = Page(owner.device, "gradual")
    other.save(cage.bird("deleted"))
    cage.kept.add("deleted")
    entries = owner.device.get("/journal/").html
    [new] = set(re.findall(r"/history/([0-9a-f-]{36})/", entries)) - set(ids)
    done(send(owner, f"/journal/delete/{new}/"))


def bring_to_a_group(owner: Page, cage: Cage, reflection: str) -> None:
    """A copy stands before a group of the owner's, which whoever is nosy isn't in."""
    fields = {"name": "Thursdays", "first_name": "Lea", "devotional": DEVOTIONAL, "rhythm": "0"}
    made = done(send(owner, "/groups/new/", time_zone="UTC", **fields), 303)
    group = made.headers["location"].split("/")[2]
    words = cage.bird("current")
    done(send(owner, f"/share/{reflection}/bring/", group=group, words=words), 303)
    shown = owner.device.get(f"/groups/{group}/").html
    if words not in shown:
        raise AssertionError("the group doesn't see what was brought to it")


def come_back_with_other_words(owner: Page, cage: Cage, site: Site, code: str) -> None:
    """A guest elsewhere enters the owner's code, and says that the words there are theirs."""
    guest = Page(Device(site.port))
    guest.save(cage.bird("a guest's"))
    cage.kept.add("a guest's")
    guest.open()
    done(send(guest, "/account/return/", code=code, writer=guest.fields["writer"]), 302, 303)
    question = done(guest.device.get("/account/arrive/"), 200)
    done(guest.device.post("/account/arrive/", question.fields | {"whose": "mine"}, **PLAIN))
    guest.device.get("/account/arrive/")
    guest.device.close()


def choose_a_password(owner: Page, cage: Cage, site: Site) -> None:
    """What is typed to sign in is in no log, no cache and no session."""
    cage.secrets += [cage.bird("password"), cage.bird("wrong password")]
    password = cage.bird("password")
    done(send(owner, "/account/email/", email="sam@example.org"))
    done(send(owner, "/account/password/", name="sam-of-b5", password=password))
    visitor = Device(site.port)
    page = visitor.get("/account/sign-in/")
    for login in (cage.bird("unknown name"), "sam-of-b5"):
        typed = page.fields | {"login": login, "password": cage.bird("wrong password")}
        done(visitor.post("/account/sign-in/", typed, **PLAIN), 200, 422)
    address = f"{sha256(cage.salt.encode()).hexdigest()[:20]}@example.org"
    cage.secrets.append(address)
    done(visitor.post("/account/sign-in/code/", page.fields | {"email": address}, **PLAIN))
    visitor.close()


def sign_in_form(owner: Page, cage: Cage) -> dict[str, str]:
    return {"login": cage.bird("a name"), "password": cage.bird("another password")}


def owners_alone(owner: Page, cage: Cage) -> list[str]:
    """Which canaries the owner's own export doesn't hold, by name; there it has to be whole."""
    reply = done(owner.device.get("/export/everything.zip"), 200)
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    return sorted(name for name in cage.kept if cage.words[name] not in everything)
