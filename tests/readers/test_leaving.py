"""*Not me*: this browser forgets, others go on, and no word is left without a way back (K5)."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from devotional.readers.models import Account, DeviceToken, Reader
from devotional.readers.return_codes import make_code
from devotional.reflections.models import Reflection
from harness.actors import Browser

OUT = "/account/sign-out/"


def not_me(browser: Browser, **change: str) -> Any:
    return browser.post(OUT, browser.fields("/readings/") | change)


@pytest.fixture
def kept(reader: Browser) -> Browser:
    """Someone who wrote and has a return code."""
    make_code(Reader.objects.get())
    return reader


def test_signing_out_ends_this_browser_alone(kept: Browser, other_reader: Browser) -> None:
    answer = not_me(kept)
    assert (answer.status_code, answer["Location"]) == (303, "/account/signed-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert answer["Cache-Control"] == "no-store, private"
    for name in ("reader", "session", "csrftoken"):
        assert answer.cookies[name]["max-age"] == 0, name
        assert answer.cookies[name]["path"] == "/"
    assert DeviceToken.objects.count() == 1
    assert kept.texts()["before"] == ""
    assert other_reader.texts()["before"] == "Words of the other reader."


def test_an_old_cookie_opens_nothing_any_more(kept: Browser) -> None:
    token = kept.cookies["reader"].value
    not_me(kept)
    kept.cookies["reader"] = token
    assert kept.texts()["before"] == ""


def test_words_without_a_way_back_are_spoken_of_first(reader: Browser) -> None:
    warned = not_me(reader)
    assert warned.status_code == 200
    assert "You couldn’t get back to what you wrote" in warned.content.decode()
    assert "Clear-Site-Data" not in warned
    assert reader.texts()["before"] == "The canary of the first reader."
    assert not_me(reader, sure="yes")["Location"] == "/account/signed-out/"
    assert DeviceToken.objects.count() == 0


def test_an_account_is_a_way_back(reader: Browser) -> None:
    Account.objects.create(name="anna", reader=Reader.objects.get())
    assert not_me(reader)["Location"] == "/account/signed-out/"


def test_without_words_there_is_nothing_to_speak_of(reader: Browser) -> None:
    Reflection.objects.all().delete()
    assert not_me(reader)["Location"] == "/account/signed-out/"


def test_twice_is_as_once(kept: Browser) -> None:
    fields = kept.fields("/readings/")
    kept.post(OUT, fields)
    assert kept.post(OUT, fields)["Location"] == "/account/signed-out/"


def test_another_site_signs_nobody_out(kept: Browser) -> None:
    fields = kept.fields("/readings/")
    refused = kept.post(OUT, fields, headers={"origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert DeviceToken.objects.count() == 1


def test_a_visit_signs_nobody_out(kept: Browser) -> None:
    assert kept.get(OUT).status_code == 405
    assert kept.get("/account/signed-out/")["Location"] == "/account/"
    assert DeviceToken.objects.count() == 1


def test_the_last_page_is_nobodys(
    stranger: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        page = stranger.get("/account/signed-out/")
    assert page.status_code == 200
    assert not page.cookies
    assert "You’re signed out" in page.content.decode()


def test_who_is_here(reader: Browser, other_reader: Browser, stranger: Browser) -> None:
    marks = [browser.get("/account/who/").content for browser in (reader, other_reader, stranger)]
    assert marks[0] == reader.fields("/reflect/on-doors/opening/panel/")["writer"].encode()
    assert marks[0] != marks[1]
    assert marks[2] == b""
