"""Ways in: how they are added, changed and taken away, and by whom (K3)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from pytest_django import Settings

from devotional.readers.accounts import Ways, ways_of
from devotional.readers.models import Account, DeviceToken, Reader, ReturnCode
from devotional.readers.return_codes import make_code, mark_of_code
from harness.actors import FORGED, Browser
from harness.mailbox import Mailbox
from tests.readers.actions import (
    ANNA,
    ARRIVE,
    KEEP,
    PASSWORD,
    add_email,
    add_password,
    ask_for_code,
    by_password,
    fill,
    replace_password,
    type_code,
    went_to,
)

GONE_MAIL = (
    "This address can no longer be used to sign in at Devotional. It was removed or replaced there."
    "\n\n"
    "If that was you, there’s nothing to do. If it wasn’t, sign in another way and check your "
    "settings here:\n\n"
    "http://127.0.0.1:8000/account/\n"
)
CHANGED = f"{KEEP}?changed"
PAGES = ["/account/email/", "/account/password/", "/account/passkeys/add/"]


def ways() -> Ways:
    return ways_of(Reader.objects.get())


def age(browser: Browser, *, seconds: int) -> None:
    """Let the sign-in of this browser be as long ago."""
    session = browser.session
    for record in session[RECORDS]:
        record["at"] -= seconds
    session.save()


def test_a_guest_without_an_account_has_no_way(reader: Browser) -> None:
    assert ways() == Ways()
    assert not ways().any


def test_an_address_becomes_a_way_once_its_code_is_typed(reader: Browser, mailbox: Mailbox) -> None:
    asked = fill(reader, "/account/email/", email=" Anna@Example.org ")
    assert went_to(asked) == (302, "/account/email/code/")
    assert not Account.objects.exists()
    typed = fill(reader, "/account/email/code/", code=mailbox.code().lower().replace("-", " "))
    assert went_to(typed) == (302, KEEP)
    assert ways() == Ways(email=ANNA)


def test_three_wrong_codes_end_it(reader: Browser, mailbox: Mailbox) -> None:
    fill(reader, "/account/email/", email=ANNA)
    answers = [fill(reader, "/account/email/code/", code="BBBB-BBBB") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 302]
    right = reader.post("/account/email/code/", {"code": mailbox.code()})
    assert went_to(right) == (302, "/account/email/")
    assert not Account.objects.exists()


def test_an_old_code_is_no_good(reader: Browser, mailbox: Mailbox) -> None:
    fill(reader, "/account/email/", email=ANNA)
    session = reader.session
    session["devotional.readers.address"]["sent_at"] -= 15 * 60
    session.save()
    assert went_to(reader.get("/account/email/code/")) == (302, "/account/email/")


def test_the_code_of_one_reader_is_no_use_to_another(
    reader: Browser, other_reader: Browser, mailbox: Mailbox
) -> None:
    fill(reader, "/account/email/", email=ANNA)
    other_reader.cookies["session"] = reader.cookies["session"].value
    assert went_to(other_reader.get("/account/email/code/")) == (302, "/account/email/")


def test_a_password_with_a_name_becomes_a_way_without_mail(reader: Browser) -> None:
    assert went_to(add_password(reader, " Anna.B ")) == (302, KEEP)
    assert ways() == Ways(has_password=True, name="anna.b")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("", True),
        ("ab", True),
        ("a" * 41, True),
        ("-anna", True),
        ("anna b", True),
        ("anna@example.org", True),
        ("an\u202ena", True),
        ("an\0na", True),
        ("jürgen_1", False),
        ("Ａｎｎａ", False),
    ],
)
def test_names(reader: Browser, name: str, wrong: bool) -> None:
    assert add_password(reader, name).status_code == (422 if wrong else 302)


def test_a_name_is_taken_in_whichever_letters(reader: Browser, other_reader: Browser) -> None:
    add_password(reader, "Anna")
    answer = add_password(other_reader, "aNNA")
    assert answer.status_code == 422
    assert "This username is taken." in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


@pytest.mark.parametrize("password", ["", "short", "password", "1234567890", "anna-anna"])
def test_weak_passwords_are_refused(reader: Browser, password: str) -> None:
    assert add_password(reader, "anna-anna", password).status_code == 422
    assert not Account.objects.exists()


def test_a_long_password_with_spaces_is_taken_as_it_is(reader: Browser, stranger: Browser) -> None:
    long = " ключ 🗝️ " * 20
    assert went_to(add_password(reader, password=long)) == (302, KEEP)
    assert by_password(stranger, password=long.strip()).status_code == 422
    assert went_to(by_password(stranger, password=long)) == (302, ARRIVE)


def test_another_address_takes_the_place_of_the_first(reader: Browser, mailbox: Mailbox) -> None:
    add_email(reader, mailbox)
    add_email(reader, mailbox, "anna@other.example")
    assert ways() == Ways(email="anna@other.example")
    answer = fill(reader, "/account/email/", email="anna@other.example")
    assert answer.status_code == 422


def test_an_address_that_is_taken_away_hears_of_it(reader: Browser, mailbox: Mailbox) -> None:
    """By another in its place and by none; in words that name nobody, and not the new address."""
    add_password(reader)
    add_email(reader, mailbox)
    add_email(reader, mailbox, "anna@other.example")
    fill(reader, "/account/email/remove/")
    told = [mail for mail in mailbox.mails if "can no longer be used" in mail["Subject"]]
    assert [mail["To"] for mail in told] == [ANNA, "anna@other.example"]
    mailbox.mails = told[:1]
    assert mailbox.text() == GONE_MAIL


def test_an_address_changes_also_where_its_mail_cannot_go(
    reader: Browser, mailbox: Mailbox
) -> None:
    add_password(reader)
    add_email(reader, mailbox)
    mailbox.refusal = "550 no such mailbox"
    assert went_to(fill(reader, "/account/email/remove/")) == (302, CHANGED)
    assert ways().email == ""


def test_changing_the_password_ends_other_sessions(reader: Browser, stranger: Browser) -> None:
    add_password(reader)
    by_password(stranger)
    assert stranger.get("/account/password/").status_code == 404  # no reader's cookie yet
    stranger.cookies["reader"] = reader.cookies["reader"].value
    assert stranger.get("/account/password/").status_code == 200
    add_password(reader, password="another door on its hinges")
    assert stranger.get("/account/password/").status_code == 302
    assert reader.get("/account/password/").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_an_open_tablet_is_no_door(
    reader: Browser, mailbox: Mailbox, settings: Settings, page: str
) -> None:
    settings.PASSKEYS_OFFERED = True
    add_password(reader)
    assert reader.get(page).status_code == 200
    age(reader, seconds=59 * 60)
    assert reader.get(page).status_code == 200
    age(reader, seconds=60)
    assert went_to(reader.get(page)) == (302, "/account/sign-in/")
    signed_in = by_password(reader)
    assert went_to(signed_in) == (302, page)
    assert reader.get(page).status_code == 200


def test_an_open_tablet_takes_no_post_either(reader: Browser) -> None:
    add_password(reader)
    del reader.cookies["session"]
    sent = {"name": "thief", "password": "the password of a thief"}
    assert went_to(reader.post("/account/password/", sent)) == (302, "/account/sign-in/")
    assert went_to(reader.post("/account/password/remove/", sent)) == (302, "/account/sign-in/")
    assert ways() == Ways(has_password=True, name="anna")


def test_an_open_tablet_makes_no_return_code(reader: Browser) -> None:
    """Nor ends one: with an account there is a way to say who one is."""
    add_password(reader)
    assert reader.post("/account/return-code/").status_code == 200
    one = ReturnCode.objects.get()
    age(reader, seconds=60 * 60)
    again = {"replaces": mark_of_code(one)}
    assert went_to(reader.post("/account/return-code/", again)) == (302, "/account/sign-in/")
    ends = {"code": "end"}
    assert went_to(reader.post("/account/other-browsers/", ends)) == (302, "/account/sign-in/")
    assert ReturnCode.objects.get().digest == one.digest
    assert went_to(by_password(reader)) == (302, KEEP)
    assert reader.post("/account/return-code/", again).status_code == 200
    assert ReturnCode.objects.get().digest != one.digest


def test_a_guest_needs_no_sign_in_for_a_code(reader: Browser) -> None:
    assert reader.post("/account/return-code/", reader.fields(KEEP)).status_code == 200


def test_a_way_that_is_changed_offers_to_end_the_others(
    reader: Browser, new_browser: Callable[[], Browser]
) -> None:
    assert went_to(add_password(reader)) == (302, KEEP)  # the first way is no change
    laptop = new_browser()
    by_password(laptop)
    laptop.get("/account/arrive/", follow=True)
    make_code(Reader.objects.get())
    assert went_to(add_password(reader, password="another door on its hinges")) == (302, CHANGED)
    page = reader.get(CHANGED).content.decode()
    assert "Sign out everywhere else, and end the code" in page
    answer = reader.post("/account/other-browsers/", reader.fields(CHANGED))
    assert answer["Location"] == "/account/#code-ended"
    assert not ReturnCode.objects.exists()
    assert DeviceToken.objects.count() == 1
    assert laptop.get("/journal/").content.decode().count("The canary") == 0
    assert "Sign out everywhere else, and" not in reader.get(CHANGED).content.decode()


def test_a_forgotten_password_that_is_replaced_offers_to_end_the_others(
    reader: Browser, new_browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    """Whoever guessed it may be in already, or half-way in."""
    add_email(reader, mailbox)
    add_password(reader)
    half_way, phone = new_browser(), new_browser()
    by_password(half_way)
    make_code(Reader.objects.get())
    assert went_to(replace_password(phone, mailbox, "another door on its hinges")) == (302, ARRIVE)
    page = phone.get(ARRIVE, follow=True)
    assert page.redirect_chain[-1] == (CHANGED, 302)
    assert "Sign out everywhere else, and end the code" in page.content.decode()
    phone.post("/account/other-browsers/", phone.fields(CHANGED))
    assert not ReturnCode.objects.exists()
    assert DeviceToken.objects.count() == 1
    assert went_to(reader.get("/account/password/")) == (404, None)
    assert went_to(half_way.get(ARRIVE)) == (303, KEEP)
    assert phone.get("/account/arrive/", follow=True).redirect_chain[-1][0] == "/journal/"


def test_in_one_s_own_browser_it_offers_the_same(reader: Browser, mailbox: Mailbox) -> None:
    """Also on the way to a page that asked to sign in once more."""
    add_email(reader, mailbox)
    add_password(reader)
    del reader.cookies["session"]
    assert went_to(reader.get("/account/password/")) == (302, "/account/sign-in/")
    replace_password(reader, mailbox, "another door on its hinges")
    assert reader.get(ARRIVE, follow=True).redirect_chain[-1] == (CHANGED, 302)


def test_a_first_password_by_a_mailed_code_is_no_change(
    reader: Browser, stranger: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    replace_password(stranger, mailbox)
    assert stranger.get(ARRIVE, follow=True).redirect_chain[-1] == ("/journal/?back", 303)


def test_the_last_way_back_is_not_offered_to_be_ended(reader: Browser) -> None:
    add_password(reader)
    make_code(Reader.objects.get())
    assert went_to(fill(reader, "/account/password/remove/")) == (302, CHANGED)
    page = reader.get(CHANGED).content.decode()
    assert "has changed" in page
    assert "End the return code" not in page
    reader.post("/account/other-browsers/", {"code": "end"})
    assert ReturnCode.objects.exists()


@pytest.mark.parametrize("page", [*PAGES, "/account/email/code/", "/account/password/remove/"])
def test_a_stranger_finds_nothing(
    stranger: Browser, reader: Browser, mailbox: Mailbox, settings: Settings, page: str
) -> None:
    settings.PASSKEYS_OFFERED = True
    add_email(reader, mailbox)
    assert ANNA in reader.get(KEEP).content.decode()
    answer = stranger.get(page)
    assert answer.status_code == 404
    assert ANNA not in answer.content.decode()


def test_another_reader_sees_and_removes_nothing(
    reader: Browser, other_reader: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    assert ANNA in reader.get(KEEP).content.decode()
    keep = other_reader.get(KEEP)
    assert keep.status_code == 200
    assert ANNA not in keep.content.decode()
    assert reader.get("/account/email/remove/").status_code == 200
    assert other_reader.get("/account/email/remove/").status_code == 404
    # With the session of the one and the cookie of the other: neither may.
    other_reader.cookies["session"] = reader.cookies["session"].value
    add_password(other_reader, "other")
    assert Account.objects.get(email=ANNA).name is None
    assert Account.objects.get(name="other").email == ""


def test_a_form_of_another_site_adds_nothing(reader: Browser) -> None:
    sent = {"name": "thief", "password": "the password of a thief"}
    assert reader.post("/account/password/", sent, headers=FORGED).status_code == 403
    assert not Account.objects.exists()


def test_one_of_two_ways_is_taken_away_with_one_yes(reader: Browser, mailbox: Mailbox) -> None:
    add_password(reader)
    add_email(reader, mailbox)
    assert went_to(fill(reader, "/account/password/remove/")) == (302, CHANGED)
    assert ways() == Ways(email=ANNA)
    assert reader.get("/account/email/").status_code == 200  # still signed in


def test_the_last_way_is_asked_about_and_its_account_goes_with_it(reader: Browser) -> None:
    add_password(reader)
    answer = fill(reader, "/account/password/remove/")
    assert answer.status_code == 200
    assert "This is your last way to sign in" in answer.content.decode()
    assert ways().any
    assert went_to(fill(reader, "/account/password/remove/", last="yes")) == (302, CHANGED)
    assert not Account.objects.exists()
    assert Reader.objects.count() == 1
    assert reader.texts() == {"before": "The canary of the first reader.", "closed": ""}


def test_with_a_return_code_it_is_not_the_last(reader: Browser) -> None:
    add_password(reader)
    make_code(Reader.objects.get(), replaces="")
    assert went_to(fill(reader, "/account/password/remove/")) == (302, CHANGED)


def test_a_password_that_hangs_on_the_address_goes_with_it(
    reader: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    add_password(reader, name="")
    page = reader.get("/account/email/remove/").content.decode()
    assert "Your password goes too" in page
    assert "This is your last way to sign in" in page
    fill(reader, "/account/email/remove/", last="yes")
    assert not Account.objects.exists()


def test_the_keep_page_lists_the_ways(reader: Browser, mailbox: Mailbox) -> None:
    add_email(reader, mailbox)
    add_password(reader)
    page = re.sub(r"\s+", " ", reader.get(KEEP).content.decode())
    assert f"A code goes to <b>{ANNA}</b> when you sign in." in page
    assert "You sign in as <b>anna</b>." in page


@pytest.mark.parametrize("path", ["/account/email/", "/account/password/", KEEP])
def test_private_and_stored_nowhere(reader: Browser, mailbox: Mailbox, path: str) -> None:
    assert reader.get(path)["Cache-Control"] == "no-store, private"


def test_nothing_that_needs_mail_is_there_without_it(
    reader: Browser, stranger: Browser, settings: Settings
) -> None:
    assert settings.MAIL_OFFERED is False
    for path in [
        "/account/email/",
        "/account/email/code/",
        "/account/sign-in/code/",
        "/account/sign-in/code/type/",
        "/account/password/forgotten/",
        "/account/password/forgotten/code/",
        "/account/password/forgotten/new/",
    ]:
        assert reader.get(path).status_code == 404, path
    shown = [reader.get(path).content.decode() for path in (KEEP, "/account/sign-in/")]
    assert [re.findall(r'type="email"|/account/email|forgotten', page) for page in shown] == [
        [],
        [],
    ]


def test_no_passkeys_where_the_address_carries_none(reader: Browser, settings: Settings) -> None:
    assert settings.PASSKEYS_OFFERED is False
    assert reader.get("/account/passkeys/add/").status_code == 404
    assert reader.get("/account/sign-in/passkey/").status_code == 404
    shown = [reader.get(path).content.decode() for path in (KEEP, "/account/sign-in/")]
    assert ["passkey" in page.lower() for page in shown] == [False, False]


def test_pages_of_allauth_that_nobody_needs_are_not_there(reader: Browser) -> None:
    for path in [
        "signup",
        "login",
        "logout",
        "inactive",
        "confirm-email",
        "2fa",
        "password/change",
    ]:
        assert reader.get(f"/account/{path}/").status_code == 404, path


def test_queries_do_not_grow_with_passkeys(
    reader: Browser, settings: Settings, django_assert_num_queries: Any
) -> None:
    from allauth.mfa.models import Authenticator

    settings.PASSKEYS_OFFERED = True
    add_password(reader)
    account = Account.objects.get()
    for number in (1, 3):
        while Authenticator.objects.count() < number:
            Authenticator.objects.create(user=account, type="webauthn", data={"name": "My phone"})
        with django_assert_num_queries(3):
            page = reader.get(KEEP).content.decode()
        assert page.count('<span class="stands">My phone</span>') == number


def test_who_came_in_by_a_way_that_is_gone_changes_nothing(
    reader: Browser, mailbox: Mailbox, new_browser: Callable[[], Browser]
) -> None:
    """Someone reads the mail and has signed in: with the address goes what they may still do."""
    add_email(reader, mailbox)
    add_password(reader)
    other = new_browser()
    ask_for_code(other)
    type_code(other, mailbox.code())
    other.get("/account/arrive/", follow=True)
    assert other.get("/account/password/").status_code == 200
    assert fill(reader, "/account/email/remove/").status_code == 302
    assert went_to(other.get("/account/password/")) == (302, "/account/sign-in/")
    assert reader.get("/account/password/").status_code == 200
