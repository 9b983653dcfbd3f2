"""Each variable: its default, what it takes, and the one line that refuses what it doesn't."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devotional.environment import (
    VARIABLES,
    DatabaseServer,
    Environment,
    MailServer,
    WrongValue,
    read,
)
from harness.waiting import PATIENCE

BASE = Path("/program")
LONG_SECRET = "abcdefghij" * 6


def read_with(**variables: str) -> Environment:
    return read(variables, base=BASE)


def test_defaults() -> None:
    assert read({}, base=BASE) == Environment(
        data=BASE / "data",
        content=BASE / "content",
        database_url=None,
        key_ring=BASE / "data" / "keyring",
        erasures=None,
        secret_key="",
        host="127.0.0.1",
        port=8000,
        site_url="http://127.0.0.1:8000",
        allowed_hosts=["127.0.0.1", "localhost", "[::1]"],
        site_name="Devotional",
        site_operator="the person who runs this site",
        site_contact="",
        time_zone="UTC",
        email_url=None,
        email_from="",
        trusted_proxies=0,
        hsts_seconds=0,
        workers=1,
        threads=8,
        log_level="INFO",
        log_format="plain",
        admin_path="",
        debug=False,
    )


def test_postgresql_is_served_by_two_processes() -> None:
    known = read({"DATABASE_URL": "postgres://site:secret@db.example.org/site"}, base=BASE)
    assert (known.workers, known.threads) == (2, 4)


def test_empty_counts_as_not_set() -> None:
    assert read(dict.fromkeys(VARIABLES, " "), base=BASE) == read({}, base=BASE)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("PORT", "65535", 65535),
        ("HOST", "localhost", "127.0.0.1"),
        ("HOST", "[::1]", "::1"),
        ("SITE_URL", "https://Read.Example.org/", "https://read.example.org"),
        ("SITE_URL", "http://[::1]:81", "http://[::1]:81"),
        ("ALLOWED_HOSTS", "a.example, .b.example,[::1]", ["a.example", ".b.example", "[::1]"]),
        ("SITE_NAME", "Bröt & Wein", "Bröt & Wein"),
        ("EMAIL_FROM", "Bröt <a@b.example>", "Bröt <a@b.example>"),
        ("TIME_ZONE", "Europe/Berlin", "Europe/Berlin"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("LOG_FORMAT", "JSON", "json"),
        ("ADMIN_PATH", "/host-desk/", "host-desk"),
        ("DEBUG", "yes", True),
        ("DEBUG", "0", False),
        ("SECRET_KEY", LONG_SECRET, LONG_SECRET),
        ("DATA", "/kept", Path("/kept")),
        ("DATA", "kept", Path.cwd() / "kept"),
        ("KEY_RING", "~/keys", Path.home() / "keys"),
    ],
)
def test_a_value_is_taken(variable: str, text: str, value: Any) -> None:
    assert getattr(read_with(**{variable: text}), variable.lower()) == value


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://me%40a.example:s%40cret@mail.a.example",
            MailServer("mail.a.example", 587, "me@a.example", "s@cret", "starttls"),
        ),
        (
            "smtps://me%40a.example:s@Mail.a.example:4650/",
            MailServer("mail.a.example", 4650, "me@a.example", "s", "tls"),
        ),
        ("smtps://mail.a.example", MailServer("mail.a.example", 465, tls="tls")),
        ("smtp://localhost?tls=none", MailServer("localhost", 25, tls="none")),
        ("smtp://[::1]:2525?tls=none", MailServer("::1", 2525, tls="none")),
    ],
)
def test_a_mail_server_is_taken(url: str, server: MailServer) -> None:
    taken = read_with(EMAIL_URL=url, EMAIL_FROM="" if server.user else "hello@a.example")
    assert (taken.email_url, taken.email_from) == (server, server.user or "hello@a.example")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "smtp://",
        "imap://me:s3cret-word@mail.example.org",
        "smtp://me:s3cret-word@mail.example.org:mail",
        "smtp://me:s3cret-word@mail.example.org:0",
        "smtp://me:s3cret-word@mail.example.org:99999",
        "smtp://me:s3cret-word@mail.example.org/inbox",
        "smtp://me:s3cret-word@mail.example.org?tls=some",
        "smtps://me:s3cret-word@mail.example.org?tls=none",
        "smtp://me:s3cret-word@mail.example.org?tls=none",
        "smtp://me@mail.example.org",
        "smtp://:s3cret-word@mail.example.org",
        "smtp://me:s3cret-word%0a@mail.example.org",
        "smtp://[me:s3cret-word@mail.example.org",
    ],
)
def test_a_wrong_mail_server_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(WrongValue) as refusal:
        read_with(EMAIL_URL=url)
    assert str(refusal.value) == (
        "EMAIL_URL must be like smtp://user:password@mail.example.org:587, smtps://… for TLS from "
        "the start, or smtp://localhost:25?tls=none without any (and without a password)."
    )
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "postgres://me:s%40cr%2Fet@Db.a.example:6432/words",
            DatabaseServer("db.a.example", 6432, "words", "me", "s@cr/et"),
        ),
        (
            "postgresql://m%C3%A9@[::1]/my%20words?sslmode=verify-full",
            DatabaseServer("::1", 5432, "my words", "mé", ssl_mode="verify-full"),
        ),
        (
            "postgres://me@%2FVar%2Frun:5433/words",
            DatabaseServer("/Var/run", 5433, "words", "me"),
        ),
    ],
)
def test_a_database_is_taken(url: str, server: DatabaseServer) -> None:
    assert read_with(DATABASE_URL=url).database_url == server


@pytest.mark.parametrize(
    "url",
    [
        "words",
        "sqlite:///words",
        "postgres://",
        "postgres://me:s3cret-word@db.example.org",
        "postgres://me:s3cret-word@db.example.org/",
        "postgres://me:s3cret-word@db.example.org/a/b",
        "postgres://me:s3cret-word@/words",
        "postgres://:s3cret-word@db.example.org/words",
        "postgres://me:s3cret-word@db.example.org:port/words",
        "postgres://me:s3cret-word@db.example.org:0/words",
        "postgres://me:s3cret-word@db.example.org/words?sslmode=some",
        "postgres://me:s3cret-word@db.example.org/words?sslmode=require&x=y",
        "postgres://me:s3cret-word@db.example.org/words?password=x",
        "postgres://me:s3cret-word@db.example.org/words#here",
        "postgres://me:s3cret-word@one.example.org,two.example.org/words",
        "postgres://me:s3cret-word%00@db.example.org/words",
        "postgres://me:s3cret-word/word@db.example.org/words",
        "postgres://[me:s3cret-word@db.example.org/words",
    ],
)
def test_a_wrong_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(WrongValue) as refusal:
        read_with(DATABASE_URL=url)
    assert str(refusal.value) == (
        "DATABASE_URL must be like postgres://user:password@db.example.org:5432/name, with %40 "
        "and the like in the password, and ?sslmode= one of disable, allow, prefer, require, "
        "verify-ca, verify-full if anything follows."
    )
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("EMAIL_URL", "smtp://me%40a.example:s3cret-word@mail.a.example"),
        ("DATABASE_URL", "postgres://me:s3cret-word@db.a.example/words"),
    ],
)
def test_a_password_is_in_no_report(variable: str, url: str) -> None:
    assert "s3cret-word" not in repr(read_with(**{variable: url}))


def test_mail_comes_from_somebody() -> None:
    with pytest.raises(WrongValue, match="EMAIL_FROM must be set where EMAIL_URL is"):
        read_with(EMAIL_URL="smtp://localhost?tls=none")


@pytest.mark.parametrize(
    ("url", "carries"),
    [
        ("https://read.example.org", True),
        ("http://localhost:8000", True),
        ("http://read.example.org", False),
        ("http://127.0.0.1:8000", False),
        ("https://[::1]", False),
    ],
)
def test_passkeys_need_a_name_and_tls(url: str, carries: bool) -> None:
    assert read_with(SITE_URL=url).carries_passkeys == carries


NUMBER = "must be a number from"
ADDRESS = "must be an address such as https://read.example.org, without a path, not"


@pytest.mark.parametrize(
    ("variable", "text", "line"),
    [
        ("PORT", "abc", f"PORT {NUMBER} 1 to 65535, not 'abc'."),
        ("PORT", "0", f"PORT {NUMBER} 1 to 65535, not '0'."),
        ("PORT", "65536", f"PORT {NUMBER} 1 to 65535, not '65536'."),
        ("PORT", "8_000", f"PORT {NUMBER} 1 to 65535, not '8_000'."),
        ("PORT", "٨", f"PORT {NUMBER} 1 to 65535, not '٨'."),
        ("WORKERS", "0", f"WORKERS {NUMBER} 1 to 64, not '0'."),
        ("THREADS", "-1", f"THREADS {NUMBER} 1 to 64, not '-1'."),
        ("TRUSTED_PROXIES", "many", f"TRUSTED_PROXIES {NUMBER} 0 to 10, not 'many'."),
        ("HSTS_SECONDS", "1y", f"HSTS_SECONDS {NUMBER} 0 to 100000000, not '1y'."),
        (
            "HOST",
            "my.machine",
            "HOST must be an IP address such as 127.0.0.1 or 0.0.0.0, not 'my.machine'.",
        ),
        ("SITE_URL", "read.example.org", f"SITE_URL {ADDRESS} 'read.example.org'."),
        ("SITE_URL", "https://a.example/x", f"SITE_URL {ADDRESS} 'https://a.example/x'."),
        ("SITE_URL", "https://a.example?x", f"SITE_URL {ADDRESS} 'https://a.example?x'."),
        ("SITE_URL", "https://me@a.example", f"SITE_URL {ADDRESS} 'https://me@a.example'."),
        ("SITE_URL", "https://a.example:x", f"SITE_URL {ADDRESS} 'https://a.example:x'."),
        ("SITE_URL", "https://a b.example", f"SITE_URL {ADDRESS} 'https://a b.example'."),
        ("SITE_URL", "https://[::1", f"SITE_URL {ADDRESS} 'https://[::1'."),
        ("SITE_URL", "ftp://a.example", f"SITE_URL {ADDRESS} 'ftp://a.example'."),
        (
            "ALLOWED_HOSTS",
            "a.example, *",
            "ALLOWED_HOSTS must be host names with commas between them, and '*' isn't one.",
        ),
        (
            "EMAIL_FROM",
            "hello",
            "EMAIL_FROM must be an address such as hello@example.org or "
            "Devotional <hello@example.org>, not 'hello'.",
        ),
        ("SITE_NAME", "two\nlines", "SITE_NAME must be one line of plain text."),
        ("SITE_OPERATOR", "\x1b[1m", "SITE_OPERATOR must be one line of plain text."),
        ("SITE_CONTACT", "a\0b", "SITE_CONTACT must be one line of plain text."),
        (
            "TIME_ZONE",
            "Berlin",
            "TIME_ZONE must be a name such as Europe/Berlin or UTC, not 'Berlin'.",
        ),
        (
            "TIME_ZONE",
            "../secret",
            "TIME_ZONE must be a name such as Europe/Berlin or UTC, not '../secret'.",
        ),
        (
            "LOG_LEVEL",
            "loud",
            "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'loud'.",
        ),
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be one of plain, json, not 'xml'."),
        *(
            (
                "ADMIN_PATH",
                path,
                "ADMIN_PATH must be one part of an address, such as host-desk: small letters, "
                f"digits and dashes, not '{path}'.",
            )
            for path in ("a/b", "Host", "-", "/", "höst", "a b", "x" * 65, "a.b", "<str:x>")
        ),
        ("ADMIN_PATH", "read", "ADMIN_PATH can't be 'read': pages for readers are there."),
        ("DEBUG", "maybe", "DEBUG must be 1 or 0, not 'maybe'."),
        (
            "SECRET_KEY",
            "too short",
            "SECRET_KEY must be at least 50 random characters; "
            "leave it out and one is made and kept in the data folder.",
        ),
        (
            "DATA",
            "~nobody-of-this-name/data",
            "DATA names a home folder that isn't there: '~nobody-of-this-name/data'.",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(variable: str, text: str, line: str) -> None:
    with pytest.raises(WrongValue) as refusal:
        read_with(**{variable: text})

    assert str(refusal.value) == line


def test_files_and_folders_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(WrongValue) as data:
        read_with(DATA=str(file))
    with pytest.raises(WrongValue) as key_ring:
        read_with(KEY_RING=str(tmp_path))

    assert str(data.value) == f"DATA must be a folder, but '{file}' is a file."
    assert str(key_ring.value) == f"KEY_RING must be a file, but '{tmp_path}' is a folder."


def test_the_site_is_where_it_listens_unless_said_otherwise() -> None:
    assert read_with(PORT="81").site_url == "http://127.0.0.1:81"
    assert read_with(HOST="0.0.0.0").site_url == "http://127.0.0.1:8000"  # noqa: S104
    assert read_with(HOST="192.0.2.7").site_url == "http://192.0.2.7:8000"
    assert read_with(HOST="::1").site_url == "http://[::1]:8000"


def test_own_hosts_are_allowed() -> None:
    site = read_with(SITE_URL="https://read.example.org", HOST="192.0.2.7")

    assert site.allowed_hosts == [
        "read.example.org",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "192.0.2.7",
    ]
    assert site.https


def run_check(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_a_wrong_value_stops_every_command_without_a_traceback() -> None:
    check = run_check(PORT="abc")

    assert check.returncode == 1
    assert check.stdout == ""
    assert check.stderr == "PORT must be a number from 1 to 65535, not 'abc'.\n"


def test_a_check_needs_no_data_folder(tmp_path: Path) -> None:
    check = run_check(DATA=str(tmp_path / "not" / "there"))

    assert check.returncode == 0, check.stderr
    assert not (tmp_path / "not" / "there" / "secret_key").exists()
