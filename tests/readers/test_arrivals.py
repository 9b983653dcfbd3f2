"""Arriving where a guest wrote: whose words are they, and always a new key (K4)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from devotional.readers.guests import find_reader, mark_of, token_digest
from devotional.readers.models import Account, DeviceToken, Merge, Reader, ReturnCode
from devotional.readers.return_codes import (
    make_code,
    mark_of_code,
    new_code,
    plain,
    reader_of,
    standing_code,
)
from devotional.readers.signals import merging
from devotional.readers.views_arriving import FROM_ONE_ADDRESS
from devotional.reflections.models import Reflection, Revision
from harness.actors import Browser
from harness.html_forms import Fields
from tests.readers.test_return_codes import code_in, enter

ARRIVE = "/account/arrive/"
HOME = "/journal/"
BACK = f"{HOME}?back"  # it says how much is here


@pytest.fixture
def anna(reader: Browser) -> Reader:
    """Who wrote elsewhere, and has a return code."""
    return Reader.objects.get()


@pytest.fixture
def code(anna: Reader) -> str:
    code = make_code(anna)
    assert code
    return code


@pytest.fixture
def tablet(code: str, other_reader: Browser) -> Browser:
    """A browser on which a guest wrote, and where Anna has just entered her code."""
    assert enter_as(other_reader, code)["Location"] == ARRIVE
    return other_reader


def enter_as(browser: Browser, code: str) -> Any:
    return browser.post("/account/return/", browser.fields("/account/return/") | {"code": code})


def answer(browser: Browser, whose: str, **change: str) -> Any:
    page = browser.get(ARRIVE)
    return browser.post(ARRIVE, Fields(page.content.decode()).values | {"whose": whose} | change)


def reader_at(browser: Browser) -> Reader | None:
    cookie = browser.cookies.get("reader")
    return find_reader(cookie.value) if cookie else None


def go_on(browser: Browser) -> str:
    """Follow where the page leads; the address at which it ends."""
    path = browser.get(ARRIVE, follow=True).redirect_chain[-1][0]
    assert path == BACK
    return path


def the_guest(anna: Reader) -> Reader:
    return Reader.objects.exclude(pk=anna.pk).get()


# Nothing to ask


def test_on_a_new_browser_nothing_is_asked(stranger: Browser, anna: Reader, code: str) -> None:
    enter(stranger, code)
    go_on(stranger)
    assert reader_at(stranger) == anna


def test_a_renewed_code_ends_what_was_begun_with_it(tablet: Browser, anna: Reader) -> None:
    """The paper was found by somebody, who is still asked whose words these are."""
    assert make_code(anna, replaces=mark_of_code(standing_code(anna)))
    assert answer(tablet, "left")["Location"] == HOME
    assert reader_at(tablet) != anna
    assert Merge.objects.count() == 0


def test_nobody_expected_goes_to_the_ways_back(stranger: Browser) -> None:
    assert stranger.get(ARRIVE)["Location"] == "/account/"
    assert stranger.post(ARRIVE, {"whose": "mine", "writer": ""})["Location"] == "/account/"
    assert not stranger.cookies


def test_without_a_code_no_key_is_given(anna: Reader, other_reader: Browser) -> None:
    guest = the_guest(anna)
    assert other_reader.get(ARRIVE)["Location"] == HOME
    assert reader_at(other_reader) == guest


def test_a_guest_without_words_is_left(tablet: Browser, anna: Reader) -> None:
    Reflection.objects.by(the_guest(anna)).delete()
    go_on(tablet)
    assert reader_at(tablet) == anna
    assert DeviceToken.objects.exclude(reader=anna).count() == 0


def test_the_same_reader_gets_a_new_key_all_the_same(
    reader: Browser, anna: Reader, code: str
) -> None:
    before = reader.cookies["reader"].value
    enter_as(reader, code)
    go_on(reader)
    assert reader_at(reader) == anna
    assert reader.cookies["reader"].value != before
    assert find_reader(before) is None


def test_another_accounts_reader_is_switched(tablet: Browser, anna: Reader) -> None:
    guest = the_guest(anna)
    Account.objects.create(name="bert", reader=guest)
    go_on(tablet)
    assert reader_at(tablet) == anna
    assert Reflection.objects.by(guest).count() == 1
    assert DeviceToken.objects.filter(reader=guest).count() == 0


# The question


def test_it_is_asked_with_the_number(tablet: Browser, anna: Reader) -> None:
    page = tablet.get(ARRIVE)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store, private"
    html = page.content.decode()
    assert "Someone wrote 1 answer on this device. Was it you?" in html
    assert "Words of the other reader." not in html
    assert "canary" not in html
    assert reader_at(tablet) == the_guest(anna)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            1,
            "Was it you? If so, it’s added to what you’ve written elsewhere. Where you’ve answered "
            "the same question, both answers are kept. If someone else wrote it, you won’t see it, "
            "and it stays theirs. Yes, it’s mine No, someone else wrote it",
        ),
        (
            2,
            "Was it you? If so, they’re added to what you’ve written elsewhere. Where you’ve "
            "answered the same question, both answers are kept. If someone else wrote them, you "
            "won’t see them, and they stay theirs. Yes, they’re mine No, someone else wrote them",
        ),
    ],
)
def test_one_is_it_and_more_are_they(number: int, said: str, tablet: Browser) -> None:
    if number == 2:
        tablet.write("opening", closed="More.")
    html = re.sub("<[^>]+>", " ", tablet.get(ARRIVE).content.decode())
    assert said in " ".join(html.split())


def test_three_are_counted(tablet: Browser, anna: Reader) -> None:
    tablet.write("opening", closed="More.")
    tablet.write("hinges", turn="And more.")
    html = tablet.get(ARRIVE).content.decode()
    assert "Someone wrote 3 answers on this device. Was it you?" in html


def test_yes_takes_them_along(tablet: Browser, anna: Reader) -> None:
    guest = the_guest(anna)
    tablet.write("hinges", turn="And on the tablet.")
    assert answer(tablet, "mine")["Location"] == ARRIVE
    go_on(tablet)
    assert reader_at(tablet) == anna
    assert not Reader.objects.filter(pk=guest.pk).exists()
    assert Merge.objects.get().guest_id == guest.pk
    words = {reflection.text for reflection in Reflection.objects.by(anna)}
    words |= {revision.text for revision in Revision.objects.by(anna)}
    assert words == {
        "The canary of the first reader.",
        "Words of the other reader.",
        "And on the tablet.",
    }


def test_no_leaves_them_and_gives_a_code(tablet: Browser, anna: Reader) -> None:
    guest = the_guest(anna)
    page = answer(tablet, "another's")
    assert reader_of(plain(code_in(page))) == guest
    assert reader_at(tablet) == guest, "only when the code was seen does the key end"
    left = tablet.post(ARRIVE, Fields(page.content.decode()).values | {"whose": "left"})
    assert left["Location"] == ARRIVE
    go_on(tablet)
    assert reader_at(tablet) == anna
    assert Reflection.objects.by(guest).count() == 1
    assert DeviceToken.objects.filter(reader=guest).count() == 0
    assert Merge.objects.count() == 0


def test_no_does_not_end_a_code_that_they_have(tablet: Browser, anna: Reader) -> None:
    guest = the_guest(anna)
    theirs = make_code(guest)
    assert theirs
    page = answer(tablet, "another's").content.decode()
    assert "It has had a return code since" in page
    assert "data-code" not in page
    assert reader_of(plain(theirs)) == guest


def test_no_twice_offers_another_code(tablet: Browser, anna: Reader) -> None:
    """A double tap: the page that is seen is the second, and must not lack a way."""
    answer(tablet, "another's")
    second = answer(tablet, "another's")
    assert "It has had a return code since" in second.content.decode()
    third = tablet.post(ARRIVE, Fields(second.content.decode()).values | {"whose": "another's"})
    assert reader_of(plain(code_in(third))) == the_guest(anna)


def test_what_cannot_be_joined_stays(tablet: Browser, anna: Reader) -> None:
    from devotional.readers.merging import CannotMerge

    def refuse(**kwargs: Any) -> dict[str, int]:
        raise CannotMerge

    guest = the_guest(anna)
    merging.connect(refuse)
    try:
        page = answer(tablet, "mine")
    finally:
        merging.disconnect(refuse)
    assert page.status_code == 409
    assert "Nothing was moved and nothing is lost." in page.content.decode()
    assert reader_of(plain(code_in(page))) == guest
    assert Reflection.objects.by(guest).count() == 1


@pytest.mark.parametrize("whose", ["", "ours", "MINE"])
def test_a_strange_answer_asks_again(whose: str, tablet: Browser) -> None:
    assert "Was it you?" in answer(tablet, whose).content.decode()


def test_an_answer_about_somebody_else_asks_again(tablet: Browser, anna: Reader) -> None:
    page = answer(tablet, "mine", writer=mark_of(anna))
    assert page.status_code == 200
    assert Merge.objects.count() == 0


def test_another_site_answers_nothing(tablet: Browser) -> None:
    fields = tablet.fields(ARRIVE) | {"whose": "mine"}
    refused = tablet.post(ARRIVE, fields, headers={"origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert Merge.objects.count() == 0


# Safe to repeat


def test_yes_twice_is_as_once(tablet: Browser, anna: Reader) -> None:
    fields = tablet.fields(ARRIVE) | {"whose": "mine"}
    tablet.post(ARRIVE, fields)
    assert tablet.post(ARRIVE, fields)["Location"] == ARRIVE
    go_on(tablet)
    assert reader_at(tablet) == anna
    assert Merge.objects.count() == 1
    assert tablet.post(ARRIVE, fields | {"writer": ""})["Location"] == HOME


def lose[T](act: Callable[[], T], browser: Browser) -> T:
    """Do something, and lose the answer with its cookies."""
    kept = {name: morsel.value for name, morsel in browser.cookies.items()}
    done = act()
    browser.cookies.clear()
    for name, value in kept.items():
        browser.cookies[name] = value
    return done


@pytest.mark.parametrize("lost", [0, 1, 2], ids=["the merge", "the key", "the key, twice"])
def test_lost_answers_lead_on(lost: int, tablet: Browser, anna: Reader) -> None:
    lose(lambda: answer(tablet, "mine"), tablet)
    for _ in range(lost):
        lose(lambda: tablet.get(ARRIVE), tablet)
    go_on(tablet)
    assert reader_at(tablet) == anna
    assert DeviceToken.objects.filter(reader=anna).count() == 2  # where she came from, and here


# Keys, sessions and tokens


def test_a_preset_cookie_is_never_signed_in(anna: Reader, code: str, stranger: Browser) -> None:
    """Someone who set all cookies beforehand knows none of those that count afterwards."""
    stranger.cookies["reader"] = "preset" * 8
    stranger.cookies["session"] = "preset0000000000000000000000000a"
    enter(stranger, code)
    go_on(stranger)
    assert reader_at(stranger) == anna
    for name in ("reader", "session"):
        assert "preset" not in stranger.cookies[name].value
    assert find_reader("preset" * 8) is None


def test_a_preset_session_is_worth_nothing(anna: Reader, code: str, stranger: Browser) -> None:
    """A session that somebody else made, and put into this browser before the code was entered."""
    thief = Browser()
    enter(thief, code)
    preset = thief.cookies["session"].value
    stranger.cookies["session"] = preset
    enter(stranger, code)
    assert stranger.cookies["session"].value != preset
    assert not Session.objects.filter(session_key=preset).exists()
    thief.cookies["session"] = preset
    assert thief.get(ARRIVE)["Location"] == "/account/"


def test_no_session_is_left_by_a_code(anna: Reader, code: str, stranger: Browser) -> None:
    enter(stranger, code)
    go_on(stranger)
    assert Session.objects.count() == 0
    assert stranger.cookies["session"]["max-age"] == 0


def test_the_old_key_opens_nothing(tablet: Browser, anna: Reader) -> None:
    old = tablet.cookies["reader"].value
    page = answer(tablet, "another's")
    tablet.post(ARRIVE, Fields(page.content.decode()).values | {"whose": "left"})
    go_on(tablet)
    assert find_reader(old) is None


def test_the_new_cookie_is_like_every_other(stranger: Browser, anna: Reader, code: str) -> None:
    enter(stranger, code)
    cookie = stranger.get(ARRIVE).cookies["reader"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 400 * 24 * 60 * 60
    assert DeviceToken.objects.filter(digest=token_digest(cookie.value)).count() == 1


def test_who_was_merged_is_told_to_their_reader_alone(
    tablet: Browser, anna: Reader, new_browser: Callable[[], Browser]
) -> None:
    guest = mark_of(the_guest(anna))
    answer(tablet, "mine")
    go_on(tablet)
    assert tablet.get("/account/who/").content.decode() == f"{mark_of(anna)} {guest}"
    bystander = new_browser()
    bystander.write("opening", before="Hello.")
    assert guest not in bystander.get("/account/who/").content.decode()


def test_the_code_ends_with_its_guest(tablet: Browser, anna: Reader) -> None:
    theirs = make_code(the_guest(anna))
    assert theirs
    answer(tablet, "mine", code=theirs.lower())
    assert ReturnCode.objects.get().reader == anna


def test_a_guest_who_has_a_code_is_not_taken_over_without_it(
    tablet: Browser, anna: Reader, code: str, new_browser: Callable[[], Browser]
) -> None:
    """One wrong "yes" on a shared tablet would empty the phone of who wrote there (K15)."""
    guest = the_guest(anna)
    theirs = make_code(guest)
    assert theirs
    phone = new_browser()
    enter(phone, theirs)
    go_on(phone)
    for typed, said in (
        ("", "Enter the code of the person who wrote here"),
        ("ABC", "Something isn’t right"),
        (code, "This isn’t the code of the person who wrote here."),
    ):
        page = answer(tablet, "mine", code=typed)
        assert page.status_code == 422
        assert said in page.content.decode()
    assert not Merge.objects.exists()
    assert phone.texts()["before"] == "Words of the other reader."
    assert reader_at(tablet) == guest
    assert answer(tablet, "mine", code=theirs)["Location"] == ARRIVE
    assert Merge.objects.get().guest_id == guest.pk


def test_a_guest_with_another_browser_is_asked_for_a_code_too(
    tablet: Browser, anna: Reader
) -> None:
    DeviceToken.objects.create(reader=the_guest(anna), digest="of a phone")
    assert "signed in on another browser too" in tablet.get(ARRIVE).content.decode()
    assert answer(tablet, "mine").status_code == 422
    assert not Merge.objects.exists()


def test_guesses_at_a_guest_s_code_are_limited(tablet: Browser, anna: Reader) -> None:
    make_code(the_guest(anna))
    wrong = new_code()
    statuses = [answer(tablet, "mine", code=wrong).status_code for _ in range(FROM_ONE_ADDRESS + 1)]
    assert statuses == [422] * FROM_ONE_ADDRESS + [429]


def test_the_question_needs_no_script(tablet: Browser) -> None:
    html = tablet.get(ARRIVE).content.decode()
    assert re.findall(r'name="whose" value="([^"]+)"', html) == ["mine", "another's"]


def test_back_on_the_journal_one_is_told_how_much_is_here(code: str, stranger: Browser) -> None:
    enter_as(stranger, code)
    go_on(stranger)
    said = "Welcome back. 1 answer is here."
    assert said in stranger.get(BACK).content.decode()
    assert "Welcome back." not in stranger.get(HOME).content.decode()
