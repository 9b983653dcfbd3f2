"""Signing in: every way leads to the arrival, and no answer says who has an account (K3)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from pytest_django import Settings

from devotional.readers import adapter, addresses, signing_in_views
from devotional.readers.arrivals import EXPECTED
from devotional.readers.models import Account, Reader
from harness.actors import Browser
from harness.mailbox import Mailbox
from tests.readers.actions import (
    ANNA,
    ARRIVE,
    PASSWORD,
    add_email,
    add_password,
    ask_for_code,
    by_password,
    fill,
    type_code,
    went_to,
)

NOBODY = "nobody@example.org"
SIGN_IN = "/account/sign-in/"


def is_expected(browser: Browser) -> bool:
    """Whether the session says that the one reader of this test is coming."""
    return bool(browser.session[EXPECTED] == str(Account.objects.get().reader_id))


def test_by_code(reader: Browser, stranger: Browser, mailbox: Mailbox) -> None:
    add_email(reader, mailbox)
    assert went_to(ask_for_code(stranger, " ANNA@example.org")) == (
        302,
        "/account/sign-in/code/type/",
    )
    assert went_to(type_code(stranger, mailbox.code())) == (302, ARRIVE)
    assert is_expected(stranger)


def test_by_password_with_name_or_address(
    reader: Browser, new_browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    add_password(reader)
    for login in ("anna", " ANNA ", "Anna@Example.org"):
        browser = new_browser()
        assert went_to(by_password(browser, login)) == (302, ARRIVE)
        assert is_expected(browser)


def test_a_new_password_by_code(reader: Browser, stranger: Browser, mailbox: Mailbox) -> None:
    add_email(reader, mailbox)
    start = "/account/password/forgotten/"
    assert went_to(fill(stranger, start, email=ANNA)) == (302, start + "code/")
    assert went_to(fill(stranger, start + "code/", code=mailbox.code())) == (302, start + "new/")
    assert fill(stranger, start + "new/", password1="short").status_code == 422
    assert went_to(fill(stranger, start + "new/", password1=PASSWORD)) == (302, ARRIVE)
    assert is_expected(stranger)
    assert Account.objects.get().check_password(PASSWORD)


def test_a_passkey_is_no_second_step(
    reader: Browser, new_browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    add_password(reader)
    data = {"name": "My phone", "credential": {}}
    Authenticator.objects.create(user=Account.objects.get(), type="webauthn", data=data)
    assert went_to(by_password(new_browser())) == (302, ARRIVE)
    browser = new_browser()
    ask_for_code(browser)
    assert went_to(type_code(browser, mailbox.code())) == (302, ARRIVE)


def test_nothing_in_the_address_leads_elsewhere(reader: Browser, stranger: Browser) -> None:
    add_password(reader)
    path = f"{SIGN_IN}?next=https://evil.example/"
    assert went_to(fill(stranger, path, login="anna", password=PASSWORD)) == (302, ARRIVE)


def test_a_session_set_beforehand_is_left_behind(reader: Browser, stranger: Browser) -> None:
    add_password(reader)
    fill(stranger, "/account/sign-in/", login="anna", password="not this one")
    stranger.cookies["session"] = before = "a" * 32
    assert went_to(by_password(stranger)) == (302, ARRIVE)
    assert stranger.cookies["session"].value != before


def test_signing_in_here_makes_no_reader(reader: Browser, stranger: Browser) -> None:
    add_password(reader)
    by_password(stranger)
    assert Reader.objects.count() == 1
    assert "reader" not in stranger.cookies


def test_a_host_without_a_notebook_is_told(stranger: Browser, db: None) -> None:
    host = Account(name="host", is_staff=True)
    host.set_password(PASSWORD)
    host.save()
    answer = by_password(stranger, "host")
    assert answer.status_code == 403
    assert "Nothing is written under this account" in answer.content.decode()
    assert "_auth_user_id" not in stranger.session


def test_whoever_may_not_come_in_any_more_is_told(
    reader: Browser, stranger: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    add_password(reader)
    Account.objects.update(is_active=False)
    assert by_password(stranger).status_code == 403
    ask_for_code(stranger)
    assert len(mailbox.mails) == 1  # the one from when the address was added


# What an answer gives away


def plain(response: Any, *changing: str) -> tuple[int, str, str]:
    """An answer without the words that the asker typed."""
    text = response.content.decode()
    for word in changing:
        text = text.replace(word, "…")
    timely = ("Content-Length", "Expires")
    headers = {name: value for name, value in response.headers.items() if name not in timely}
    return response.status_code, str(headers), text


def journey_by_code(browser: Browser, address: str) -> list[Any]:
    answers = [ask_for_code(browser, address), browser.get("/account/sign-in/code/type/")]
    answers += [type_code(browser, "BBBB-BBBB") for _ in range(3)]
    return [*answers, browser.get(SIGN_IN)]


def journey_to_a_new_password(browser: Browser, address: str) -> list[Any]:
    start = "/account/password/forgotten/"
    answers = [fill(browser, start, email=address), browser.get(start + "code/")]
    answers += [fill(browser, start + "code/", code="BBBB-BBBB") for _ in range(3)]
    return [*answers, browser.get(SIGN_IN)]


def journey_by_password(browser: Browser, address: str) -> list[Any]:
    return [by_password(browser, address, "not the password") for _ in range(7)]


@pytest.mark.parametrize(
    "journey", [journey_by_code, journey_to_a_new_password, journey_by_password]
)
def test_known_and_unknown_addresses_get_the_same_answers(
    reader: Browser,
    new_browser: Callable[[], Browser],
    mailbox: Mailbox,
    journey: Callable[[Browser, str], list[Any]],
) -> None:
    add_email(reader, mailbox)
    add_password(reader)
    known = [plain(answer, ANNA) for answer in journey(new_browser(), ANNA)]
    unknown = [plain(answer, NOBODY) for answer in journey(new_browser(), NOBODY)]
    assert known == unknown


def test_adding_an_address_that_is_taken_looks_the_same(
    reader: Browser, other_reader: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)

    def journey(address: str) -> list[Any]:
        answers = [fill(other_reader, "/account/email/", email=address)]
        answers += [other_reader.get("/account/email/code/")]
        answers += [fill(other_reader, "/account/email/code/", code="BBBB-BBBB") for _ in range(3)]
        return [*answers, other_reader.get("/account/email/")]

    taken = [plain(answer, ANNA) for answer in journey(ANNA)]
    free = [plain(answer, NOBODY) for answer in journey(NOBODY)]
    assert taken == free
    assert [(mail["To"], mail["Subject"].split(":")[0]) for mail in mailbox.mails[1:]] == [
        (ANNA, "You already use this address"),
        (NOBODY, "Your code"),
    ]


@pytest.mark.parametrize("address", [ANNA, NOBODY])
def test_a_mail_server_that_refuses_says_nothing_about_accounts(
    reader: Browser, stranger: Browser, mailbox: Mailbox, address: str
) -> None:
    add_email(reader, mailbox)
    for refusal, status, says in (
        ("550 no such mailbox", 422, "doesn’t take mail for this address"),
        ("451 try again later", 503, "The message could not be sent"),
    ):
        mailbox.refusal = refusal
        answers = [
            ask_for_code(stranger, address),
            fill(stranger, "/account/password/forgotten/", email=address),
        ]
        assert [answer.status_code for answer in answers] == [status, status]
        assert all(says in answer.content.decode() for answer in answers)


@pytest.mark.parametrize("login", ["anna", ANNA, "nobody", NOBODY])
def test_one_hash_is_made_for_every_guess(
    reader: Browser,
    stranger: Browser,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    login: str,
) -> None:
    add_email(reader, mailbox)
    add_password(reader)
    made: list[str] = []
    encode = MD5PasswordHasher.encode

    def noted(self: MD5PasswordHasher, password: str, salt: Any) -> str:
        made.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noted)
    assert by_password(stranger, login, "not the password").status_code == 422
    assert made == ["not the password"]


# How often it may be tried


def test_guessing_a_password_ends_after_five(
    reader: Browser, new_browser: Callable[[], Browser], db: None
) -> None:
    add_password(reader)
    statuses = [by_password(new_browser(), password="wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    # Counted for all processes: what is in the table is all that they share.
    answer = by_password(new_browser())
    assert answer.status_code == 429
    assert "Too many tries." in answer.content.decode()
    # From here other names are not, as long as the address has tries left.
    assert by_password(new_browser(), "robin", "wrong").status_code == 422


def from_elsewhere(browser: Browser, address: str) -> Browser:
    browser.defaults["REMOTE_ADDR"] = address
    return browser


def test_a_stranger_can_t_lock_an_account_by_guessing(
    reader: Browser, new_browser: Callable[[], Browser]
) -> None:
    """Wrong passwords are counted for a name and an address together."""
    add_password(reader)
    statuses = [by_password(new_browser(), password="wrong").status_code for _ in range(8)]
    assert statuses == [422] * 5 + [429] * 3
    owner = from_elsewhere(new_browser(), "192.0.2.1")
    assert went_to(by_password(owner)) == (302, ARRIVE)


def test_tries_at_one_name_use_up_nobody_else_s(
    reader: Browser, other_reader: Browser, new_browser: Callable[[], Browser]
) -> None:
    """However often one name is tried from an address, others there may still sign in."""
    add_password(reader)
    add_password(other_reader, "robin")
    for _time in range(55):
        by_password(new_browser(), password="wrong")
    assert went_to(by_password(new_browser(), "robin")) == (302, ARRIVE)


def test_guesses_from_everywhere_end_too_and_keep_no_known_browser_out(
    reader: Browser, new_browser: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "TRIED_BY_NAME", 3)
    add_password(reader)
    tries = [
        by_password(from_elsewhere(new_browser(), f"192.0.2.{n}"), password="wrong").status_code
        for n in range(4)
    ]
    assert tries == [422] * 3 + [429]
    assert by_password(from_elsewhere(new_browser(), "192.0.2.9")).status_code == 429
    assert by_password(reader).status_code == 302


def test_questions_for_a_passkey_are_limited(
    stranger: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each makes a session, whoever asks."""
    settings.PASSKEYS_OFFERED, settings.SITE_URL = True, "http://localhost"
    monkeypatch.setattr(signing_in_views, "PASSKEYS", 2)
    asked = [
        stranger.get("/account/sign-in/passkey/", headers={"accept": "application/json"})
        for _time in range(3)
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 429]


def test_codes_to_one_address_end_after_five(
    reader: Browser, new_browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    statuses = [ask_for_code(new_browser()).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    start = "/account/password/forgotten/"
    statuses = [fill(new_browser(), start, email=ANNA).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert len(mailbox.mails) == 11


@pytest.mark.parametrize(
    ("page", "to"),
    [
        (SIGN_IN, "/account/sign-in/code/"),
        ("/account/password/forgotten/", ""),
        ("/account/email/", ""),
    ],
)
def test_a_stranger_can_t_use_up_somebody_s_codes(
    reader: Browser, other_reader: Browser, mailbox: Mailbox, page: str, to: str
) -> None:
    """They are counted for an address and a network together; what is refused counts for nobody."""
    statuses = [fill(other_reader, page, to, email=ANNA).status_code for _ in range(7)]
    assert statuses == [302] * 5 + [429] * 2
    owner = from_elsewhere(reader, "192.0.2.1")
    assert fill(owner, page, to, email=ANNA).status_code == 302


def test_codes_that_are_refused_use_up_nobody_else_s(
    new_browser: Callable[[], Browser], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(addresses, "TO_ALL_ADDRESSES", 6)
    for _time in range(8):
        ask_for_code(new_browser())
    assert ask_for_code(new_browser(), NOBODY).status_code == 302
    assert ask_for_code(new_browser(), "somebody@example.org").status_code == 429
    assert ask_for_code(from_elsewhere(new_browser(), "192.0.2.1"), NOBODY).status_code == 302


def test_codes_asked_for_from_everywhere_end_too_and_keep_no_known_browser_out(
    reader: Browser,
    new_browser: Callable[[], Browser],
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_email(reader, mailbox)
    monkeypatch.setattr(addresses, "TO_ONE_FROM_ALL", 4)  # the one that added it is the first
    asked = [ask_for_code(from_elsewhere(new_browser(), f"192.0.2.{n}")) for n in range(4)]
    assert [answer.status_code for answer in asked] == [302] * 3 + [429]
    assert "Too many tries." in asked[-1].content.decode()
    start = "/account/password/forgotten/"
    elsewhere = from_elsewhere(new_browser(), "192.0.2.9")
    assert fill(elsewhere, start, email=ANNA).status_code == 429
    assert [ask_for_code(reader).status_code for _ in range(5)] == [302] * 5
    assert len(mailbox.mails) == 9


def test_a_limited_answer_is_a_page_of_ours(
    reader: Browser, other_reader: Browser, mailbox: Mailbox
) -> None:
    answers = [fill(reader, "/account/email/", email=ANNA) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "<h1>Please wait a moment</h1>" in answers[-1].content.decode()
    assert answers[-1]["Cache-Control"] == "no-store, private"
    # To this address none goes from here for anyone else, to others it does.
    assert fill(other_reader, "/account/email/", email=ANNA).status_code == 429
    assert fill(other_reader, "/account/email/", email=NOBODY).status_code == 302


def test_the_limits_name_nobody(reader: Browser, stranger: Browser, mailbox: Mailbox) -> None:
    by_password(stranger, ANNA, "wrong")
    ask_for_code(stranger)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM devotional_limits")
        keys = [key for (key,) in cursor.fetchall()]
    assert len(keys) >= 3
    assert [key for key in keys if not re.fullmatch(r":1:[0-9a-f]{64}", key)] == []
    cache.clear()
