"""Every page of the site in light and dark, three widths and large text (B11).

The table names for each address who meets a page of its own there; an address that is in neither
table fails by its name. On each page: no request to anyone else, no breach of the content security
policy, no error on the console, no violation that axe finds, nothing to scroll sideways, and the
first words in a typeface of our own. States between pages are looked at by the journeys.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

from harness.full_reader import Furnished, Person, furnish
from harness.http_client import Page as Leaf
from harness.mailbox import Mailbox
from harness.routes import path_of
from harness.site import ROOT, Site
from tests.browser import phrases
from tests.browser.actions import eventually
from tests.browser.conftest import TELL_VIOLATIONS
from tests.browser.page_checks import faults, stands
from tests.browser.sign_in_actions import SiteWithMail, authenticator, new_mail_address
from tests.policy import NOT_TAKEN, POLICY

pytestmark = pytest.mark.only_on("sqlite", "the same pages look the same on both")

ALL, NOBODY, MATE = "reader", "nobody", "mate"
# Whoever is in the midst of coming in.
ARRIVING, CODE_SENT, FORGOT, NEW_PASSWORD = "arriving", "code sent", "forgot", "new password"
CARRYING_ON = "with a link from another device"

BOTH = (ALL, NOBODY)
WALK: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "library:home",
            "library:cover",
            "library:section",
            "library:end",
            "library:print",
            "library:print-section",
            "library:handout",
            "library:guide",
            "library:meeting",
            "offline:offline",
            "reflections:reflect",
            "readings:all",
            "readings:devotional",
            "readers:keep",
            "readers:come_back",
            "readers:another_device",
            "account_login",
            "rights:privacy",
            "rights:consent",
            "rights:erase",
            "journal:all",
            "journal:search",
            "journal:deleted",
            "hinges:all",
            "hinges:ask_again",
            "sharing:all",
            "export:all",
            "groups:all",
            "groups:new",
            "joining:welcome",
        ),
        BOTH,
    ),
    **dict.fromkeys(
        (
            "history:reflection",
            "rights:erase_words",
            "rights:erase_reader",
            "hinges:mark",
            "hinges:then_and_now",
            "sharing:share",
            "sharing:take_back",
            "export:print",
            "export:print-reading",
            "groups:rename",
            "groups:calendar",
            "groups:handout",
            "groups:lead",
            "groups:remove",
            "groups:decline",
            "groups:decline_all",
            "groups:hand_over",
            "groups:delete",
            "groups:schedule",
            "groups:invite",
            "groups:reset_link",
            "groups:close_link",
            "groups:qr",
            "account_email",
            "account_email_verification_sent",
            "account_remove_email",
            "account_set_password",
            "account_remove_password",
            "mfa_add_webauthn",
            "mfa_remove_webauthn",
        ),
        (ALL,),
    ),
    "groups:group": (ALL, MATE),
    "groups:leave": (ALL, MATE),
    "readers:signed_out": (NOBODY,),
    "account_reset_password": (NOBODY,),
    "readers:arrive": (ARRIVING,),
    "readers:carry_on": (CARRYING_ON,),
    "account_confirm_login_code": (CODE_SENT,),
    "account_confirm_password_reset_code": (FORGOT,),
    "account_complete_password_reset": (NEW_PASSWORD,),
}
# Met only on the way to something.
BY_STEPS = (
    ADD_PASSKEY := "mfa_add_webauthn",
    "mfa_remove_webauthn",
    CODE := "account_email_verification_sent",
)
PAGES_A_TEST = 6
NO_PAGE = {
    "library:preview": "image/png",
    "library:section-preview": "image/png",
    "library:sitemap": "application/xml",
    "library:robots": "text/plain",
    "offline:service-worker": "text/javascript",
    "offline:manifest": "application/manifest+json",
    "readers:who": "text/plain",
    "healthz": "text/plain",
    "readyz": "text/plain",
    "export:zip": "application/zip",
    "feed:calendar": "text/calendar",
    # Parts of other pages, seen there.
    "reflections:panel": "text/html",
    "groups:of": "text/html",
    "journal:of": "text/html",  # leads on to the journal by part
    # Lead on: one to the form that is on the page of signing in, one answers scripts alone.
    "account_request_login_code": "text/html",
    "mfa_login_webauthn": "text/html",
}
WRONG_CODE = "000 000 000 000 000 000 000"
OURS = {"Literata", "Atkinson Hyperlegible Next"}
THE_SYSTEMS = {"system-ui"}  # of the interface, where a page has no larger words
STILL = "document.fonts.status === 'loaded' && !document.querySelector('.htmx-request')"
# The typeface of the largest words painted at first, whether it is here, and which are broken.
FIRST_WORDS = """() => new Promise((done) => {
    const bare = (name) => name.split(",")[0].replaceAll('"', "");
    const fonts = (status) => [...document.fonts]
        .filter((font) => font.status === status).map((font) => bare(font.family));
    const tell = (largest) => {
        const name = largest?.textContent.trim() ? bare(getComputedStyle(largest).fontFamily) : "";
        done([name, fonts("loaded").includes(name), fonts("error")]);
    };
    // What is typed into a box is painted by no element that a page may see.
    const box = () => document.querySelector("textarea");
    new PerformanceObserver((list) => tell(list.getEntries().at(-1).element ?? box()))
        .observe({ type: "largest-contentful-paint", buffered: true });
    setTimeout(tell, 5000);
})"""


def test_no_page_is_left_out() -> None:
    """But for the host's, which test_host walks through."""
    readable = {name for name, rule in POLICY.items() if rule.get != NOT_TAKEN}
    pages = {name for name in readable if not name.startswith("host:")}
    assert sorted({*WALK, *NO_PAGE}) == sorted(pages)
    assert set(WALK) & set(NO_PAGE) == set()


@dataclass
class Walker:
    """Browsers on one site, and all that was wrong on the pages that they looked at."""

    site: Site
    have: Furnished
    mailbox: Mailbox
    new: Callable[[Person | None], BrowserContext]
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    # What the browser says of a reply that is an error on purpose.
    expected_errors: bool = False

    def page_of(self, person: Person | None) -> Page:
        page = self.new(person).new_page()
        page.on("console", lambda said: self.hear(said))
        page.on("pageerror", lambda error: self.note(page, f"script: {error}"))
        page.on("request", lambda sent: self.watch(page, sent.url))
        return page

    def note(self, page: Page, what: str) -> None:
        self.wrong.append(f"{page.url.removeprefix(self.site.url)}: {what}")

    def watch(self, page: Page, url: str) -> None:
        if not url.startswith((f"{self.site.url}/", "data:", "blob:")):
            self.note(page, f"asks {url}")

    def hear(self, said: ConsoleMessage) -> None:
        on_purpose = self.expected_errors and said.text.startswith("Failed to load resource")
        on_purpose |= said.text == "Service Worker registration blocked by Playwright"
        if said.type in ("error", "warning") and said.page and not on_purpose:
            self.note(said.page, f"console: {said.text}")

    def visit(self, page: Page, name: str) -> None:
        self.open(page, path_of(name, self.have.values_of(name)))

    def open(self, page: Page, path: str, *, status: int = 200) -> None:
        self.expected_errors = status != 200
        reply = page.goto(path)
        assert reply is not None
        if reply.status != status:
            self.note(page, f"answers {reply.status} at {path}")
        stands(page)
        if page.locator("i.nearing").count():  # the leaf is fetched as one comes near
            page.locator("#leaf").scroll_into_view_if_needed()
            page.get_by_text(phrases.PRIVATE_TO_YOU).click()
        self.look(page)
        self.expected_errors = False

    def look(self, page: Page) -> None:
        eventually(lambda: page.evaluate(STILL), True)
        face, is_here, broken = page.evaluate(FIRST_WORDS)
        if (face in OURS) != is_here or face not in {*OURS, *THE_SYSTEMS} or OURS & {*broken}:
            self.note(page, f"first words in {face or 'nothing'}, here: {is_here}, not: {broken}")
        for where, what in faults(page):
            self.note(page, f"{where}: {what}")
        self.seen.append(page.url)


@contextmanager
def everyone_else() -> Iterator[tuple[str, list[str]]]:
    """The rest of the network, as a proxy: whatever isn't for this machine arrives here.

    So what a page asks of others is counted where it would arrive, service workers' and the
    browser's own guesses included, and not only where the page can see it.
    """
    asked: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(1000).decode(errors="replace").partition("\r\n")[0])

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def have(site_with_mail: SiteWithMail) -> Iterator[Furnished]:
    """A reader with one of everything, for tests that change nothing of theirs."""
    furnished = furnish(*site_with_mail)
    yield furnished
    furnished.close()


@pytest.fixture
def walker(site_with_mail: SiteWithMail, have: Furnished, browser: Browser) -> Iterator[Walker]:
    """Fails at its end for all that was wrong on the way."""
    site, mailbox = site_with_mail
    contexts: list[BrowserContext] = []
    with everyone_else() as (proxy, asked):

        def new(person: Person | None) -> BrowserContext:
            context = browser.new_context(
                base_url=site.url,
                proxy={"server": proxy, "bypass": "127.0.0.1,localhost"},
                extra_http_headers={"X-Forwarded-For": (person or Person(site.port)).address},
                service_workers="block" if person else "allow",
                locale="en-GB",
                timezone_id="Europe/London",
            )
            context.set_default_timeout(20_000)
            context.add_init_script(TELL_VIOLATIONS)
            for name, value in (person.cookies if person else {}).items():
                context.add_cookies([{"name": name, "value": value, "url": site.url}])
            contexts.append(context)
            return context

        walker = Walker(site, have, mailbox, new)
        yield walker
        for context in contexts:
            context.close()
    assert asked == []
    assert walker.wrong == [], "\n".join(walker.wrong)


def names_for(who: str) -> list[str]:
    return [name for name, whose in WALK.items() if who in whose]


def parts() -> list[ParameterSet]:
    """All that can be looked at in any order, a few pages a test."""
    return [
        pytest.param(who, few, id=f"{who}: {few[0]} to {few[-1]}")
        for who in (ALL, NOBODY, MATE)
        for few in batched([n for n in names_for(who) if n not in BY_STEPS], PAGES_A_TEST)
    ]


def test_that_a_request_to_others_would_be_seen(walker: Walker) -> None:
    """Else that there is none would say nothing: the policy is lifted, and the proxy hears it."""
    with everyone_else() as (proxy, asked):
        context = walker.new(None).browser
        assert context is not None
        other = context.new_context(
            proxy={"server": proxy, "bypass": "127.0.0.1,localhost"}, bypass_csp=True
        )
        page = other.new_page()
        page.goto(walker.site.url)
        page.evaluate("fetch('http://elsewhere.example/').catch(() => null)")
        other.close()
    assert asked == ["GET http://elsewhere.example/ HTTP/1.1"]


@pytest.mark.parametrize(("who", "names"), parts())
def test_pages(walker: Walker, who: str, names: tuple[str, ...]) -> None:
    """Of someone who has one of everything; of a stranger, with the service worker at work, at the
    same addresses; and of a member of a group."""
    have = walker.have
    page = walker.page_of({ALL: have.reader, NOBODY: None, MATE: have.mate}[who])
    for name in names:
        walker.visit(page, name)
    assert len(walker.seen) == len(names)


def test_no_button_is_dead_without_a_script(
    site_with_mail: SiteWithMail, have: Furnished, browser: Browser
) -> None:
    """On any page of someone who has one of everything: what only a script can do isn't offered."""
    site, _mailbox = site_with_mail
    context = browser.new_context(
        base_url=site.url,
        java_script_enabled=False,
        extra_http_headers={"X-Forwarded-For": have.reader.address},
    )
    for name, value in have.reader.cookies.items():
        context.add_cookies([{"name": name, "value": value, "url": site.url}])
    page = context.new_page()
    dead: list[tuple[str, list[str]]] = []
    for name in (each for each in names_for(ALL) if each not in BY_STEPS):
        page.goto(path_of(name, have.values_of(name)))
        buttons = page.locator("button[type=button] >> visible=true")
        if words := buttons.all_inner_texts():
            dead.append((name, words))
    context.close()
    assert dead == []


def test_ways_in_that_are_being_made(walker: Walker) -> None:
    """A passkey, made and taken away; an address whose code is on its way."""
    walker.have = furnish(walker.site, walker.mailbox)  # as this changes what the others look at
    page = walker.page_of(walker.have.reader)
    walker.visit(page, ADD_PASSKEY)
    authenticator(page)
    page.get_by_role("button", name=phrases.MAKE_A_PASSKEY).click()
    remove = page.get_by_role("link", name="Remove “Passkey”")
    address = remove.get_attribute("href")
    assert address
    walker.open(page, address)
    walker.open(page, "/account/")
    page.goto("/account/email/")
    page.get_by_label(phrases.EMAIL_ADDRESS).fill("another@example.org")
    page.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
    page.wait_for_url("**/email/code/")
    walker.visit(page, CODE)
    assert len(walker.seen) == len(BY_STEPS) + 1


def test_on_the_way_in(walker: Walker) -> None:
    """Whose words are these; a code to sign in by; a forgotten password."""
    site, have = walker.site, walker.have
    guest = Person(site.port)
    assert Leaf(guest).save("Somebody wrote here before.").status == 200
    guest.fill("/account/return/", code=have.code)
    sent, forgot = Person(site.port), Person(site.port)
    sent.fill("/account/sign-in/", "/account/sign-in/code/", email=have.email)
    forgot.fill("/account/password/forgotten/", email=have.email)
    people = {ARRIVING: guest, CODE_SENT: sent, FORGOT: forgot, NEW_PASSWORD: forgot}
    for who, person in people.items():
        if who == NEW_PASSWORD:
            person.fill("/account/password/forgotten/code/", code=walker.mailbox.code())
        for name in names_for(who):
            walker.visit(walker.page_of(person), name)
    for person in (guest, sent, forgot):
        person.close()
    assert len(walker.seen) == len(people)


def test_from_another_device(walker: Walker) -> None:
    """The page that a link there opens, and the one for a link that is over."""
    site = walker.site
    with closing(Person(site.port)) as guest, closing(Person(site.port)) as phone:
        assert Leaf(guest).save("Somebody wrote here before.").status == 200
        made = guest.post("/account/another-device/", {})
        (link,) = set(re.findall(r"/account/carry-on/[\w-]+", made.html))
        page = walker.page_of(phone)
        assert names_for(CARRYING_ON) == ["readers:carry_on"]
        walker.open(page, link)
        walker.open(page, f"{link}x", status=404)
    assert len(walker.seen) == 2


def test_what_is_refused(walker: Walker) -> None:
    """Each as the server really answers it: 400, 403 and 413."""
    site, have = walker.site, walker.have
    page = walker.page_of(have.reader)
    writing = path_of("reflections:reflect", have.values)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": site.url}
    posted: dict[int, dict[str, Any]] = {
        400: {"headers": {"Content-Type": "text/plain; charset=utf-16"}, "post_data": "x=1"},
        403: {"headers": form | {"Origin": "https://elsewhere.example"}, "post_data": "x=1"},
        413: {"headers": form, "post_data": "x=" + "1" * 3_000_000},
    }
    for status, request in posted.items():
        page.route("**/posted/", sends(f"{site.url}{writing}", request))
        walker.open(page, "/posted/", status=status)
        page.unroute("**/posted/")
    assert len(walker.seen) == len(posted)


def test_what_is_not_there_or_cannot_be_had(walker: Walker) -> None:
    """404 in two ways, 500 and 503."""
    database = walker.site.database
    page = walker.page_of(walker.have.reader)
    walker.open(page, "/nothing-here/", status=404)
    walker.open(page, "/j/no-such-link", status=404)
    with database.away("devotional_hinge"):
        walker.open(page, "/hinges/", status=500)
    with database.locked():
        walker.expected_errors = True
        reply = page.goto("/hinges/", timeout=60_000)
    assert reply is not None
    assert reply.status == 503
    walker.look(page)
    assert len(walker.seen) == 4


def sends(url: str, request: dict[str, Any]) -> Callable[[Route], None]:
    """Has the browser show what the server answers to a POST that no form of ours sends."""

    def send(route: Route) -> None:
        route.fulfill(response=route.fetch(url=url, method="POST", **request))

    return send


def test_what_was_tried_too_often(walker: Walker) -> None:
    """429 in three ways: one wrong return code, one letter and one passkey's question too many."""
    walker.expected_errors = True
    with closing(Person(walker.site.port)) as person:
        page = walker.page_of(person)
        for _time in range(20):
            form = person.get("/account/return/").fields | {"code": WRONG_CODE}
            tried = person.post("/account/return/", form, **{"HX-Request": "false"})
            assert tried.status == 422
        page.goto("/account/return/")
        page.get_by_label(phrases.CODE.name, exact=True).fill(WRONG_CODE)
        page.get_by_role("button", name=phrases.COME_BACK.name).click()
        page.get_by_text("Too many tries.").wait_for()
        walker.look(page)
        address = new_mail_address()
        for _time in range(5):
            person.fill("/account/password/forgotten/", email=address)
        page.goto("/account/password/forgotten/")
        page.get_by_label(phrases.EMAIL_ADDRESS).fill(address)
        page.get_by_role("button", name=phrases.SEND_ME_A_CODE).click()
        page.get_by_text("Too many tries.").wait_for()
        walker.look(page)
        for _time in range(300):
            person.get("/account/sign-in/passkey/")
        walker.open(page, "/account/sign-in/passkey/", status=429)
    assert len(walker.seen) == 3


def test_dark_differs_by_colours_alone() -> None:
    """By `light-dark()`, which gives nothing but colours: no rule and no script asks for a scheme.

    So in the dark a page has the same boxes, and axe is asked only about colours.
    """
    ours = [file for kind in ("css", "js") for file in (ROOT / "static" / kind).rglob(f"*.{kind}")]
    asking = [file.name for file in ours if "prefers-color-scheme" in file.read_text()]
    assert len(ours) > 20
    assert asking == []
