"""Two machines behind nginx that share what docs/deploying.md says, and nothing else.

They are two servers with a data folder each. Without TEST_DATABASE_URL, which names a PostgreSQL
server as a deployment of this kind has one, both open one SQLite file, which one computer allows.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from harness.first_start import add_static_files
from harness.http_client import Page
from harness.server import Server, free_port, running
from harness.site import ROOT
from harness.visitor import Forwarded
from harness.waiting import eventually
from tests.deploy.conftest import VARIABLES
from tests.deploy.proxies import arriving, nginx

SECTION = "/read/the-continual-pursuit-of-breakthrough/hingy/"
WORDS = "Kept by whichever machine."


class Machine:
    """One of them: its folder, its port, and what it shares."""

    def __init__(self, folder: Path, shared: dict[str, str]) -> None:
        self.data = folder / "data"
        add_static_files(self.data)
        self.port = free_port()
        self.shared = shared

    def running(self) -> contextlib.AbstractContextManager[Server]:
        return running(self.data, self.port, **VARIABLES, **self.shared)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Machine]]:
    folder = tmp_path_factory.mktemp("machines")
    shared = {
        "CONTENT": str(ROOT / "content"),
        "KEY_RING": str(folder / "shared/keyring"),
        "ERASURES": str(folder / "shared/erasures"),
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    with database() as variables:
        one, other = (Machine(folder / name, shared | variables) for name in ("one", "other"))
        if not variables:
            file = "devotional.sqlite3"
            (other.data / file).symlink_to(one.data / file)
        yield one, other


@contextlib.contextmanager
def database() -> Iterator[dict[str, str]]:
    """DATABASE_URL of a PostgreSQL database made for this test, where there is a server."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server:
        yield {}
        return
    name = f"machines_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield {"DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}"))}
    finally:
        with psycopg.connect(server, autocommit=True) as session:
            session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_reader_need_not_know_which_machine_answers(machines: tuple[Machine, Machine]) -> None:
    one, other = machines
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(one.running())
        stack.enter_context(other.running())
        arrive = stack.enter_context(arriving(stack.enter_context(nginx(one.port, other.port))))
        page = Page(arrive())
        for number in range(6):  # in turns by either: its forms, tokens, keys and versions
            assert page.save(f"{WORDS} {number}").status == 200
            assert page.text() == f"{WORDS} {number}"

        direct = [Forwarded(machine.port) for machine in machines]
        replies = [device.get(SECTION) for device in direct]
        assert replies[0].body == replies[1].body
        assert replies[0].headers["etag"] == replies[1].headers["etag"]
        for device in direct:
            device.close()

        assert first.stop() == 0
        assert page.save("Kept while one is away.").status == 200
        assert page.text() == "Kept while one is away."
        with one.running() as again:
            assert eventually(lambda: page.text() == "Kept while one is away.")
            assert again.stop() == 0


def test_what_one_deletes_the_other_may_bring_back(machines: tuple[Machine, Machine]) -> None:
    """And neither erases it at its next start."""
    one, other = machines
    here, there = Forwarded(one.port), Forwarded(other.port)
    with one.running() as first, other.running() as second:
        page = Page(here)
        assert page.save(WORDS).status == 200
        there.cookies = here.cookies
        (delete,) = re.findall(r'action="(/journal/delete/[^"]+)"', here.get("/journal/").html)
        assert here.fill_in("/journal/", to=delete).status == 302
        assert page.text() == ""
        put_back = delete.replace("delete", "put-back")
        assert there.fill_in("/journal/deleted/", to=put_back).status == 302
        here.close()
        there.close()
        assert first.stop() == second.stop() == 0

    for machine in machines:
        with machine.running() as server:
            assert [line for line in server.lines if line.startswith("erasures:")] == []
            device = Forwarded(machine.port)
            device.cookies = here.cookies
            assert device.get("/journal/").html.count(WORDS) == 1
            device.close()
            assert server.stop() == 0
