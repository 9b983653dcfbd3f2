"""The way back stands where someone unknown might be known, and leads back there (K15)."""

import re
from typing import Any

import pytest
from pytest_django import Settings

from devotional.groups.models import Membership
from devotional.readers.models import Reader
from devotional.readers.return_codes import make_code
from harness.actors import Browser
from harness.mailbox import Mailbox
from tests.groups.factories import add, found
from tests.readers.actions import (
    ANNA,
    ARRIVE,
    PASSWORD,
    add_email,
    add_password,
    fill,
    type_code,
    went_to,
)

RETURN = "/account/return/"
SIGN_IN = "/account/sign-in/"
PANEL = "/reflect/on-doors/opening/panel/"
TEXT = "/read/on-doors/opening/#reflect"


@pytest.fixture
def code(reader: Browser) -> str:
    code = make_code(Reader.objects.get())
    assert code
    return code


def been_here(browser: Browser, path: str) -> list[str]:
    html = browser.get(path).content.decode()
    return re.findall(r'<p class="been-here".*?href="(.*?)"', html, re.DOTALL)


def lands_at(browser: Browser) -> str:
    return str(browser.get(ARRIVE, follow=True).redirect_chain[-1][0])


def come_back(browser: Browser, code: str, there: str) -> str:
    """By the form as it was given at an address that names where one was."""
    fields = browser.fields(f"{RETURN}?next={there}")
    assert went_to(browser.post(RETURN, fields | {"code": code})) == (303, ARRIVE)
    return lands_at(browser)


def test_the_panel_offers_it_to_nobody_alone(reader: Browser, stranger: Browser) -> None:
    assert been_here(stranger, PANEL) == [f"{RETURN}?next=/read/on-doors/opening/%23reflect"]
    assert been_here(reader, PANEL) == []


def test_it_goes_with_the_first_save(stranger: Browser) -> None:
    assert '<p id="been-here" hx-swap-oob="delete">' in stranger.write(before="A").content.decode()


def test_a_code_leads_back_to_where_one_was(code: str, stranger: Browser) -> None:
    assert come_back(stranger, code, TEXT.replace("#", "%23")) == TEXT
    assert stranger.texts()["before"] == "The canary of the first reader."


@pytest.mark.parametrize(
    "there",
    ["", "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "j"],
)
def test_it_leads_nowhere_else(code: str, stranger: Browser, there: str) -> None:
    page = stranger.get(RETURN, {"next": there}).content.decode()
    assert "evil" not in page
    assert "javascript" not in page
    stranger.post(RETURN, {"code": code, "next": there})
    assert lands_at(stranger) == "/journal/?back"


def test_it_is_kept_while_a_code_is_typed_wrong(code: str, stranger: Browser) -> None:
    wrong = stranger.post(RETURN, {"code": "ABC", "next": TEXT}).content.decode()
    assert f'name="next" value="{TEXT}"' in wrong
    assert f'href="{SIGN_IN}?next=%2Fread%2Fon-doors%2Fopening%2F%23reflect"' in wrong


def test_what_was_begun_earlier_is_forgotten(code: str, reader: Browser, stranger: Browser) -> None:
    add_password(reader)
    stranger.post(SIGN_IN, {"login": "anna", "password": "wrong", "next": TEXT})
    stranger.post(RETURN, {"code": code})
    assert lands_at(stranger) == "/journal/?back"


def sign_in_page(browser: Browser) -> dict[str, str]:
    return browser.fields(f"{SIGN_IN}?next={TEXT.replace('#', '%23')}")


def test_a_password_leads_back_to_where_one_was(reader: Browser, stranger: Browser) -> None:
    add_password(reader)
    form = sign_in_page(stranger) | {"login": "anna", "password": PASSWORD}
    assert went_to(stranger.post(SIGN_IN, form)) == (302, ARRIVE)
    assert lands_at(stranger) == TEXT


def test_a_code_by_mail_leads_back_to_where_one_was(
    reader: Browser, stranger: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    stranger.post("/account/sign-in/code/", sign_in_page(stranger) | {"email": ANNA})
    type_code(stranger, mailbox.code())
    assert lands_at(stranger) == TEXT


def test_a_member_is_back_in_the_group_and_no_second_one(
    code: str, reader: Browser, leader: Browser, stranger: Browser
) -> None:
    leader.write("opening", before="Of the leader.")
    group = found(leader)
    add(group, reader, "Anna")
    there = f"/groups/{group.pk}/"
    assert come_back(stranger, code, there) == there
    assert stranger.get(there).status_code == 200
    assert Membership.objects.filter(group=group).count() == 2


def test_every_way_is_offered(stranger: Browser, settings: Settings) -> None:
    for path in (RETURN, "/account/"):
        html = stranger.get(path).content.decode()
        for way in ("With your return code", "From another device", "With your account"):
            assert way in html


def test_a_question_in_the_panel_takes_a_page_of_its_own(code: str, other_reader: Browser) -> None:
    """Someone else's words are here: the panel is no place to ask whose they are."""
    fetched = {"hx-request": "true"}
    form = {"code": code, "next": PANEL}
    asked: Any = other_reader.post(RETURN, form, headers=fetched, follow=True)
    assert asked["HX-Redirect"] == ARRIVE


def test_the_card_holds_the_code_to_scan_and_no_address(reader: Browser) -> None:
    html = reader.post("/account/return-code/", {"replaces": ""}).content.decode()
    assert html.count('<svg role="img"') == 1
    assert "<title>The return code as a QR code</title>" in html


def test_next_is_a_path_and_short(stranger: Browser) -> None:
    assert fill(stranger, f"{RETURN}?next=/{'x' * 400}", RETURN, code="").status_code == 422
    assert 'name="next"' not in stranger.get(f"{RETURN}?next=/{'x' * 400}").content.decode()
