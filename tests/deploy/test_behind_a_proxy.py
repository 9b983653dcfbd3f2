"""What holds behind either proxy that we ship: the file itself, before the real site."""

import re
import secrets
from collections.abc import Iterator
from contextlib import closing

import pytest

from harness.http_client import Page
from harness.site import ROOT
from harness.visitor import SITE, Forwarded
from tests.deploy.conftest import Place
from tests.deploy.proxies import Arrive, Proxy, arriving, caddy, closed, nginx

SECTION = "/read/the-continual-pursuit-of-breakthrough/hingy/"
GUESSES = 20  # unknown invitations that one address may open, see groups/joining_views.py


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def proxy(
    request: pytest.FixtureRequest, site: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    if request.param == "caddy":
        with caddy(site.port, tmp_path_factory.mktemp("caddy")) as running:
            yield running
    else:
        with nginx(site.port) as running:
            yield running


@pytest.fixture
def arrive(proxy: Proxy) -> Iterator[Arrive]:
    """Makes one browser after another."""
    with arriving(proxy) as new:
        yield new


def test_http_leads_to_https(proxy: Proxy) -> None:
    reply = proxy.get_by_http("/privacy/?from=here")
    assert (reply.status, reply.headers["location"]) == (308, f"{SITE}/privacy/?from=here")
    assert closed(reply)


def test_one_program_at_most_names_itself(arrive: Arrive) -> None:
    visitor = arrive()
    with closing(visitor.connect(10)) as connection:
        connection.request("GET", SECTION, headers=visitor.headers())
        said = connection.getresponse().msg.get_all("Server", [])
    assert said in ([], ["nginx"])


def test_cookies_are_secure_and_bound_to_the_name(arrive: Arrive) -> None:
    visitor = arrive()
    reply = Page(visitor).save("Something of mine.")
    assert reply.status == 200
    assert set(visitor.cookies) == {"__Host-reader"}
    for header in visitor.set_cookies:
        said = {part.strip().partition("=")[0].lower() for part in header.split(";")[1:]}
        assert {"secure", "httponly", "path", "samesite"} <= said
        assert "domain" not in said
    # The site's own, once: neither proxy adds another.
    assert reply.headers["strict-transport-security"] == "max-age=3600"


def test_what_is_written_comes_back(arrive: Arrive) -> None:
    visitor = arrive()
    page = Page(visitor)
    long = "Kept exactly, emoji 🕊 and all. " * 2900  # 99 KB, near the most that may be written
    assert page.save(long).status == 200
    assert page.text() == long
    stranger = arrive()
    assert Page(stranger).text() == ""


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_public_pages_come_as_the_site_made_them(arrive: Arrive, site: Place, coding: str) -> None:
    """Not compressed a second time, nor taken apart; and known again by their tag."""
    through, direct = arrive(), Forwarded(site.port)
    said = {"Accept-Encoding": coding}
    reply = through.request("GET", SECTION, headers=said)
    original = direct.request("GET", SECTION, headers=said)
    assert reply.status == original.status == 200
    assert reply.body == original.body
    for name in ("content-encoding", "etag", "cache-control", "vary", "content-security-policy"):
        assert reply.headers.get(name) == original.headers.get(name), name
    assert reply.headers.get("content-encoding", "identity") == coding
    again = through.request("GET", SECTION, headers=said | {"If-None-Match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    direct.close()


def test_the_page_about_deploying_tells_the_headers(arrive: Arrive) -> None:
    """What a shared cache may keep is decided by them."""
    told = re.findall(r"^\| .* \|$", (ROOT / "docs/deploying.md").read_text(), re.MULTILINE)
    visitor = arrive()
    style = re.search(r'href="(/static/[^"]+\.css)"', visitor.get(SECTION).html)
    assert style is not None
    for path in (SECTION, "/robots.txt", style[1], "/journal/"):
        control = visitor.get(path).headers["cache-control"]
        assert [line for line in told if f"{control}`" in line] != [], (path, control)


def test_private_pages_are_not_compressed(arrive: Arrive) -> None:
    visitor = arrive()
    Page(visitor).save("Something of mine.")
    reply = visitor.request("GET", "/journal/", headers={"Accept-Encoding": "gzip, br"})
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store, private")
    assert "content-encoding" not in reply.headers


def test_invitations_and_calendars_name_the_site(arrive: Arrive) -> None:
    leader = arrive()
    made = leader.fill_in("/groups/new/", name="Thursdays", first_name="Lea")
    assert made.status == 303
    page = leader.get(made.headers["location"].partition("#")[0])
    links = set(re.findall(r"https?://[^\s\"<]+/j/[\w-]+", page.html))
    assert [link.startswith(f"{SITE}/j/") for link in links] == [True]
    guest = arrive()
    welcome = guest.get(links.pop().removeprefix(SITE))
    assert (welcome.status, guest.cookies) == (200, {})


def test_each_visitor_is_known_by_their_own_address(arrive: Arrive) -> None:
    """Guessing invitations is counted by address. Nobody spends another's tries, and nobody gets
    new ones by claiming to be someone else."""
    net = secrets.randbelow(250) + 2  # counts last for minutes, and other proxies are asked too
    guesser, neighbour = arrive(f"127.{net}.0.1"), arrive(f"127.{net}.0.2")
    statuses = []
    for number in range(GUESSES + 1):
        guesser.also_says = {"X-Forwarded-For": f"192.0.2.{number}"}
        statuses.append(guesser.get(f"/j/{secrets.token_urlsafe(16)}").status)
    assert statuses == [404] * GUESSES + [429]
    assert neighbour.get(f"/j/{secrets.token_urlsafe(16)}").status == 404
