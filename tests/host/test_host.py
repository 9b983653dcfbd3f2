"""The host's pages: who comes in, what they see, the two things that they may end (S8)."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from devotional.environment.values import OWN_PATHS
from devotional.groups.models import Group, Membership
from devotional.host import accounts
from devotional.host.accounts import (
    FOR_ONE_NAME,
    NameTaken,
    end_host,
    hosts,
    is_host,
    make_host,
)
from devotional.readers import erasures
from devotional.readers.accounts import account_of, add_password
from devotional.readers.models import Account, Reader
from devotional.reflections.models import Reflection
from harness.actors import Browser
from harness.waiting import PATIENCE
from tests.groups.factories import add, found, reader_in

PASSWORD = "a door on two hinges"
SIGN_IN = "/host/sign-in/"


@pytest.fixture
def host(new_browser: Callable[[], Browser]) -> Browser:
    make_host("sam", PASSWORD)
    browser = new_browser()
    assert sign_in(browser).status_code == 302
    return browser


def sign_in(browser: Browser, name: str = "sam", password: str = PASSWORD) -> Any:
    page = browser.fields(SIGN_IN)
    return browser.post(SIGN_IN, page | {"username": name, "password": password})


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


# Who comes in


def test_a_host_signs_in_and_out(host: Browser) -> None:
    assert "Site admin" in text_of(host.get("/host/"))
    fields = host.fields("/host/")
    assert "Signed out" in text_of(host.post("/host/sign-out/", fields))
    assert host.get("/host/")["Location"] == "/host/sign-in/?next=/host/"


def test_nobody_else_does(reader: Browser, guest: Browser, db: None) -> None:
    """A reader with the right name and password is told what a stranger is."""
    account = account_of(reader_in(reader))
    add_password(account, name="robin", password=PASSWORD)
    make_host("sam", PASSWORD)
    for name, password in (("robin", PASSWORD), ("sam", "wrong"), ("nobody", "wrong")):
        refused = sign_in(guest, name, password)
        assert refused.status_code == 422
        assert "That name and password don’t match." in refused.content.decode()
    reader.force_login(account)
    assert led_to_sign_in(reader.get("/host/"), "/host/")
    account.is_staff = True  # nor by being both
    account.save()
    assert not is_host(account)
    assert led_to_sign_in(reader.get("/host/"), "/host/")
    assert sign_in(guest, "sam", PASSWORD).status_code == 302
    assert "Site admin" in text_of(guest.get("/host/"))


def led_to_sign_in(response: Any, path: str) -> bool:
    """Whether a reply to `path` shows nothing and leads to where hosts sign in."""
    told = (response.status_code, response["Location"], response.content)
    return bool(told == (302, f"/host/sign-in/?next={path}", b""))


def test_what_a_host_sees_and_ends_is_nobody_elses(
    host: Browser, reader: Browser, leader: Browser, stranger: Browser
) -> None:
    """Not the page of one's own row either, and not by sending the form that a host would."""
    group, one = found(leader, name="Hebron chapel"), reader_in(reader)
    reader.force_login(account_of(one))
    pages = {
        "/host/": "Site admin",
        "/host/reader/": str(one.pk),
        f"/host/reader/{one.pk}/": str(one.pk),
        f"/host/reader/{one.pk}/erase/": str(one.pk),
        "/host/group/": "Hebron chapel",
        f"/host/group/{group.pk}/": "Hebron chapel",
        f"/host/group/{group.pk}/close/": "Hebron chapel",
    }
    for path, shown in pages.items():
        assert shown in text_of(host.get(path))
        for browser in (reader, leader, stranger):
            assert led_to_sign_in(browser.get(path), path)
    for browser in (reader, leader, stranger):
        form = browser.fields(SIGN_IN)
        for path in (f"/host/reader/{one.pk}/erase/", f"/host/group/{group.pk}/close/"):
            assert led_to_sign_in(browser.post(path, form), path)
    assert (Reader.objects.filter(pk=one.pk).count(), Group.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/host/reader/", "/host/reader/"),
        ("", "/host/"),
        ("https://evil.example/host/", "/host/"),
        ("//evil.example/host/", "/host/"),
        ("javascript:alert(1)", "/host/"),
        ("/journal/", "/host/"),
    ],
)
def test_signing_in_leads_to_the_host_s_pages_and_nowhere_else(
    new_browser: Callable[[], Browser], asked: str, led: str
) -> None:
    make_host("sam", PASSWORD)
    browser = new_browser()
    form = browser.fields(SIGN_IN) | {"username": "sam", "password": PASSWORD, "next": asked}
    answer = browser.post(SIGN_IN, form)
    assert (answer.status_code, answer["Location"]) == (302, led)
    again = browser.get(SIGN_IN, {"next": asked})  # already signed in
    assert (again.status_code, again["Location"]) == (302, led)


def test_names_are_typed_as_people_do(new_browser: Callable[[], Browser]) -> None:
    make_host("sam", PASSWORD)
    assert sign_in(new_browser(), " Sam ").status_code == 302


def test_a_name_can_be_tried_some_times_only(new_browser: Callable[[], Browser]) -> None:
    make_host("sam", PASSWORD)
    for _try in range(FOR_ONE_NAME):
        assert sign_in(new_browser(), password="wrong").status_code == 422
    late = sign_in(new_browser())
    assert (late.status_code, late["Retry-After"]) == (429, "300")
    assert sign_in(new_browser(), "robin").status_code == 422
    # A stranger who guesses locks nobody out: from elsewhere the host comes in.
    elsewhere = new_browser()
    elsewhere.defaults["REMOTE_ADDR"] = "192.0.2.1"
    assert sign_in(elsewhere).status_code == 302


def test_a_name_can_be_tried_some_times_from_everywhere(
    new_browser: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "BY_NAME", 3)
    make_host("sam", PASSWORD)
    statuses = []
    for number in range(4):
        browser = new_browser()
        browser.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
        statuses.append(sign_in(browser, password="wrong").status_code)
    assert statuses == [422] * 3 + [429]


def test_another_password_ends_what_was_signed_in(host: Browser) -> None:
    assert make_host("sam", "two doors on one hinge") is False
    assert led_to_sign_in(host.get("/host/"), "/host/")


def test_an_ended_host_is_out(host: Browser) -> None:
    assert end_host("sam") is True
    assert end_host("sam") is False
    assert led_to_sign_in(host.get("/host/"), "/host/")


def test_a_session_ends_within_the_hour(host: Browser) -> None:
    (session,) = Session.objects.all()
    assert host.cookies["session"]["max-age"] <= 60 * 60
    assert set(session.get_decoded()) == {
        "_auth_user_id",
        "_auth_user_backend",
        "_auth_user_hash",
    }


# Hosts are made on the server


def run(*words: str, said: str = "") -> tuple[int, str]:
    out, before = io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(said)
    try:
        call_command("make_host", *words, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    finally:
        sys.stdin = before
    return 0, out.getvalue()


def test_the_command(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("Sam", said=PASSWORD + "\n") == (0, "sam can sign in now.\n")
    assert run("sam", said="two doors on one hinge\n") == (0, "sam has a new password now.\n")
    assert [host.check_password("two doors on one hinge") for host in hosts()] == [True]
    assert run("sam", "--end") == (0, "sam can no longer sign in.\n")
    assert hosts().count() == 0
    for words, said, why in (
        (["sam", "--end"], "", "There's no host called sam."),
        (["s"], "", "A name needs 3 to 40 letters or digits"),
        (["sam"], "short\n", "This password is too short."),
        (["robin"], PASSWORD + "\n", "A reader already signs in as robin."),
    ):
        if words == ["robin"]:
            Account.objects.create(name="robin", reader=Reader.objects.create(seen_on="2026-01-01"))
        assert run(*words, said=said) == (1, "")
        assert why in capsys.readouterr().err
    assert hosts().count() == 0


def test_a_readers_name_stays_the_readers(db: None) -> None:
    Account.objects.create(name="robin", reader=Reader.objects.create(seen_on="2026-01-01"))
    with pytest.raises(NameTaken):
        make_host("robin", PASSWORD)


# What they see


def every_page(host: Browser) -> Iterator[tuple[str, str]]:
    """Each page of the host's, found as a host finds it: by its links."""
    seen, to_see = set(), ["/host/"]
    while to_see:
        path = to_see.pop()
        if path in seen:
            continue
        seen.add(path)
        page = text_of(host.get(path))
        yield path, page
        for part in page.split('href="')[1:]:
            link = part.partition('"')[0].partition("#")[0].replace("&amp;", "&")
            if link.startswith("?") and "?" not in path:  # one filter, one order: not all of them
                link = path + link
            if link.startswith("/host/"):
                to_see.append(link)


def test_no_page_holds_a_word_a_name_or_a_way_to_one(
    host: Browser, reader: Browser, leader: Browser
) -> None:
    group = found(leader, name="Hebron chapel", Robin=reader)
    Membership.objects.filter(is_leader=True).update(name="Leandra")
    add_password(account_of(reader_in(reader)), name="robin-the-reader", password=PASSWORD)
    Account.objects.filter(reader=reader_in(reader)).update(email="robin@example.org")
    pages = dict(every_page(host))
    whole = "\n".join(pages.values())
    assert len(pages) > 20
    row = Reflection.objects.get()
    for hidden in ("canary", "Robin", "Leandra", "robin", "example.org", str(row.pk), "sealed"):
        assert [path for path, page in pages.items() if hidden in page] == []
    # Else the search would prove nothing.
    for shown in ("Hebron chapel", str(group.pk), str(reader_in(reader).pk)):
        assert shown in whole
    assert LogEntry.objects.count() == 0


def test_a_list_reads_what_it_shows_and_asks_once(host: Browser, leader: Browser) -> None:
    group = found(leader)
    path = reverse("host:devotional_membership_changelist")
    for number in (1, 3):
        while Membership.objects.count() < number:
            add(group, Browser(), "Mia")
        with CaptureQueriesContext(connection) as queries:
            host.get(path)
        read = [each["sql"] for each in queries if "devotional_membership" in each["sql"]]
        assert len(queries) == 5
        assert len(read) == 3
        assert [sql for sql in read if '"name"' in sql] == []


@pytest.mark.parametrize("table", ["reader", "account", "group", "membership", "invitation"])
def test_no_column_of_words_is_read(table: str, host: Browser, leader: Browser) -> None:
    found(leader)
    with CaptureQueriesContext(connection) as queries:
        host.get(reverse(f"host:devotional_{table}_changelist"))
    sql = "\n".join(each["sql"] for each in queries if f'FROM "devotional_{table}"' in each["sql"])
    assert f'"devotional_{table}"."id"' in sql
    assert '"sealed"' not in sql
    assert '"digest"' not in sql


def test_rows_are_found_by_id_and_by_day(host: Browser, reader: Browser) -> None:
    one = reader_in(reader)
    day = one.seen_on.isoformat()
    path = "/host/reader/"
    for term, is_found in ((str(one.pk), True), (day, True), ("1999-01-01", False), ("x", False)):
        assert (str(one.pk) in text_of(host.get(path, {"q": term}))) == is_found, term
    assert host.get(path, {"q": "\0"}).status_code == 200
    assert host.get(path, {"nonsense": "1"}).status_code == 302


def test_groups_are_found_by_name_too(host: Browser, leader: Browser) -> None:
    group = found(leader, name="Hebron chapel")
    assert str(group.pk) in text_of(host.get("/host/group/", {"q": "hebron"}))
    assert str(group.pk) not in text_of(host.get("/host/group/", {"q": "bethel"}))


def test_nothing_can_be_added_or_changed(host: Browser, reader: Browser) -> None:
    one = reader_in(reader)
    fields = host.fields("/host/")
    for path in ("/host/reader/add/", f"/host/reader/{one.pk}/delete/", "/host/jsi18n/"):
        assert host.get(path).status_code == 404
    for path in ("/host/reader/", f"/host/reader/{one.pk}/", "/host/"):
        assert host.post(path, fields | {"consent_version": "x"}).status_code == 405
    assert reader_in(reader).consent_version == one.consent_version


def test_the_state_of_the_texts_is_told(host: Browser, content: Path) -> None:
    assert "OK" in text_of(host.get("/host/"))
    (content / "on-doors.md").write_text("---\nsummary: No title.\n---\n\nWords.\n")
    (content / "new.md").write_text("---\ntitle: New\n---\n")
    from devotional.content.loader import forget_library

    forget_library()  # as after a second
    page = text_of(host.get("/host/"))
    kept = "readers see the last version that worked"
    for said in ("On Doors", "Broken", kept, "on-doors.md", "new.md"):
        assert said in page


# What they may end


def test_a_reader_is_erased_by_the_products_own_verb(
    host: Browser, reader: Browser, leader: Browser, log: io.StringIO
) -> None:
    one = reader_in(reader)
    group = found(leader, mia=reader)
    path = f"/host/reader/{one.pk}/"
    assert f"{path}erase/" in text_of(host.get(path))
    fields = host.fields(f"{path}erase/")
    assert Reader.objects.filter(pk=one.pk).exists()  # asking erases nothing
    assert host.post(f"{path}erase/", fields)["Location"] == "/host/reader/"
    assert not Reader.objects.filter(pk=one.pk).exists()
    assert Reflection.objects.count() == 0
    assert Membership.objects.filter(group=group).count() == 1
    assert erasures.Mark("reader", one.pk) in erasures.noted()
    assert "This reader is erased." in text_of(host.get("/host/reader/"))
    assert host.post(f"{path}erase/", fields).status_code == 404
    assert "INFO devotional.host: The host ended a reader" in log.getvalue()
    assert str(one.pk) not in log.getvalue()
    assert LogEntry.objects.count() == 0


def test_a_group_is_closed(host: Browser, reader: Browser, leader: Browser) -> None:
    group, other = found(leader, mia=reader), found(reader, name="Fridays")
    path = f"/host/group/{group.pk}/close/"
    assert host.post(path, host.fields(path)).status_code == 302
    assert list(Group.objects.all()) == [other]
    assert Reflection.objects.count() == 1


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    [handler] = [
        each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler
    ]
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


# Where they are


def first_parts() -> set[str]:
    parts: set[str] = set()
    for pattern in get_resolver().url_patterns:
        inside = pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]
        for each in [pattern, *inside] if str(pattern.pattern) else inside:
            assert isinstance(each, (URLPattern, URLResolver))
            whole = str(pattern.pattern) + (str(each.pattern) if each is not pattern else "")
            parts.add(whole.partition("/")[0])
    return parts


def test_no_path_of_the_hosts_can_be_one_of_ours() -> None:
    ours = {part for part in first_parts() if part and "." not in part and "<" not in part}
    assert ours - {"host"} | {"static"} == OWN_PATHS


def test_they_are_off_unless_asked_for(tmp_path: Path) -> None:
    program = """
import django; django.setup()
from django.conf import settings
from django.urls import Resolver404, resolve
assert not [each for each in settings.INSTALLED_APPS if "admin" in each or "messages" in each]
assert not [each for each in settings.MIDDLEWARE if "messages" in each]
assert len(settings.TEMPLATES) == 1
for path in ("/host/", "/admin/", "//"):
    try:
        resolve(path)
    except Resolver404:
        continue
    raise AssertionError(path)
"""
    subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PATH": os.environ["PATH"],
            "DATA": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "devotional.settings",
        },
        check=True,
        timeout=PATIENCE,
    )
