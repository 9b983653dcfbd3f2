"""All headers of every reply of a running server, equal to what is written here, errors included.

Every address × method × nobody and a reader, from htmx and not; then each kind of reply that no
address gives by itself. Aside by pattern: dates, lengths, tags, where one is led, and the values of
cookies. How a header comes about is tested in `test_headers`.
"""

import contextlib
import http.client
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.full_reader import Furnished, Person, furnish, site_to_furnish
from harness.http_client import DEVOTIONAL
from harness.http_client import Page as Leaf
from harness.mailbox import Mailbox
from harness.routes import ROUTES, path_of
from harness.server import Server, free_port, running
from harness.site import Site
from tests.policy import NOT_TAKEN, POLICY
from tests.running.test_headers import CLOSED

ALLAUTHS = ("account_", "mfa_")  # what the names of allauth's addresses begin with
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO")

HTML = "text/html; charset=utf-8"
# What stands in place of a value that differs from one reply to the next.
DATE = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
ASIDE = {
    "date": DATE,
    "expires": DATE,
    "last-modified": DATE,
    "content-length": re.compile(r"\d+"),
    "etag": re.compile(r'(W/)?"[\w-]+"'),
    "content-disposition": re.compile(r'attachment; filename="my-words-\d{4}-\d\d-\d\d\.zip"'),
    "location": re.compile(r"/([a-z0-9-]+/)*(\?changed|#[\w-]+)?|/static/.*"),
}
LATER = r"expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"
COOKIES = [
    re.compile(rf"session=\w+; {LATER}; HttpOnly; Max-Age=3600; Path=/; SameSite=Lax"),
    re.compile(rf"reader=[\w-]+; {LATER}; HttpOnly; Max-Age=34560000; Path=/; SameSite=Lax"),
    re.compile(
        r'(csrftoken|session|reader)=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; '
        r"(HttpOnly; )?Max-Age=0; Path=/(; SameSite=Lax)?"
    ),
]

CLOSED_TO_OTHERS = {name.lower(): value for name, value in CLOSED.items()}
# Every reply that Django makes.
ANY = CLOSED_TO_OTHERS | {"server": "granian", "date": "…", "content-type": HTML}
SIZED = ANY | {"content-length": "…"}
PUBLIC = SIZED | {
    "cache-control": "public, max-age=0, must-revalidate",
    "vary": "Accept-Encoding",
    "etag": "…",
}
PRIVATE = SIZED | {
    "cache-control": "no-store, private",
    "x-robots-tag": "noindex, nofollow",
    "devotional-answer": "yes",
    "vary": "Cookie",
}
BESIDE = {"hx-retarget": "#notice", "hx-reswap": "innerHTML"}  # an error that htmx puts beside
TYPES = {
    "library:preview": "image/png",
    "library:section-preview": "image/png",
    "library:sitemap": "application/xml; charset=utf-8",
    "library:robots": "text/plain; charset=utf-8",
    "offline:service-worker": "text/javascript; charset=utf-8",
    "offline:manifest": "application/manifest+json",
    "readers:who": "text/plain; charset=utf-8",
    "healthz": "text/plain; charset=utf-8",
    "readyz": "text/plain; charset=utf-8",
    "export:zip": "application/zip",
    "feed:calendar": "text/calendar; charset=utf-8",
}
SENT_AS_MADE = ("export:zip", "export:print", "export:print-reading")
# allauth's own views: never_cache where a password may stand on the page.
NEVER_CACHED = ("account_login", "account_request_login_code", "account_confirm_login_code")
OURS_AMONG_THEM = re.compile(r"account_(email|remove|set)|mfa_(add|remove)")
# Addresses that are a secret themselves, so that no other page may learn them.
SECRET = ("joining:welcome", "readers:carry_on")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def cookies(self) -> list[str]:
        return [value for name, value in self.headers if name == "set-cookie"]

    @property
    def rest(self) -> dict[str, str]:
        """All but cookies, with what differs each time put aside; twice the same shows as two."""
        found: dict[str, str] = {}
        for name, value in self.headers:
            if name != "set-cookie":
                pattern = ASIDE.get(name)
                said = "…" if pattern and pattern.fullmatch(value) else value
                found[name] = f"{found[name]} | {said}" if name in found else said
        return found


def ask(
    site: Site | Server,
    method: str,
    path: str,
    *,
    person: Person | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    who = person or Person(site.port)
    with closing(connection):
        connection.request(method, path, body, who.headers() | dict(headers or {}))
        with connection.getresponse() as response:
            pairs = [(name.lower(), value) for name, value in response.getheaders()]
            return Answer(response.status, pairs, response.read())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Mailbox]]:
    with site_to_furnish(tmp_path_factory.mktemp("headers")) as running:
        yield running


@pytest.fixture(scope="module")
def site(place: tuple[Site, Mailbox]) -> Site:
    return place[0]


@pytest.fixture(scope="module")
def have(place: tuple[Site, Mailbox]) -> Furnished:
    return furnish(*place)


# Every address


def expected(name: str, method: str, status: int, *, htmx: bool) -> dict[str, str]:
    """All headers of a reply with that status from that address."""
    rule = POLICY[name]
    if rule.is_public:
        if status == 200:
            return PUBLIC | {"content-type": TYPES.get(name, HTML)}
        if status == 405:
            return PRIVATE | {"allow": "GET, HEAD"}
        return PRIVATE | (BESIDE if htmx else {})
    of = dict(PRIVATE)
    if status == 200:
        of["content-type"] = TYPES.get(name, HTML)
    if status == 200 and name == "export:zip":
        of["content-disposition"] = "…"
    if status == 200 and name in SENT_AS_MADE:
        del of["content-length"]
        of |= {"transfer-encoding": "chunked"} if method == "GET" else {}
    if status in (302, 303):
        of["location"] = "…"
    theirs = name.startswith(ALLAUTHS) and not OURS_AMONG_THEM.match(name)
    ran = status not in (403, 404) or name == "joining:welcome"
    if theirs and ran and name in NEVER_CACHED:
        of["expires"] = "…"
    if status == 405 or (theirs and status == 200 and method == "OPTIONS"):
        of["allow"] = allowed(name, theirs=theirs)
    own_page = name in SECRET and status == 404  # an unknown link has a page of its own
    if htmx and status in (403, 404) and not own_page:
        of |= BESIDE
    if name == "readers:come_back" and htmx and status == 422:  # its form, in the panel
        of |= {"hx-reswap": "outerHTML", "hx-retarget": "#come-back"}
    if name in SECRET:
        of["referrer-policy"] = "strict-origin"
    if name == "feed:calendar" and status == 200:
        of |= {"content-disposition": 'inline; filename="reading-together.ics"', "etag": "…"}
    if name == "readers:sign_out" and status == 303:
        of["clear-site-data"] = '"cache", "storage"'
    return of


def allowed(name: str, *, theirs: bool) -> str:
    if theirs:
        return "GET, POST, PUT, HEAD, OPTIONS"
    rule = POLICY[name]
    if rule.get == NOT_TAKEN:
        return "POST"
    return "GET, HEAD" if rule.post == NOT_TAKEN else "GET, HEAD, POST"


@pytest.mark.parametrize("method", METHODS)
def test_every_address(method: str, place: tuple[Site, Mailbox], have: Furnished) -> None:
    site, mailbox = place
    if method in ("POST", "PUT"):
        have = furnish(site, mailbox)  # much of it will be gone
    wrong = []
    for name in sorted(ROUTES):
        if name.startswith("host:"):
            continue  # tests/host looks at these, as a host and as others
        path = path_of(name, have.values_of(name))
        for person in (None, have.reader):
            for htmx in (False, True):
                if person and name == "readers:sign_out":
                    person = someone(site)  # who goes is not needed any more
                body = b"" if method in ("POST", "PUT", "PATCH") else None
                answer = ask(
                    site,
                    method,
                    path,
                    person=person,
                    body=body,
                    headers={"HX-Request": "true"} if htmx else {},
                )
                meant = expected(name, method, answer.status, htmx=htmx)
                asked = (name, method, "reader" if person else "nobody", htmx, answer.status)
                if answer.rest != meant:
                    wrong.append((asked, sorted(answer.rest.items() ^ meant.items())))
                wrong += [(asked, [(cookie, "")]) for cookie in odd(answer.cookies)]
                if answer.cookies and POLICY[name].is_public:
                    wrong.append((asked, [("a cookie", "")]))
    assert wrong == []


def someone(site: Site) -> Person:
    person = Person(site.port)
    assert Leaf(person).save("Somebody wrote here.").status == 200
    person.close()
    return person


def odd(cookies: list[str]) -> list[str]:
    return [cookie for cookie in cookies if not any(p.fullmatch(cookie) for p in COOKIES)]


# The other kinds


def check(answer: Answer, status: int, headers: Mapping[str, str]) -> None:
    assert (answer.status, odd(answer.cookies)) == (status, [])
    assert sorted(answer.rest.items() ^ headers.items()) == []


def test_a_public_page_compressed(site: Site) -> None:
    for coding in ("br", "gzip"):
        answer = ask(site, "GET", "/", headers={"Accept-Encoding": coding})
        check(answer, 200, PUBLIC | {"content-encoding": coding})


def test_not_modified(site: Site, have: Furnished) -> None:
    for path in ("/", "/robots.txt"):
        tag = dict(ask(site, "GET", path).headers)["etag"]
        answer = ask(site, "GET", path, headers={"If-None-Match": tag})
        meant = dict(PUBLIC)
        del meant["content-type"]
        # The server says how long no body is where Django answers, and not where memory does.
        if "content-length" not in dict(answer.headers):
            del meant["content-length"]
        check(answer, 304, meant)
        assert answer.body == b""
    path = path_of("feed:calendar", have.values_of("feed:calendar"))
    tag = dict(ask(site, "GET", path).headers)["etag"]
    answer = ask(site, "GET", path, headers={"If-None-Match": tag})
    meant = PRIVATE | {"etag": "…"}
    del meant["content-type"]
    check(answer, 304, meant)


def test_static_files(site: Site) -> None:
    page = ask(site, "GET", "/").body.decode()
    paths = set(re.findall(r'"(/static/[^"]+\.(?:css|js|woff2|svg|png))"', page))
    assert {path.rpartition(".")[2] for path in paths} == {"css", "js", "woff2", "svg", "png"}
    for path in sorted(paths):
        kind = {
            "css": 'text/css; charset="utf-8"',
            "js": 'text/javascript; charset="utf-8"',
            "svg": "image/svg+xml",
            "png": "image/png",
            "woff2": "font/woff2",
        }[path.rpartition(".")[2]]
        answer = ask(site, "GET", path)
        meant = SIZED | {
            "content-type": kind,
            "cache-control": "max-age=315360000, public, immutable",
            "last-modified": "…",
            "etag": "…",
        }
        if "vary" in answer.rest:  # of those that are kept compressed as well
            meant["vary"] = "Accept-Encoding"
        assert ("vary" in answer.rest) == (kind not in ("image/png", "font/woff2"))
        check(answer, 200, meant)
        since = dict(answer.headers)["last-modified"]
        again = ask(site, "GET", path, headers={"If-Modified-Since": since})
        for name in ("content-type", "content-length", "last-modified"):
            meant.pop(name)
        check(again, 304, meant)
    check(ask(site, "GET", "/static/nothing.css"), 404, PRIVATE)


def test_files_that_are_taken_along(site: Site, have: Furnished) -> None:
    answer = ask(site, "GET", "/export/everything.zip", person=have.reader)
    check(answer, 200, expected("export:zip", "GET", 200, htmx=False))
    answer = ask(site, "GET", f"/hinges/ask-again/{DEVOTIONAL}/hingy/?after=month")
    check(
        answer,
        200,
        PRIVATE
        | {
            "content-type": "text/calendar; charset=utf-8",
            "content-disposition": 'inline; filename="come-back.ics"',
        },
    )


def test_what_is_not_there(site: Site) -> None:
    check(ask(site, "GET", "/nothing-here/"), 404, PRIVATE)
    check(ask(site, "GET", "/nothing-here/", headers={"HX-Request": "true"}), 404, PRIVATE | BESIDE)
    check(ask(site, "GET", "/privacy"), 301, SIZED | {"location": "/privacy/"} | {"location": "…"})


def test_requests_that_are_wrong(site: Site) -> None:
    writing = f"/reflect/{DEVOTIONAL}/hingy/"
    # Refused before anyone measures the page.
    unsized = PRIVATE | {"transfer-encoding": "chunked"}
    del unsized["content-length"]
    check(ask(site, "GET", "/", headers={"Host": "elsewhere.example"}), 400, unsized)
    said = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-16"}
    check(ask(site, "POST", writing, body=b"x=1", headers=said), 400, PRIVATE)
    said = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = ask(site, "POST", writing, body=b"x=" + b"1" * 3_000_000, headers=said)
    check(answer, 413, PRIVATE)


def test_what_was_tried_too_often(site: Site) -> None:
    person = Person(site.port)
    for _time in range(20):
        check(
            ask(site, "GET", "/j/no-such-link", person=person),
            404,
            PRIVATE | {"referrer-policy": "strict-origin"},
        )
    check(
        ask(site, "GET", "/j/no-such-link", person=person),
        429,
        PRIVATE | {"referrer-policy": "strict-origin", "retry-after": "600"},
    )


def test_when_something_is_broken(site: Site, have: Furnished) -> None:
    with site.database.away("devotional_hinge"):
        answer = ask(site, "GET", "/hinges/", person=have.reader)
        htmx = {"HX-Request": "true"}
        fragment = ask(site, "GET", "/hinges/", person=have.reader, headers=htmx)
    check(answer, 500, PRIVATE)
    check(fragment, 500, PRIVATE | BESIDE)


def test_when_the_database_cannot_be_had(site: Site, have: Furnished) -> None:
    with site.database.locked():
        answer = ask(site, "GET", "/hinges/", person=have.reader)
    check(answer, 503, PRIVATE | {"retry-after": "5"})


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GE T / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", 431),
    ],
    ids=["header", "line", "large"],
)
def test_what_the_server_refuses_before_it_is_a_request(
    site: Site, request_bytes: bytes, status: int
) -> None:
    """Granian's own answers: they carry nothing, so there is nothing in them to close."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(request_bytes)
        reply = http.client.HTTPResponse(connection)
        reply.begin()
        pairs = {name.lower(): value for name, value in reply.getheaders()}
        assert (reply.status, reply.read()) == (status, b"")
        reply.close()
    assert DATE.fullmatch(pairs.pop("date"))
    assert pairs in ({"content-length": "0", "connection": "close"}, {"content-length": "0"})


def test_https_adds_to_each(data: Path) -> None:
    """Behind a proxy that ends TLS: pages, errors and static files say that they are for https."""
    secure = {"strict-transport-security": "max-age=600"}
    variables = {
        "SITE_URL": "https://read.example.org",
        "TRUSTED_PROXIES": "1",
        "HSTS_SECONDS": "600",
    }
    with running(data, free_port(), **variables) as server:
        said = {"Host": "read.example.org", "X-Forwarded-Proto": "https"}
        check(ask(server, "GET", "/", headers=said), 200, PUBLIC | secure)
        check(ask(server, "GET", "/nothing/", headers=said), 404, PRIVATE | secure)
        check(ask(server, "GET", "/journal/", headers=said), 200, PRIVATE | secure)
        said["X-Forwarded-Proto"] = "http"
        answer = ask(server, "GET", "/", headers=said)
        meant = ANY | {"location": "https://read.example.org/", "transfer-encoding": "chunked"}
        check(answer, 301, meant)
        assert server.stop() == 0
