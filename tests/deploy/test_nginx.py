"""nginx before many processes: it keeps what is the same for everyone, and nothing of anybody's.

Two readers and someone who only reads go through it in turns. Then its cache, its logs and its
folders for what doesn't fit into memory are looked through, byte by byte.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from harness.canary import canary, hits_in_folder
from harness.http_client import SECTIONS, Page, Reply
from harness.server import PATIENCE, eventually
from harness.sockets import connections_to
from harness.visitor import SITE, Visitor
from tests.deploy.conftest import Place
from tests.deploy.proxies import Arrive, Proxy, arriving, make_certificate, nginx, nginx_conf
from tests.deploy.tools import tool

DEVOTIONAL = "the-continual-pursuit-of-breakthrough"
SECTION = f"/read/{DEVOTIONAL}/hingy/"
PUBLIC = ("/", f"/read/{DEVOTIONAL}/", SECTION, f"/read/{DEVOTIONAL}/gradual/", "/sitemap.xml")


@pytest.fixture
def proxy(site: Place) -> Iterator[Proxy]:
    """With an empty cache."""
    with nginx(site.port) as running:
        yield running


@pytest.fixture
def arrive(proxy: Proxy) -> Iterator[Arrive]:
    with arriving(proxy) as new:
        yield new


def kept(reply: Reply) -> str:
    """Where the proxy had the reply from: HIT, MISS, REVALIDATED, or what it says instead."""
    return reply.headers.get("x-cache-status", "")


def test_nginx_finds_it_sound(tmp_path: Path) -> None:
    said = asked(tmp_path, {})
    assert (said.returncode, said.stderr) == (0, "")
    assert asked(tmp_path, {"proxy_cache_revalidate on": "proxy_cache_revalidat on"}).returncode


def asked(folder: Path, changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name in ("certificate", "cache", "log", "html"):
        (folder / name).mkdir(exist_ok=True)
    make_certificate(folder / "certificate")
    (folder / "nginx.conf").write_text(nginx_conf(1, 2, 20_080, 20_443, folder))
    included = folder / "devotional.conf"
    for old, new in changes.items():
        assert old in included.read_text()
        included.write_text(included.read_text().replace(old, new))
    return subprocess.run(
        [tool("nginx"), "-t", "-q", "-c", str(folder / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_public_pages_and_static_files_come_from_the_cache(arrive: Arrive) -> None:
    one, other = arrive(), arrive()
    Page(one).save("So that this one has a cookie.")
    for path in PUBLIC:
        first = one.get(path)
        assert (first.status, kept(first)) == (200, "MISS")
        # Within a second it is a hit; later the site is asked, and says that it is the same.
        assert eventually(lambda path=path: kept(other.get(path)) == "HIT"), path  # type: ignore[misc]
        again = other.get(path)
        assert kept(again) in ("HIT", "REVALIDATED")
        assert (again.body, again.headers["etag"]) == (first.body, first.headers["etag"])
        assert "set-cookie" not in again.headers
    style = static_file(one)
    assert kept(one.get(style)) == "MISS"
    for visitor in (one, other):
        reply = visitor.get(style)
        assert (kept(reply), reply.headers["cache-control"]) == (
            *("HIT", "max-age=315360000, public, immutable"),
        )


def static_file(visitor: Visitor) -> str:
    found = re.search(r'href="(/static/[^"]+\.css)"', visitor.get("/").html)
    assert found is not None
    return found[1]


def test_a_tag_is_answered_by_the_cache_and_by_the_site(arrive: Arrive) -> None:
    visitor = arrive()
    tag = visitor.get(SECTION).headers["etag"]
    seen = set()

    def both() -> bool:
        reply = visitor.request("GET", SECTION, headers={"If-None-Match": tag})
        assert (reply.status, reply.body) == (304, b"")
        seen.add(kept(reply))
        return {"HIT", "REVALIDATED"} <= seen

    assert eventually(both)
    other = visitor.request("GET", SECTION, headers={"If-None-Match": 'W/"of another page"'})
    assert other.status == 200


def test_an_edit_shows_through_the_proxy(site: Place, arrive: Arrive) -> None:
    visitor = arrive()
    tag = visitor.get(SECTION).headers["etag"]
    file = site.content / f"{DEVOTIONAL}.md"
    before = file.read_text()
    file.write_text(before.replace("Breakthrough is Hingy", "Breakthrough is Hinged"))
    try:
        assert eventually(lambda: "Breakthrough is Hinged" in visitor.get(SECTION).html)
        reply = visitor.request("GET", SECTION, headers={"If-None-Match": tag})
        assert reply.status == 200
    finally:
        file.write_text(before)
    assert eventually(lambda: visitor.get(SECTION).headers["etag"] == tag)


def test_a_slow_reader_makes_nginx_write_nothing_down(
    site: Place, proxy: Proxy, arrive: Arrive
) -> None:
    """What is more than it holds in memory waits with the site, and not on nginx's disk."""
    tom = arrive()
    for section, prompts in SECTIONS.items():
        page = Page(tom, section)
        for prompt in prompts:
            assert page.save(f"{prompt} {'word ' * 19_000}", prompt).status == 200
    tom.close()
    untouched = folders(proxy)

    tom.receives = 4096
    slow = tom.connect(PATIENCE)
    slow.request("GET", "/export/print/", headers=tom.headers())
    response = slow.getresponse()
    assert eventually(partial(stands_still, site.port, []), pause=0.05)
    assert response.read().count(b"word ") == 6 * 19_000
    slow.close()
    assert folders(proxy) == untouched


def stands_still(port: int, looks: list[int]) -> bool:
    """Whether nginx takes no more of what the site has for it, as it would if it had the room."""
    looks.append(sum(each.unsent for each in connections_to(port)))
    return looks[-1] > 0 and looks[-4:] == looks[-1:] * 4


def folders(proxy: Proxy) -> dict[Path, int]:
    """Every folder of the proxy's, and when a file was last made in it or removed from it."""
    return {
        folder: folder.stat().st_mtime_ns for folder in proxy.folder.rglob("*") if folder.is_dir()
    }


@dataclass
class Play:
    """Mia and Tom write, and Nora only looks; what must be found nowhere is noted."""

    mia: Visitor
    tom: Visitor
    nora: Visitor
    group: str = ""
    link: str = ""
    secrets: list[str] = field(default_factory=list)

    OWN = ("/journal/", "/hinges/", "/readings/", "/export/", "/account/", "/groups/")
    MIA, TOM, GROUP, QUERY = (canary(name, "nginx") for name in ("mia", "tom", "group", "query"))

    def begin(self) -> None:
        made = self.mia.fill_in("/groups/new/", name=self.GROUP, first_name="Mia")
        self.group = made.headers["location"]
        (self.link,) = set(re.findall(rf"{SITE}(/j/[\w-]+)", self.mia.get(self.group).html))
        self.secrets += [self.MIA, self.TOM, self.GROUP, self.QUERY, self.link.removeprefix("/j/")]

    def write(self) -> None:
        for visitor, word in ((self.mia, self.MIA), (self.tom, self.TOM)):
            # Longer than what nginx holds in memory by itself.
            text = f"{word} {'Long enough. ' * 4000}"
            page = Page(visitor)
            assert page.save(text).status == 200
            assert page.text() == text
            self.secrets += visitor.cookies.values()

    def look_around(self) -> None:
        """Each page in turns, so that a reply to one could be kept for the next."""
        for path in (*self.OWN, self.group):
            assert self.seen_by(self.mia, path) <= {self.MIA, self.GROUP}, path
            assert self.seen_by(self.tom, path) <= {self.TOM}, path
            assert self.seen_by(self.nora, path) == set(), path
        for path in PUBLIC:
            for visitor in (self.mia, self.nora, self.tom):
                assert self.seen_by(visitor, f"{path}?q={quote(self.QUERY)}") == set(), path
        assert self.seen_by(self.mia, "/journal/") == {self.MIA, self.GROUP}
        assert self.seen_by(self.tom, "/journal/") == {self.TOM}
        assert self.seen_by(self.mia, self.group) == {self.GROUP}
        assert self.nora.get(self.link).status == 200
        assert self.nora.cookies == {}

    def seen_by(self, visitor: Visitor, path: str) -> set[str]:
        reply = visitor.get(path)
        is_public = path.partition("?")[0] in PUBLIC
        assert is_public or kept(reply) in ("MISS", ""), path  # "": not said of an error
        return {word for word in (self.MIA, self.TOM, self.GROUP) if word in reply.html}


def test_nothing_of_a_reader_is_kept(proxy: Proxy, arrive: Arrive) -> None:
    addresses = ["127.0.0.71", "127.0.0.72", "127.0.0.73"]
    temporary = [proxy.folder / name for name in ("client_body", "proxy")]
    untouched = [folder.stat().st_mtime_ns for folder in temporary]
    mia, tom, nora = (arrive(address) for address in addresses)
    play = Play(mia, tom, nora)
    play.begin()
    for _ in range(3):
        play.write()
        play.look_around()

    assert hits_in_folder(proxy.folder, [*play.secrets, *addresses], beside=frozenset()) == []
    # Nor did anything pass through a file that is gone again.
    assert [folder.stat().st_mtime_ns for folder in temporary] == untouched
    # It does keep something, and looking finds it.
    pages = hits_in_folder(proxy.folder / "cache", ["Breakthrough is Hingy"], beside=frozenset())
    assert pages != []
