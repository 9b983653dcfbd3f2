"""Every address × method × actor gets what the table says, and no one another's words (B4)."""

import copy
import io
import itertools
import json
import re
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from devotional.content.loader import forget_library
from devotional.groups.models import Feed, Group, Invitation, Membership, ReadIt, Share
from devotional.groups.schedule import Rhythm
from devotional.groups.tokens import digest_of, new_token
from devotional.journal.models import Deleted, Hinge
from devotional.lib.http import OURS
from devotional.readers.device_links import make_link
from devotional.readers.guests import COOKIE_AGE, find_reader, give_token
from devotional.readers.models import Account, DeviceLink, DeviceToken, Reader, ReturnCode
from devotional.reflections.answers import digest
from devotional.reflections.keys import prove_key_ring
from devotional.reflections.models import OnPaper, Operation, Reading, Reflection, Revision
from devotional.sharing.actions import take_back
from harness.actors import Browser
from harness.html_forms import Fields
from harness.routes import PART, ROUTES
from tests.conftest import DOORS
from tests.groups.factories import add, found
from tests.policy import (
    ACTORS,
    HOST,
    LEADER,
    MATE,
    OWNER,
    POLICY,
    READERS,
    SAFE,
    TOGETHER,
    UNSAFE,
    Rule,
)

USUAL = {"devotional_id": "on-doors", "section_id": "opening", "prompt_id": "before"}
# A search for what all canaries have in common, and everything else that pages look for.
ASKED = {"q": "canary", "reading": "1", "start": "0", "next": "/journal/"}
OWN_ROWS = (Reading, Reflection, Revision, Operation, OnPaper, Hinge, Deleted)
IN_GROUPS = (Membership, Share)  # these a leader may take away
TOKEN = "t" * 32
PANEL = "/reflect/on-doors/opening/panel/"
NO_FORM: Mapping[str, str] = {}


def test_the_table_and_the_site_name_the_same_addresses() -> None:
    assert sorted(POLICY) == sorted(ROUTES)


# The actors


@dataclass(slots=True)
class Cast:
    """Everyone who asks, and what must come to no one but the owner."""

    owner: Reader
    browsers: dict[str, Browser]
    canaries: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    # What some others may see too, and who; and what stands in the addresses of a group.
    seen_by: dict[str, frozenset[str]] = field(default_factory=dict)
    at_the_door: set[str] = field(default_factory=set)  # what an invitation tells who holds it
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    # What anyone sends by POST; and more of it, the owner's own forms, by an address or its name.
    stolen: dict[str, str] = field(default_factory=dict)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    # Which ids of the owner's fit an address, where not all do.
    fitting: dict[str, set[str]] = field(default_factory=dict)
    for_the_host: set[str] = field(default_factory=set)  # that it is there, and since when

    def bird(self, name: str) -> str:
        """A word that stands nowhere else, in a text that a search for "canary" finds."""
        mark = self.canaries.setdefault(name, uuid.uuid4().hex)
        return f"A canary sings {mark} of {name}."


def reader_of(browser: Browser) -> Reader:
    found = find_reader(browser.cookies["reader"].value)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def furnished(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Cast]:
    """The cast, made once for all tests here: each undoes in its own savepoint what it did."""
    folder = tmp_path_factory.mktemp("policy")
    (folder / "content").mkdir()
    (folder / "content" / "on-doors.md").write_text(DOORS)
    place = override_settings(
        CONTENT_DIR=folder / "content",
        CONTENT_LAST_GOOD=folder / "last-good",
        KEY_RING=folder / "keyring",
        MAIL_OFFERED=True,
        PASSKEYS_OFFERED=True,
    )
    with place, django_db_blocker.unblock(), transaction.atomic():
        prove_key_ring()
        forget_library()
        yield make_cast()
        transaction.set_rollback(True)
    forget_library()


@pytest.fixture
def cast(furnished: Cast, db: None) -> Cast:
    """With browsers of its own, since a reply may set or delete their cookies."""
    browsers = {name: Browser() for name in furnished.browsers}
    for name, browser in browsers.items():
        browser.cookies = copy.deepcopy(furnished.browsers[name].cookies)
    return replace(furnished, browsers=browsers)


def make_cast() -> Cast:
    browsers = {name: Browser() for name in ACTORS}
    owner_browser = browsers[OWNER]
    assert owner_browser.write("opening", before="To begin with.").status_code == 200
    owner = reader_of(owner_browser)
    cast = Cast(owner=owner, browsers=browsers)
    everything_that_one_can_have(cast, owner_browser)
    for name in (LEADER, MATE, *READERS):
        browsers[name].write("opening", before=f"The own words of {name}.")
    sign_in(browsers["other_reader"], reader_of(browsers["other_reader"]), "other")
    browsers["unknown_cookie"].cookies["reader"] = uuid.uuid4().hex
    browsers["signed_out"].cookies["reader"] = give_token(owner)
    DeviceToken.objects.filter(reader=owner).latest("pk").delete()
    sign_in(browsers[HOST], None, "host")
    read_together(cast)
    # Everyone holds a token for the host's forms, so that it is the view that says who may.
    for browser in browsers.values():
        browser.cookies["csrftoken"] = TOKEN
    return cast


def read_together(cast: Cast) -> None:
    """A group of the owner's that someone else leads, with words that were put before it."""
    browsers = cast.browsers
    names = {name: f"Name{uuid.uuid4().hex[:20]}" for name in ("owner", "mate", "group", "lead")}
    group = found(browsers[LEADER], name=names["group"])
    soon = timezone.now().date() + timedelta(days=3)
    Group.objects.filter(pk=group.pk).update(rhythm=Rhythm.WEEKLY, first_on=soon)
    Membership.objects.filter(group=group).update(name=names["lead"])
    mine = add(group, browsers[OWNER], names["owner"])
    mate = add(group, browsers[MATE], names["mate"])
    add(group, browsers["removed"], "", standing=Membership.Standing.REMOVED)
    waiting = add(group, browsers["waiting"], "Wim", standing=Membership.Standing.WAITING)
    elsewhere = found(browsers["other_leader"], name="Elsewhere")
    invitation, token = invited(group)
    _other_invitation, other_token = invited(elsewhere)
    share = Share(
        reader=cast.owner,
        group=group,
        membership=mine,
        section="opening",
        asked="Which door?",
        shared_at=timezone.now(),
    )
    share.text = cast.bird("what was shared")
    shared = cast.canaries.pop("what was shared")
    share.save()
    ReadIt.objects.create(membership=mine, section="opening")
    taken_back = Share.objects.get(pk=share.pk)
    taken_back.pk, taken_back._state.adding = uuid.uuid4(), True
    taken_back.text = cast.bird("what was taken back")
    gone = cast.canaries.pop("what was taken back")
    taken_back.save()
    assert take_back(cast.owner, taken_back.pk)
    feed = Feed(membership=mine, digest=digest_of(feed_token := new_token(), purpose="feed"))
    feed.text = feed_token
    feed.save()
    cast.canaries["a feed"] = feed_token
    cast.seen_by = dict.fromkeys((shared, names["owner"], names["mate"]), TOGETHER)
    # Who asked to come in, or was removed, was once told by the door which group it is.
    knew = TOGETHER | {"waiting", "removed"}
    cast.seen_by |= dict.fromkeys((names["group"], names["lead"], str(group.pk)), knew)
    cast.at_the_door = {names["group"], names["lead"], str(group.pk)}
    cast.seen_by |= {token: frozenset({LEADER}), other_token: frozenset({"other_leader"})}
    cast.seen_by |= {str(row.pk): TOGETHER for row in (mine, mate, share)}
    cast.seen_by |= {str(waiting.pk): frozenset({LEADER, "waiting"})}
    cast.seen_by |= {str(invitation.pk): frozenset(), gone: frozenset()}
    # Kept as hashes, which are nobody's to see either.
    hashes = (
        *DeviceToken.objects.values_list("digest", flat=True),
        *ReturnCode.objects.values_list("digest", flat=True),
        *DeviceLink.objects.values_list("digest", flat=True),
        *Invitation.objects.values_list("digest", flat=True),
        *Feed.objects.values_list("digest", flat=True),
    )
    cast.seen_by |= dict.fromkeys((str(each) for each in hashes), frozenset())
    cast.places = {
        "groups": {"group_id": str(group.pk), "member_id": str(mine.pk)},
        "groups:let_in": {"group_id": str(group.pk), "member_id": str(waiting.pk)},
        "groups:decline": {"group_id": str(group.pk), "member_id": str(waiting.pk)},
        "joining": {"token": token},
        "readers:carry_on": {"token": make_link(cast.owner)},
        "feed": {"token": feed_token},
        "sharing": {"share_id": str(share.pk)},
    }
    cast.for_the_host = {names["group"], str(cast.owner.pk)}
    for name, row in (
        ("reader", cast.owner),
        ("account", Account.objects.get(reader=cast.owner)),
        ("group", group),
        ("membership", mine),
        ("invitation", invitation),
    ):
        cast.for_the_host.add(str(row.pk))
        cast.places[f"host:devotional_{name}_change"] = {"object_id": str(row.pk)}
    cast.for_the_host |= {str(row.pk) for row in (mate, waiting)}
    # What the host may end is here somebody else's.
    other = reader_of(browsers["guest"])
    cast.places["host:devotional_reader_end"] = {"id_": str(other.pk)}
    cast.places["host:devotional_group_end"] = {"id_": str(elsewhere.pk)}
    cast.stolen |= {"membership": str(mine.pk), "share": str(share.pk), "section": "opening"}
    cast.stolen |= {"first_name": "Zed", "name": "Zeds", "devotional": "on-doors", "read": "yes"}
    cast.stolen |= {"group": str(group.pk), "limit": "12", "day": soon.isoformat(), "meets": "no"}


def invited(group: Group) -> tuple[Invitation, str]:
    token, now = new_token(), timezone.now()
    invitation = Invitation(
        group=group,
        digest=digest_of(token, purpose="invitation"),
        open_until=now + timedelta(days=14),
        good_until=now + timedelta(days=90),
    )
    invitation.text = token
    invitation.save()
    return invitation, token


def everything_that_one_can_have(cast: Cast, browser: Browser) -> None:
    """Words in every place that words are kept in, and ids of all of them."""
    owner, now = cast.owner, timezone.now()
    before = browser.fields("/reflect/on-doors/opening/panel/")
    browser.write("opening", before=cast.bird("an earlier wording"))
    browser.write("opening", before=cast.bird("the words that stand"), closed=cast.bird("more"))
    before |= {"text-before": cast.bird("a conflict"), "op": ""}
    assert browser.send("/reflect/on-doors/opening/", before).status_code == 409
    reflection = Reflection.objects.by(owner).get(prompt="before")
    hinge = Hinge(reader=owner, reflection=reflection, marked_at=now)
    hinge.text = passage_of(cast.bird("a hinge"))
    hinge.save()
    deleted = Deleted(reader=owner, reflection_id=uuid.uuid4(), deleted_at=now)
    deleted.text = deleted_of(cast.bird("what was deleted"))
    deleted.save()
    reading = Reading.objects.by(owner).get()
    OnPaper.objects.create(reader=owner, reading=reading, section="thresholds")
    ReturnCode.objects.create(reader=owner, digest=uuid.uuid4().hex, made_at=now)
    sign_in(browser, owner, cast.canaries.setdefault("a name", uuid.uuid4().hex))
    revision = Revision.objects.by(owner).first()
    assert revision is not None
    rows = [*Reflection.objects.by(owner), *Revision.objects.by(owner), hinge, deleted]
    cast.ids = [str(row.pk) for row in rows] + [str(deleted.reflection_id), str(owner.pk)]
    form = {n: v for n, v in before.items() if not n.startswith("text-")}
    cast.stolen = form | {
        "words": "canary",
        "earlier": "on",
        "revision": str(revision.pk),
        "reflection": str(reflection.pk),
        "hinge": str(hinge.pk),
        "deleted": str(deleted.pk),
        "version": str(reflection.version),
        "number": "1",
        "after": "1",
    }
    page = {n: v for n, v in browser.fields(PANEL).items() if not n.startswith("text-")}
    cast.forms = {
        "reflections:reflect": page | {"text-before": "Something new."},
        "readers:return_code": browser.fields("/account/"),
    }
    for row in Reflection.objects.by(owner):
        chosen = {"quote": "A canary sings", "at": "0", "seen": digest(row.text)}
        cast.forms |= {f"/hinges/mark/{row.pk}/": chosen, f"/share/{row.pk}/": chosen}
    with transaction.atomic():  # a hinge that is taken off, to see the form that puts it back
        taken_off = browser.post(f"/hinges/take-off/{hinge.pk}/")
        cast.forms["hinges:put_back"] = Fields(taken_off.content.decode()).values
        transaction.set_rollback(True)
    standing = {str(row.pk) for row in Reflection.objects.by(owner)}
    removed = {str(deleted.reflection_id)}
    cast.fitting = {
        "history:reflection": standing,
        "history:restore": {str(reflection.pk)},
        "hinges:mark": standing,
        "hinges:put_back": standing,
        "hinges:take_off": {str(hinge.pk)},
        "journal:delete": standing | removed,  # sent twice it is done once
        "journal:put_back": standing | removed,
        "journal:erase_now": removed,
        "sharing:share": standing,
        "sharing:bring": standing,
    }


def passage_of(words: str) -> str:
    return json.dumps(
        {"quote": words, "before": "", "after": "", "at": 0, "seen": "", "only": True}
    )


def deleted_of(words: str) -> str:
    """A deleted reflection as the journal keeps it."""
    at = timezone.now().isoformat()
    return json.dumps(
        {
            "devotional": "on-doors",
            "reading": 1,
            "reading_begun_at": at,
            "section": "hinges",
            "section_digest": "",
            "prompt": "turn",
            "asked": "What does this day turn on?",
            "version": 1,
            "begun_at": at,
            "written_at": at,
            "kept_at": None,
            "has_met_another": False,
            "hinges": [],
            "text": words,
        }
    )


def sign_in(browser: Browser, reader: Reader | None, name: str) -> Account:
    """An account that has just signed in on this browser; without a reader it is the host's."""
    account = Account.objects.create(
        reader=reader, name=name, email=f"{name}@example.org", is_staff=reader is None
    )
    browser.force_login(account)
    return account


# Asking


def addresses(name: str, cast: Cast, values: Mapping[str, str]) -> list[str]:
    """The paths of one route, filled with what the owner has: one for each id that might fit."""
    place = cast.places.get(name) or cast.places.get(name.partition(":")[0], {})
    known = USUAL | place | dict(values)
    parts = PART.findall(ROUTES[name])
    paths = [f"/{ROUTES[name]}"]
    for kind, part in parts:
        usual = [known[part]] if part in known else ["1"] if kind == "int" else cast.ids
        paths = [PART.sub(value, path, count=1) for path in paths for value in usual]
    return paths


def token_in(browser: Browser) -> str:
    return browser.cookies["csrftoken"].value


def ask(cast: Cast, actor: str, method: str, path: str, form: Mapping[str, str] = NO_FORM) -> Any:
    """One request as `actor` would send it, by POST with that form and a token of their own."""
    browser = cast.browsers[actor]
    if method in SAFE:
        return browser.generic(method, path)
    if method == "POST":
        return browser.post(path, {**form, "csrfmiddlewaretoken": token_in(browser)})
    return browser.generic(method, path, headers={"x-csrftoken": token_in(browser)})


def everything_in(response: Any) -> str:
    """Headers and body, unpacked where they are a ZIP."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join([name.encode() + archive.read(name) for name in archive.namelist()])
    headers = "".join(f"{name}: {value}\n" for name, value in response.headers.items())
    return headers + str(response.cookies) + body.decode(errors="replace")


def rows_of(cast: Cast, actor: str) -> list[Any]:
    """Everything that is the owner's and not `actor`'s to change, but for the days of visits."""
    models: tuple[Any, ...] = OWN_ROWS if actor == LEADER else OWN_ROWS + IN_GROUPS
    rows: list[Any] = [
        list(model.objects.by(cast.owner).order_by("pk").values()) for model in models
    ]
    account = Account.objects.filter(reader=cast.owner).values("pk", "name", "email", "password")
    return [*rows, list(account), list(ReturnCode.objects.filter(reader=cast.owner).values())]


@pytest.mark.parametrize("name", sorted(POLICY))
def test_each_gets_what_the_table_says(cast: Cast, name: str) -> None:
    rule = POLICY[name]
    wrong: list[str] = []
    paths = sorted(addresses(name, cast, rule.values), key=lambda path: not fits(cast, name, path))
    before = {actor: rows_of(cast, actor) for actor in ACTORS}
    for actor, method in itertools.product(ACTORS, (*SAFE, *UNSAFE)):
        # Methods that no view takes are refused before anyone looks at an id.
        for path in paths if method in ("GET", "POST") else paths[:1]:
            asked = f"{method} {path} as {actor}"
            with undone(cast, actor):
                response = ask(cast, actor, method, path, form_of(cast, name, path))
                body = everything_in(response)
                if actor != OWNER and method not in SAFE and rows_of(cast, actor) != before[actor]:
                    wrong.append(f"{asked}: changed what is the owner's")
            # By an id that fits nothing here, the owner gets what any other reader gets.
            known_as = actor if actor != OWNER or fits(cast, name, path) else "other_reader"
            meant = rule.status(method, known_as)
            if response.status_code != meant:
                wrong.append(f"{asked}: {response.status_code}, not {meant}")
            wrong += [f"{asked}: {flaw}" for flaw in flaws_of(response, rule, method)]
            hidden = hidden_from(cast, actor, name)
            wrong += [f"{asked}: {word} leaks" for word in hidden if word in body.replace(path, "")]
    assert not wrong, "\n".join(wrong)


@contextmanager
def undone(cast: Cast, actor: str) -> Iterator[None]:
    """What is done inside is done to the rows and cookies as they were made, and then undone."""
    cookies = copy.deepcopy(cast.browsers[actor].cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cast.browsers[actor].cookies = cookies


def form_of(cast: Cast, name: str, path: str) -> dict[str, str]:
    return cast.stolen | cast.forms.get(name, {}) | cast.forms.get(path, {})


def fits(cast: Cast, name: str, path: str) -> bool:
    """Whether the id in `path` is of a row that the address by that name is for."""
    return name not in cast.fitting or any(id_ in path for id_ in cast.fitting[name])


def hidden_from(cast: Cast, actor: str, name: str) -> list[str]:
    """What must not be in any reply to `actor` at the address of that name."""
    own = [] if actor == OWNER else [*cast.canaries.values(), *cast.ids]
    told = cast.at_the_door if name == "joining:welcome" else set()
    if actor == HOST and name.startswith("host:"):
        told = cast.for_the_host
        own = [word for word in own if word not in told]
    return own + [
        word for word, seen_by in cast.seen_by.items() if actor not in seen_by and word not in told
    ]


def flaws_of(response: Any, rule: Rule, method: str) -> Iterator[str]:
    """What a reply's headers should be and aren't."""
    vary = response.get("Vary", "").lower()
    if rule.is_public:
        if response.cookies:
            yield "a public address sets a cookie"
        if method in SAFE and ("cookie" in vary or "public" not in response["Cache-Control"]):
            yield "a public page isn't"
        return
    if "no-store" not in response.get("Cache-Control", ""):
        yield "may be kept"
    if "noindex" not in response.get("X-Robots-Tag", ""):
        yield "may be indexed"
    if "cookie" not in vary:
        yield "doesn't vary on the cookie"
    if OURS not in response:
        yield "doesn't say to scripts that it is ours"


def test_a_public_page_is_the_same_bytes_for_everyone(cast: Cast) -> None:
    for name in sorted(name for name, rule in POLICY.items() if rule.is_public):
        for path in addresses(name, cast, POLICY[name].values):
            with CaptureQueriesContext(connection) as queries:
                bodies = {ask(cast, actor, "GET", path).content for actor in ACTORS}
            assert (len(bodies), len(queries)) == (1, 0), path


# What is asked for by machines, or handed over as a file.
FILES = {
    *("healthz", "readyz", "library:preview", "library:section-preview", "library:sitemap"),
    *("library:robots", "offline:service-worker", "offline:manifest", "export:zip"),
    "feed:calendar",
}
# Said by a browser whose address bar asks, where it says so much.
OPENED = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WHERE_IT_GOES = {"sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}


@pytest.mark.parametrize(
    "said",
    [OPENED, OPENED | WHERE_IT_GOES, OPENED | {"sec-fetch-dest": "empty"}],
    ids=["http", "https", "by the service worker"],
)
@pytest.mark.parametrize("actor", [OWNER, "anonymous"])
def test_every_address_opens_as_a_page(cast: Cast, actor: str, said: dict[str, str]) -> None:
    """Or leads to one: no part of a page ever stands alone in a window."""
    bare = []
    for name in sorted(POLICY.keys() - FILES):
        for path in addresses(name, cast, POLICY[name].values)[:1]:
            with undone(cast, actor):
                response = cast.browsers[actor].get(path, headers=said)
                body = b"".join(response).strip().lower()
            is_page = body.startswith(b"<!doctype html>") and body.endswith(b"</html>")
            if not is_page and response.status_code not in (302, 303):
                bare.append(f"{path}: {response.status_code}")
    assert bare == []


def test_a_part_is_still_had_by_its_page(cast: Cast) -> None:
    """By htmx, and by scripts, whose requests say that they go into no window."""
    browser = cast.browsers[OWNER]
    for name in ("reflections:panel", "groups:of", "readers:who"):
        (path,) = addresses(name, cast, POLICY[name].values)
        for said in (
            {"hx-request": "true", **OPENED},
            {"sec-fetch-dest": "empty", "accept": "*/*"},
        ):
            assert browser.get(path, headers=said).status_code == 200


def test_nothing_is_found_by_asking_with_a_query(cast: Cast) -> None:
    """A search by another finds nothing of the owner's, and nor does any other parameter."""
    asked = ASKED | {"compare": cast.stolen["revision"], "reflection": cast.stolen["reflection"]}
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    for name in sorted(POLICY):
        for path in addresses(name, cast, POLICY[name].values):
            for actor in set(ACTORS) - {OWNER}:
                body = everything_in(ask(cast, actor, "GET", f"{path}?{query}"))
                said = body.replace(path, "")
                leaks = [word for word in hidden_from(cast, actor, name) if word in said]
                assert leaks == [], (actor, path)


def test_the_owner_gets_every_canary(cast: Cast) -> None:
    """Else the search for them would prove nothing."""
    body = "".join(
        everything_in(ask(cast, OWNER, "GET", path))
        for name in sorted(POLICY)
        for path in addresses(name, cast, POLICY[name].values)
        if not POLICY[name].is_public and "sign-out" not in path
    )
    assert {name for name, word in cast.canaries.items() if word not in body} == set()
    assert [id_ for id_ in cast.ids if id_ not in body] == []


# What a reply does to the key that a browser has. Where nobody asks who is here, nothing is noted:
# by machines, by the host, before a sign-in has begun; and a link is looked at without a trace.
UNASKED = re.compile(
    r"host:|healthz|readyz|feed:|mfa_login_|account_(confirm_|complete_|request_login_code GET)"
    r"|joining:welcome GET|journal:of |readers:carry_on GET"
)
ENDING = ("readers:sign_out POST", "rights:erase_reader POST")


@pytest.mark.parametrize("name", sorted(n for n, rule in POLICY.items() if not rule.is_public))
def test_a_renewed_key_never_overwrites_what_a_view_does(cast: Cast, name: str) -> None:
    """Each private address, by somebody whose last visit was yesterday."""
    yesterday = timezone.now().date() - timedelta(days=1)
    for method, path in itertools.product(
        ("GET", "POST"), addresses(name, cast, POLICY[name].values)
    ):
        with undone(cast, OWNER):
            Reader.objects.filter(pk=cast.owner.pk).update(seen_on=yesterday)
            DeviceToken.objects.filter(reader=cast.owner).update(used_on=yesterday)
            had = cast.browsers[OWNER].cookies["reader"].value
            response = ask(cast, OWNER, method, path, form_of(cast, name, path))
            everything_in(response)  # an export ends with its last byte
        given = response.cookies.get("reader")
        is_asked = response.status_code != 405 and not UNASKED.match(f"{name} {method}")
        if f"{name} {method}" in ENDING:
            assert given is not None
            assert (given.value, given["max-age"]) == ("", 0)
        elif is_asked:
            assert given is not None, path
            assert (given.value, given["max-age"]) == (had, COOKIE_AGE)
        else:
            assert given is None, path
