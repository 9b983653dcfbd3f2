"""Whether one's words would find one again: the calm line, the page of ways, other browsers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.readers.models import Account, DeviceToken, Reader, ReturnCode
from devotional.readers.return_codes import make_code, plain, reader_of
from harness.actors import Browser
from tests.readers.test_return_codes import code_in, enter

KEEP = "/account/"
PANEL = "/reflect/on-doors/opening/panel/"
LINE = "Only this browser can open what you wrote."
IN_APP = "You’re inside another app, which may lose track of you."
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
INSIDE = {
    "instagram": "Mozilla/5.0 (iPhone; …) AppleWebKit/605.1.15 Mobile/15E148 Instagram 330.0.3",
    "facebook": "Mozilla/5.0 (iPhone; …) Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]",
    "messenger": "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile [FB_IAB/Orca;FBAV/450.0;]",
    "whatsapp": "Mozilla/5.0 (iPhone; …) Mobile/15E148 WhatsApp/2.24",
    "line": "Mozilla/5.0 (iPhone; …) Mobile/15E148 Safari Line/14.2.0",
    "tiktok": "Mozilla/5.0 (iPhone; …) Mobile/15E148 musical_ly_34.0 BytedanceWebview/d8a21c6",
    "wechat": "Mozilla/5.0 (iPhone; …) Mobile/15E148 MicroMessenger/8.0.49",
    "webview": "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/X; wv) AppleWebKit Chrome/126.0",
}


def panel(browser: Browser, agent: str = SAFARI) -> str:
    shown = browser.get(PANEL, headers={"user-agent": agent})
    assert shown.status_code == 200
    return str(shown.content.decode())


# The calm line


def test_nobody_is_told_before_there_is_anything_to_keep(guest: Browser) -> None:
    assert LINE not in panel(guest)


def test_the_first_save_brings_it_by_its_receipt(guest: Browser) -> None:
    receipt = guest.write("opening", before="Hello.").content.decode()
    assert receipt.count(LINE) == 1
    assert f'{LINE} <a href="/account/">Get a return code</a>' in receipt
    assert "<textarea" not in receipt


def test_the_first_save_without_a_script_brings_it_with_the_page(guest: Browser) -> None:
    guest.write("opening", htmx=False, before="Hello.")
    assert LINE in guest.get("/reflect/on-doors/opening/").content.decode()


def test_receipts_after_that_leave_it_alone(reader: Browser) -> None:
    saved = reader.write("opening", before="More.")
    assert saved.status_code == 200
    assert LINE not in saved.content.decode()
    assert LINE in panel(reader)


def test_a_return_code_takes_it_away(reader: Browser) -> None:
    assert LINE in panel(reader)
    make_code(Reader.objects.get())
    assert LINE not in panel(reader)


def test_an_account_takes_it_away(reader: Browser) -> None:
    assert LINE in panel(reader)
    Account.objects.create(name="anna", reader=Reader.objects.get())
    assert LINE not in panel(reader)


@pytest.mark.parametrize("agent", INSIDE.values(), ids=INSIDE)
def test_inside_another_app_it_says_more(agent: str, reader: Browser) -> None:
    assert IN_APP in panel(reader, agent)
    assert LINE not in panel(reader, agent)
    assert (
        "You’re reading inside another app"
        in reader.get(KEEP, headers={"user-agent": agent}).content.decode()
    )


@pytest.mark.parametrize("agent", INSIDE.values(), ids=INSIDE)
def test_public_pages_are_the_same_inside_another_app(agent: str, guest: Browser) -> None:
    path = "/read/on-doors/opening/"
    plainly = guest.get(path)
    inside = guest.get(path, headers={"user-agent": agent})
    assert plainly.content == inside.content
    assert plainly["Vary"] == inside["Vary"] == "Accept-Encoding"


def test_it_costs_no_query(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    panel(reader)
    with django_assert_num_queries(4):
        panel(reader)
    Account.objects.create(name="anna", reader=Reader.objects.get())
    with django_assert_num_queries(4):
        panel(reader)


# Who is writing


def header(browser: Browser) -> str:
    shown = browser.get("/readings/")
    assert shown.status_code == 200
    html = shown.content.decode()
    return " ".join(html.split('<nav class="yours"')[1].split("</nav>")[0].split())


def test_a_guest_is_called_so(reader: Browser) -> None:
    assert "Writing as a guest on this browser" in header(reader)
    assert '<button class="plain">Not you?</button>' in header(reader)


def test_who_has_a_return_code_is_not_of_one_browser_only(reader: Browser) -> None:
    ReturnCode.objects.create(reader=Reader.objects.get(), digest="d", made_at=timezone.now())
    assert "Writing as a guest (with a return code)" in header(reader)


@pytest.mark.parametrize(
    ("fields", "called"),
    [
        ({"email": "anna@example.org"}, "anna@example.org"),
        ({"name": "Anna <b>"}, "Anna &lt;b&gt;"),
    ],
)
def test_an_account_is_called_by_its_name(
    fields: dict[str, str], called: str, reader: Browser
) -> None:
    Account.objects.create(reader=Reader.objects.get(), **fields)
    assert f"Writing as <bdi>{called}</bdi>" in header(reader)


def test_an_account_without_a_name_is_called_by_its_way_in(reader: Browser) -> None:
    Account.objects.create(reader=Reader.objects.get())
    assert "Signed in with your passkey" in header(reader)


def test_nobody_is_not_asked_for(
    stranger: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        html = header(stranger)
    assert "Writing as" not in html
    assert "Been here before?" in html


def test_another_readers_name_is_not_shown(reader: Browser, other_reader: Browser) -> None:
    first = Reader.objects.order_by("made_at").first()
    Account.objects.create(reader=first, email="anna@example.org")
    assert "anna@example.org" in header(reader)
    assert "Writing as a guest on this browser" in header(other_reader)
    assert "anna@example.org" not in header(other_reader)


# The page of ways


def page(browser: Browser) -> str:
    shown = browser.get(KEEP)
    assert shown.status_code == 200
    return str(shown.content.decode())


def test_without_a_way_it_says_so(reader: Browser) -> None:
    assert "Right now, only this browser knows you." in page(reader)


def test_a_code_is_shown_by_its_day(reader: Browser) -> None:
    make_code(Reader.objects.get())
    html = page(reader)
    assert "Right now, only this browser knows you." not in html
    assert "It works in any browser, as long as you visit at least once a year." in html
    assert "Make a new code (the old one stops working)" in html


def test_nobody_may_enter_a_code_or_read_on(
    stranger: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = stranger.get(KEEP)
    html = answer.content.decode()
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store, private"
    assert 'action="/account/return/"' in html
    assert 'href="/account/sign-in/"' in html
    assert "Open on another device" in html
    assert '<a class="button quiet" href="/">Read on</a>' in html


def test_its_queries_do_not_grow(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page(reader)
    one = Reader.objects.get()
    for number in (1, 3):
        DeviceToken.objects.create(reader=one, digest=f"{number}")
        with django_assert_num_queries(2):
            page(reader)


def test_the_other_browsers_are_counted_and_signed_out(
    reader: Browser, other_reader: Browser, new_browser: Callable[[], Browser]
) -> None:
    one = Reader.objects.order_by("made_at")[0]
    laptop = arrive_by_code(new_browser(), one)
    assert "In this browser and 1 other." in page(reader)
    answer = reader.post("/account/other-browsers/", reader.fields(KEEP))
    assert (answer.status_code, answer["Location"]) == (303, "/account/#only-here")
    assert "Only in this browser." in page(reader)
    assert laptop.texts()["before"] == ""
    assert reader.texts()["before"] == "The canary of the first reader."
    assert other_reader.texts()["before"] == "Words of the other reader."


def test_who_is_half_way_in_is_signed_out_too(
    reader: Browser, new_browser: Callable[[], Browser]
) -> None:
    """A code was typed elsewhere and its page left standing: it would open for an hour more."""
    code = make_code(Reader.objects.get())
    assert code
    thief = new_browser()
    enter(thief, code)
    reader.post("/account/other-browsers/", reader.fields(KEEP))
    answer = thief.get("/account/arrive/")
    assert (answer.status_code, answer["Location"]) == (303, KEEP)
    assert DeviceToken.objects.count() == 1


def arrive_by_code(browser: Browser, reader: Reader) -> Browser:
    code = make_code(reader)
    assert code
    enter(browser, code)
    browser.get("/account/arrive/", follow=True)
    return browser


def test_nobody_signs_anyone_out(reader: Browser, other_reader: Browser, stranger: Browser) -> None:
    """Whoever asks, the browsers that are signed out are the asking reader's own."""
    DeviceToken.objects.create(reader=Reader.objects.order_by("made_at")[0], digest="laptop")
    for browser, place in ((stranger, KEEP), (other_reader, f"{KEEP}#only-here")):
        sent = {} if browser is stranger else browser.fields(KEEP)
        led_on = browser.post("/account/other-browsers/", sent)
        assert (led_on.status_code, led_on["Location"]) == (303, place)
        assert DeviceToken.objects.count() == 3
    assert reader.post("/account/other-browsers/", reader.fields(KEEP)).status_code == 303
    assert DeviceToken.objects.count() == 2
    assert reader.texts()["before"] == "The canary of the first reader."


def test_another_site_signs_no_browser_out(reader: Browser) -> None:
    DeviceToken.objects.create(reader=Reader.objects.get(), digest="laptop")
    form = reader.fields(KEEP)
    elsewhere = {"origin": "https://elsewhere.example"}
    refused = reader.post("/account/other-browsers/", form, headers=elsewhere)
    assert refused.status_code == 403
    assert DeviceToken.objects.count() == 2
    assert reader.post("/account/other-browsers/", form).status_code == 303
    assert DeviceToken.objects.count() == 1


# From guest to a second browser


def test_from_an_app_to_the_phones_browser(guest: Browser, new_browser: Callable[[], Any]) -> None:
    """Written inside another app, a code made there, everything there in the real browser."""
    app = {"user-agent": INSIDE["whatsapp"]}
    guest.write("opening", before="In the app.", closed="Two.")
    fields = guest.fields(KEEP)
    made = guest.post("/account/return-code/", fields, headers=app)
    assert "You’re reading inside another app" in made.content.decode()
    code = code_in(made)
    assert reader_of(plain(code)) is not None
    safari = new_browser()
    enter(safari, code)
    safari.get("/account/arrive/", follow=True)
    assert safari.texts() == {"before": "In the app.", "closed": "Two."}
    assert guest.texts() == safari.texts()
