"""A return code catches slips, is kept only as a hash, and never ends by a form sent twice (K2)."""

import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from devotional.readers.models import Attempts, Reader, ReturnCode
from devotional.readers.return_codes import (
    ALPHABET,
    LENGTH,
    WEIGHTS,
    Slip,
    digest_of,
    grouped,
    make_code,
    new_code,
    plain,
    reader_of,
)
from devotional.readers.views_arriving import RIGHT_ONES
from harness.actors import Browser
from harness.html_forms import Fields

KEEP = "/account/"
MAKE = "/account/return-code/"
RETURN = "/account/return/"


@pytest.fixture
def code(reader: Browser) -> str:
    """A return code that the reader has just made."""
    return code_in(make(reader))


def make(browser: Browser, **change: str) -> Any:
    fields = browser.fields(KEEP)
    return browser.post(MAKE, fields | change)


def code_in(page: Any) -> str:
    shown = re.search(r"data-code>(.*?)</p>", page.content.decode())
    assert shown
    return " ".join(re.findall(r"<span>(\w{3})</span>", shown[1]))


def enter(browser: Browser, code: str) -> Any:
    return browser.post(RETURN, {"code": code, "writer": ""})


# The code itself


def test_it_is_seven_groups_of_three() -> None:
    for _ in range(100):
        assert re.fullmatch(rf"([{ALPHABET}]{{3}} ){{6}}[{ALPHABET}]{{3}}", new_code())


def test_each_place_weighs_otherwise() -> None:
    """What makes every swap show: 21 different powers, and none of them nothing."""
    assert len(set(WEIGHTS)) == LENGTH
    assert 0 not in WEIGHTS


@pytest.mark.parametrize("code", [plain(new_code()) for _ in range(5)], ids=range(5))
def test_every_wrong_character_is_a_slip(code: str) -> None:
    for place in range(LENGTH):
        for wrong in set(ALPHABET) - {code[place]}:
            with pytest.raises(Slip):
                plain(code[:place] + wrong + code[place + 1 :])


@pytest.mark.parametrize("code", [plain(new_code()) for _ in range(20)], ids=range(20))
def test_every_swap_is_a_slip(code: str) -> None:
    for one, other in combinations(range(LENGTH), 2):
        if code[one] == code[other]:
            continue
        swapped = list(code)
        swapped[one], swapped[other] = code[other], code[one]
        with pytest.raises(Slip):
            plain("".join(swapped))


@pytest.mark.parametrize("typed", ["", " ", "é" * 21, "A" * 20, "0" * 22, "U" * 21, "x" * 5000])
def test_what_is_no_code_is_a_slip(typed: str) -> None:
    with pytest.raises(Slip):
        plain(typed)


def test_case_gaps_and_look_alikes_are_forgiven() -> None:
    for _ in range(50):
        code = new_code()
        bare = code.replace(" ", "")
        for zero, one in ("OI", "oi", "0l", "OL"):
            typed = code.replace("0", zero).replace("1", one)
            assert plain(typed.lower()) == bare
            assert plain(f"\t{typed.replace(' ', '-')}\n") == bare
            assert plain(typed.replace(" ", " – ")) == bare


# Making one


def test_it_is_shown_once_and_kept_as_a_hash(reader: Browser) -> None:
    page = make(reader)
    code = code_in(page)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store, private"
    (kept,) = ReturnCode.objects.all()
    assert kept.digest == digest_of(plain(code))
    assert code not in reader.get(KEEP).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM devotional_returncode")
        assert plain(code) not in str(cursor.fetchall())


def test_the_form_sent_twice_does_not_end_the_code(reader: Browser) -> None:
    """The reply was lost or the page loaded again: what was written down goes on working."""
    fields = reader.fields(KEEP)
    code = code_in(reader.post(MAKE, fields))
    again = reader.post(MAKE, fields)
    assert again.status_code == 409
    assert "You already have a return code" in again.content.decode()
    assert reader_of(plain(code)) == Reader.objects.get()


def test_asking_anew_makes_another_and_ends_the_first(reader: Browser, code: str) -> None:
    stands = reader.post(MAKE, reader.fields(RETURN) | {"replaces": ""})
    another = code_in(reader.post(MAKE, Fields(stands.content.decode()).values))
    assert reader_of(plain(code)) is None
    assert reader_of(plain(another)) == Reader.objects.get()


def test_renewing_twice_ends_the_first_only(reader: Browser, code: str) -> None:
    fields = reader.fields(KEEP)
    another = code_in(reader.post(MAKE, fields))
    assert reader.post(MAKE, fields).status_code == 409
    assert reader_of(plain(another)) == Reader.objects.get()


STRANGE_MARKS = [
    *("x", "2026-02-30", "2026-01-01T00:00:00", "٣", "-1"),
    # Times that no other time zone has
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
]


@pytest.mark.parametrize("mark", STRANGE_MARKS)
def test_a_strange_mark_replaces_nothing(mark: str, reader: Browser, code: str) -> None:
    assert make(reader, replaces=mark).status_code == 409
    assert reader_of(plain(code)) == Reader.objects.get()


def test_a_code_of_another_is_not_replaced(
    reader: Browser, code: str, other_reader: Browser
) -> None:
    mark = ReturnCode.objects.get().made_at.isoformat()
    assert make(other_reader, replaces=mark).status_code == 409
    (kept,) = ReturnCode.objects.all()
    assert kept.digest == digest_of(plain(code))


def test_nobody_makes_none(stranger: Browser) -> None:
    answer = stranger.post(MAKE, {"replaces": ""})
    assert (answer.status_code, answer["Location"]) == (303, KEEP)
    assert ReturnCode.objects.count() == 0


def test_another_site_makes_none(reader: Browser) -> None:
    fields = reader.fields(KEEP)
    refused = reader.post(MAKE, fields, headers={"origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert ReturnCode.objects.count() == 0


# Entering one


def test_it_opens_everything_on_another_browser(
    reader: Browser, code: str, stranger: Browser
) -> None:
    answer = enter(stranger, code.lower().replace(" ", ""))
    assert (answer.status_code, answer["Location"]) == (303, "/account/arrive/")
    stranger.get("/account/arrive/", follow=True)
    assert stranger.texts()["before"] == "The canary of the first reader."


def test_wrong_unknown_and_renewed_look_the_same(
    reader: Browser, code: str, stranger: Browser
) -> None:
    make(reader)
    unknown = enter(stranger, grouped(plain(new_code())))
    renewed = enter(stranger, code)
    assert unknown.status_code == renewed.status_code == 422
    bare = [re.sub(r'value="[^"]*"', "", page.content.decode()) for page in (unknown, renewed)]
    assert bare[0] == bare[1]
    assert not stranger.cookies


def test_a_slip_is_said_and_not_counted(stranger: Browser, code: str) -> None:
    wrong = ("0" if code[0] != "0" else "2") + code[1:]
    before = Attempts.objects.count()  # that a reader was made, whose code it is
    for _ in range(30):
        answer = enter(stranger, wrong)
        assert answer.status_code == 422
        assert "Something isn’t right" in answer.content.decode()
    assert Attempts.objects.count() == before


def test_what_was_typed_stays(stranger: Browser) -> None:
    page = enter(stranger, "7QK <b>").content.decode()
    assert 'value="7QK &lt;b&gt;"' in page


def test_wrong_codes_are_limited_and_right_ones_are_not(
    reader: Browser, code: str, stranger: Browser
) -> None:
    tried = [enter(stranger, new_code()).status_code for _ in range(22)]
    assert tried == [422] * 20 + [429] * 2
    assert enter(stranger, code)["Location"] == "/account/arrive/"


def test_right_codes_are_counted_for_their_reader(
    reader: Browser, code: str, new_browser: Callable[[], Browser]
) -> None:
    """Each makes a session and a key; and another code goes on working."""
    tried = [enter(new_browser(), code).status_code for _ in range(RIGHT_ONES + 1)]
    assert tried == [303] * RIGHT_ONES + [429]
    late = enter(new_browser(), code)
    assert late["Retry-After"] == "600"
    assert "entered too many times just now" in late.content.decode()
    other = new_browser()
    other.write("opening", before="Words of another.")
    theirs = make_code(Reader.objects.latest("made_at"))
    assert theirs
    assert enter(new_browser(), theirs).status_code == 303
    elsewhere = new_browser()
    answer = elsewhere.post(RETURN, {"code": code, "writer": ""}, REMOTE_ADDR="192.0.2.1")
    assert answer.status_code == 303


def test_wrong_codes_from_everywhere_are_limited(stranger: Browser) -> None:
    for number in range(200):
        address = f"10.0.{number // 10}.1"
        answer = stranger.post(RETURN, {"code": new_code(), "writer": ""}, REMOTE_ADDR=address)
        assert answer.status_code == 422
    answer = stranger.post(RETURN, {"code": new_code(), "writer": ""}, REMOTE_ADDR="10.9.9.9")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "600"


def test_another_site_enters_none(code: str, stranger: Browser) -> None:
    refused = stranger.post(
        RETURN, {"code": code, "writer": ""}, headers={"origin": "https://elsewhere.example"}
    )
    assert refused.status_code == 403
    assert not stranger.cookies


def test_a_code_goes_with_its_reader(reader: Browser, code: str) -> None:
    Reader.objects.all().delete()
    assert reader_of(plain(code)) is None


def test_two_at_once_make_one(reader: Browser) -> None:
    one = Reader.objects.get()
    first = make_code(one)
    assert first
    assert make_code(one) is None
    assert ReturnCode.objects.get().made_at <= timezone.now()
