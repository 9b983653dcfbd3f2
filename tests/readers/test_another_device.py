"""A link to another device: good once, for ten minutes, and only by a tap (K14)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.readers.device_links import make_link
from devotional.readers.erasing import erase_words
from devotional.readers.guests import find_reader, mark_of, token_digest
from devotional.readers.models import Account, DeviceLink, DeviceToken, Reader
from devotional.readers.views_arriving import FROM_ONE_ADDRESS, RIGHT_ONES
from devotional.reflections.models import Reflection
from harness.actors import Browser
from harness.html_forms import Fields
from tests.readers.actions import ARRIVE, add_password

PAGE = "/account/another-device/"
IN_PLACE = {"hx-request": "true"}
WHATSAPP = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148 WhatsApp/2.24"


@pytest.fixture
def anna(reader: Browser) -> Reader:
    return Reader.objects.get()


@pytest.fixture
def link(reader: Browser, anna: Reader) -> str:
    """The path of a link that the reader has just made."""
    return link_in(reader.post(PAGE))


def link_in(page: Any) -> str:
    (link,) = set(
        re.findall(r"https?://[^/]+(/account/carry-on/[\w-]{22})\b", page.content.decode())
    )
    return str(link)


def tap(browser: Browser, link: str, **change: str) -> Any:
    return browser.post(link, Fields(browser.get(link).content.decode()).values | change)


def reader_at(browser: Browser) -> Reader | None:
    cookie = browser.cookies.get("reader")
    return find_reader(cookie.value) if cookie else None


def said(browser: Browser) -> str:
    """What the page of the first device says of the link."""
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(PAGE).content.decode()).split())


def goes_to(response: Any, status: int = 303) -> str:
    assert response.status_code == status
    return str(response["Location"])


# Making one


def test_it_is_shown_once_and_kept_as_a_hash(
    reader: Browser, anna: Reader, settings: Settings
) -> None:
    page = reader.post(PAGE)
    link = link_in(page)
    html = page.content.decode()
    assert f"{settings.SITE_URL}{link}" in html
    assert '<svg role="img"' in html
    assert page["Cache-Control"] == "no-store, private"
    assert link not in reader.get(PAGE).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM devotional_devicelink")
        assert link.rpartition("/")[2] not in str(cursor.fetchall())


def test_its_hash_takes_the_site_s_key(link: str, stranger: Browser, settings: Settings) -> None:
    """Who has the database alone can't try links against it."""
    settings.SECRET_KEY = "of another site, and long enough: 0123456789 abcdefghijklmnop"
    assert stranger.get(link).status_code == 404


def test_a_new_one_ends_the_one_before(reader: Browser, link: str, stranger: Browser) -> None:
    another = link_in(reader.post(PAGE))
    assert tap(stranger, link).status_code == 404
    assert goes_to(tap(stranger, another)) == ARRIVE


def test_nobody_makes_none(stranger: Browser) -> None:
    for response in (stranger.post(PAGE), stranger.get(PAGE)):
        assert goes_to(response) == "/account/return/"
    assert not DeviceLink.objects.exists()


def test_where_there_is_an_account_it_takes_a_sign_in(reader: Browser, anna: Reader) -> None:
    """Who finds an open tablet must not take a lasting door along."""
    add_password(reader)
    Session.objects.all().delete()
    assert goes_to(reader.post(PAGE), 302) == "/account/sign-in/"
    assert not DeviceLink.objects.exists()


def test_inside_an_app_the_link_comes_before_the_code(reader: Browser, anna: Reader) -> None:
    html = reader.post(PAGE, headers={"user-agent": WHATSAPP}).content.decode()
    assert "Copy the link and open it in your phone’s own browser." in html
    assert html.index("data-copy=") < html.index("<svg role")


# Opening it


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(link: str, stranger: Browser, method: str) -> None:
    """Previews and scanners open links."""
    for _ in range(5):
        looked = getattr(stranger, method)(link)
        assert looked.status_code == 200
    assert not looked.cookies
    assert not Session.objects.exists()
    assert DeviceLink.objects.get().used_at is None
    assert DeviceToken.objects.count() == 1
    assert looked["Referrer-Policy"] == "strict-origin"
    assert looked["Cache-Control"] == "no-store, private"
    assert looked["X-Robots-Tag"] == "noindex, nofollow"


def test_it_says_when_and_not_who(reader: Browser, link: str, anna: Reader) -> None:
    Account.objects.create(reader=anna, name="ruth", email="ruth@example.org")
    html = Browser().get(link).content.decode()
    assert "Carry on as the one who wrote on" in html
    assert "data-day" in html
    for hidden in ("canary", "ruth", str(anna.pk), mark_of(anna), "hx-"):
        assert hidden not in html


def test_who_has_written_nothing_yet_began(reader: Browser, stranger: Browser) -> None:
    Reflection.objects.all().delete()
    link = link_in(reader.post(PAGE))
    assert "Carry on as the one who began on" in stranger.get(link).content.decode()


def test_a_tap_makes_the_browser_theirs(link: str, stranger: Browser, anna: Reader) -> None:
    assert goes_to(tap(stranger, link)) == ARRIVE
    assert stranger.get(ARRIVE, follow=True).redirect_chain[-1][0] == "/journal/?back"
    assert reader_at(stranger) == anna
    assert stranger.texts()["before"] == "The canary of the first reader."
    assert DeviceToken.objects.filter(reader=anna).count() == 2


def test_the_first_device_hears_of_it(reader: Browser, link: str, stranger: Browser) -> None:
    assert "Not opened yet." in said(reader)
    waiting = reader.get(PAGE, headers=IN_PLACE)
    assert (waiting.status_code, waiting.content) == (204, b"")
    tap(stranger, link)
    assert "Opened on another device:" in said(reader)
    assert reader.get(PAGE, headers=IN_PLACE).status_code == 200


def test_it_is_good_once(link: str, stranger: Browser, new_browser: Callable[[], Browser]) -> None:
    late = new_browser()
    form = Fields(late.get(link).content.decode()).values
    tap(stranger, link)
    assert late.post(link, form).status_code == 404
    assert not late.cookies


def test_two_taps_are_one(link: str, stranger: Browser, anna: Reader) -> None:
    """The browser shows the answer to the second; and one that was lost is asked for again."""
    form = Fields(stranger.get(link).content.decode()).values
    stranger.post(link, form)
    stranger.cookies.clear()
    assert goes_to(stranger.post(link, form)) == ARRIVE
    stranger.get(ARRIVE, follow=True)
    assert reader_at(stranger) == anna
    assert goes_to(stranger.post(link, form)) == "/journal/"
    assert Browser().post(link, form).status_code == 404, "once it has arrived it opens nothing"


@pytest.mark.parametrize("form", [{}, {"form": ""}], ids=["none", "empty"])
def test_without_the_name_of_its_form_it_is_good_once(
    link: str, new_browser: Callable[[], Browser], form: dict[str, str]
) -> None:
    assert goes_to(new_browser().post(link, form)) == ARRIVE
    assert new_browser().post(link, form).status_code == 404


def test_after_ten_minutes_it_has_ended(reader: Browser, link: str, stranger: Browser) -> None:
    form = Fields(stranger.get(link).content.decode()).values
    until = DeviceLink.objects.get().good_until
    assert timedelta(minutes=9) < until - timezone.now() <= timedelta(minutes=10)
    DeviceLink.objects.update(good_until=timezone.now())
    assert stranger.get(link).status_code == 404
    assert stranger.post(link, form).status_code == 404
    assert "The last link wasn’t opened, and has ended." in said(reader)


def test_unknown_used_and_past_look_the_same(
    reader: Browser, link: str, other_reader: Browser, stranger: Browser
) -> None:
    tap(Browser(), link)
    past = link_in(other_reader.post(PAGE))
    DeviceLink.objects.filter(used_at=None).update(good_until=timezone.now())
    paths = (link, past, "/account/carry-on/" + "x" * 22, "/account/carry-on/x/y%00z")
    pages = [stranger.get(path) for path in paths]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert len({str(page.headers) for page in pages}) == 1
    assert not stranger.cookies


def test_guesses_are_limited_and_good_links_are_not(link: str, stranger: Browser) -> None:
    tried = [
        stranger.get(f"/account/carry-on/{number:022}").status_code
        for number in range(FROM_ONE_ADDRESS + 2)
    ]
    assert tried == [404] * FROM_ONE_ADDRESS + [429] * 2
    assert goes_to(tap(stranger, link)) == ARRIVE


def test_arrivals_are_counted_for_their_reader(anna: Reader) -> None:
    def arrive() -> int:
        status: int = Browser().post(f"/account/carry-on/{make_link(anna)}").status_code
        return status

    assert [arrive() for _ in range(RIGHT_ONES + 1)] == [303] * RIGHT_ONES + [404]


def test_where_a_guest_wrote_it_is_asked_whose_words_these_are(
    link: str, other_reader: Browser, anna: Reader
) -> None:
    guest = Reader.objects.exclude(pk=anna.pk).get()
    tap(other_reader, link)
    assert "Was it you?" in other_reader.get(ARRIVE).content.decode()
    assert reader_at(other_reader) == guest
    form = Fields(other_reader.get(ARRIVE).content.decode()).values
    other_reader.post(ARRIVE, form | {"whose": "mine"})
    other_reader.get(ARRIVE, follow=True)
    assert reader_at(other_reader) == anna


def test_on_the_device_that_made_it_nothing_is_used_up(
    reader: Browser, link: str, stranger: Browser
) -> None:
    assert goes_to(reader.get(link)) == PAGE
    assert goes_to(reader.post(link, {"form": "x"})) == "/journal/"
    assert goes_to(tap(stranger, link)) == ARRIVE


def test_another_site_opens_none(link: str, stranger: Browser) -> None:
    refused = stranger.post(link, {"form": "x"}, headers={"origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert DeviceLink.objects.get().used_at is None


def test_a_preset_session_is_worth_nothing(link: str, stranger: Browser) -> None:
    stranger.cookies["session"] = "preset0000000000000000000000000a"
    tap(stranger, link)
    assert "preset" not in stranger.cookies["session"].value


def test_the_new_key_is_like_every_other(link: str, stranger: Browser) -> None:
    tap(stranger, link)
    cookie = stranger.get(ARRIVE).cookies["reader"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert DeviceToken.objects.filter(digest=token_digest(cookie.value)).count() == 1


# What ends it


def test_signing_the_others_out_ends_it(reader: Browser, link: str, stranger: Browser) -> None:
    reader.post("/account/other-browsers/")
    assert tap(stranger, link).status_code == 404


def test_signing_the_others_out_ends_an_arrival_that_was_begun(
    reader: Browser, link: str, stranger: Browser
) -> None:
    tap(stranger, link)
    reader.post("/account/other-browsers/")
    stranger.get(ARRIVE)
    assert reader_at(stranger) is None


def test_it_goes_with_its_reader(link: str, stranger: Browser, anna: Reader) -> None:
    begun_anew = erase_words(anna)
    assert stranger.get(link).status_code == 404
    assert not DeviceLink.objects.exists()
    make_link(begun_anew)
    begun_anew.delete()
    assert not DeviceLink.objects.exists()


def test_what_the_pages_ask(
    reader: Browser, link: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # who asks, and their link
        reader.get(PAGE, headers=IN_PLACE)
