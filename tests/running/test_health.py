"""`/healthz` and `/readyz`: cheap, plain, the same for everyone, and no more than a word (S7)."""

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from devotional.content.loader import forget_library
from devotional.lib.encryption import ensure_key_ring
from devotional.reflections.keys import prove_key_ring
from harness.databases import Database
from harness.server import free_port, running

HEALTH = ["/healthz", "/readyz"]


@pytest.fixture
def proven(content: Path, key_ring: Path, db: None) -> Path:
    prove_key_ring()
    return key_ring


def asked(path: str, **how: Any) -> tuple[int, bytes, str | None]:
    response = Client().get(path, **how)
    assert response.cookies == {}
    assert response["Cache-Control"] == "no-store, private"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    return response.status_code, response.content, response.get("Retry-After")


@pytest.mark.parametrize("path", HEALTH)
def test_all_is_well(path: str, proven: Path) -> None:
    assert asked(path) == (200, b"ok\n", None)


@pytest.mark.parametrize("path", HEALTH)
def test_to_head_the_answer_is_its_headers(path: str, proven: Path) -> None:
    whole, head = Client().get(path), Client().head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers


@pytest.mark.parametrize("path", HEALTH)
def test_any_name_will_do(path: str, proven: Path) -> None:
    """Whoever watches asks by an address, and a forged name leads nowhere."""
    for host in ("10.0.0.7:8000", "evil.example", "not a name", ""):
        assert asked(path, headers={"host": host})[0] == 200
    assert Client().get("/", headers={"host": "evil.example"}).status_code == 400
    assert Client().get(path + "/", headers={"host": "evil.example"}).status_code == 400


def test_each_costs_what_it_must(proven: Path) -> None:
    for path, number in (("/healthz", 0), ("/readyz", 1)):
        Client().get(path)
        with CaptureQueriesContext(connection) as queries:
            Client().get(path)
        assert len(queries) == number, path


def no_database(*_: object) -> None:
    raise OperationalError("unable to open database file /srv/secret")


def test_a_database_that_does_not_answer(proven: Path) -> None:
    with connection.execute_wrapper(no_database):
        assert asked("/readyz") == (503, b"database\n", "5")
        assert asked("/healthz") == (200, b"ok\n", None)


def test_a_ring_that_is_not_the_databases(proven: Path, settings: Settings) -> None:
    settings.KEY_RING = proven.with_name("another")
    assert asked("/readyz") == (503, b"keys\n", "5")  # there is none
    ensure_key_ring(settings.KEY_RING)
    assert asked("/readyz") == (503, b"keys\n", "5")
    settings.KEY_RING = proven
    assert asked("/readyz") == (200, b"ok\n", None)


def test_a_database_that_no_start_has_looked_at(content: Path, key_ring: Path, db: None) -> None:
    assert asked("/readyz") == (503, b"keys\n", "5")


def test_nothing_to_read(proven: Path, content: Path, settings: Settings) -> None:
    (content / "on-doors.md").write_text("broken")
    assert asked("/readyz") == (503, b"content\n", "5")  # no start has read it whole
    (content / "on-doors.md").unlink()
    forget_library()
    settings.KEY_RING = proven.with_name("another")
    assert asked("/readyz") == (503, b"keys\ncontent\n", "5")


def test_a_table_that_is_gone(proven: Path) -> None:
    def no_table(*_: object) -> None:
        raise DatabaseError("no such table")

    with connection.execute_wrapper(no_table):
        assert asked("/readyz") == (503, b"database\n", "5")


def test_a_running_site_behind_a_proxy_is_asked_without_tls(data: Path) -> None:
    with running(
        data,
        free_port(),
        SITE_URL="https://read.example.org",
        ALLOWED_HOSTS="read.example.org",
        TRUSTED_PROXIES="1",
    ) as server:
        for path in HEALTH:
            response = server.get(path)
            assert (response.status, response.headers["Set-Cookie"]) == (200, None)
        assert server.get("/", Host="read.example.org").status == 301

        Database(data).change("DELETE FROM devotional_keycheck")
        assert server.get("/healthz").status == 200
        response = server.get("/readyz")
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
