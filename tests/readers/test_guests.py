"""A guest is made at the first agreed save, known by a cookie, and by nothing else (K1, W3)."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone
from pytest_django import Settings

from devotional.readers.consent import consent_sentence, consent_version
from devotional.readers.guests import give_token, token_digest
from devotional.readers.models import DeviceToken, Reader
from harness.actors import Browser
from harness.html_forms import Fields

PANEL = "/reflect/on-doors/opening/panel/"


@pytest.mark.parametrize(
    "path", ["/", "/read/on-doors/opening/", PANEL, "/reflect/on-doors/opening/", "/nowhere/"]
)
def test_a_visit_sets_no_cookie_and_makes_no_reader(path: str, guest: Browser) -> None:
    page = guest.get(path)
    assert not page.cookies
    assert Reader.objects.count() == 0


def test_the_first_agreed_save_makes_the_reader(guest: Browser) -> None:
    before = timezone.now()
    saved = guest.write("opening", before="Hello.")
    assert saved.status_code == 200
    (one,) = Reader.objects.all()
    assert one.consent_version == consent_version()
    assert one.consented_at is not None
    assert before <= one.consented_at <= timezone.now()


def test_the_cookie_is_long_closed_and_kept_only_as_a_hash(
    guest: Browser, settings: Settings
) -> None:
    cookie = guest.write("opening", before="Hello.").cookies[settings.READER_COOKIE_NAME]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 400 * 24 * 60 * 60
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert len(cookie.value) == 43  # 256 bits in base64
    (token,) = DeviceToken.objects.all()
    assert token.digest == sha256(cookie.value.encode()).hexdigest()


def test_over_https_the_cookie_is_secure(guest: Browser, settings: Settings) -> None:
    settings.SECURE_COOKIES = True
    settings.READER_COOKIE_NAME = "__Host-reader"
    cookie = guest.write("opening", before="Hello.").cookies["__Host-reader"]
    assert cookie["secure"] is True


def test_without_agreeing_nothing_is_kept(guest: Browser) -> None:
    refused = guest.write("opening", before="Not yet.", change={"consent": ""})
    assert refused.status_code == 422
    assert not refused.cookies
    assert Reader.objects.count() == 0
    assert "please read and agree to the sentence below" in refused.content.decode()


def test_without_agreeing_the_words_stay_in_the_box(guest: Browser) -> None:
    refused = guest.write("opening", before=" Not\nyet. ", change={"consent": ""}, htmx=False)
    assert refused.status_code == 422
    assert Fields(refused.content.decode()).values["text-before"] == " Not\nyet. "


def test_the_sentence_names_who_runs_the_site(guest: Browser, settings: Settings) -> None:
    settings.SITE_OPERATOR = "Sam <at> the chapel"
    settings.SITE_CONTACT = "sam@example.org"
    html = guest.get(PANEL).content.decode()
    assert "run by Sam &lt;at&gt; the chapel (sam@example.org), stores what I write" in html


def test_new_words_of_consent_are_asked_again(reader: Browser, settings: Settings) -> None:
    agreed = Reader.objects.get().consent_version
    settings.SITE_OPERATOR = "Somebody else"
    assert consent_sentence() in reader.get(PANEL).content.decode()
    assert reader.write("opening", before="More.", change={"consent": ""}).status_code == 422
    assert reader.write("opening", before="More.").status_code == 200
    assert Reader.objects.get().consent_version == consent_version() != agreed


def test_an_agreed_reader_is_not_asked_again(reader: Browser) -> None:
    html = reader.get(PANEL).content.decode()
    assert consent_sentence() not in html
    [act] = re.findall(r'<p class="act by-hand"><button[^>]*id="save"[^>]*>(.*?)</button>', html)
    assert act == "Save"


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "0" * 43])
def test_a_wrong_cookie_is_nobody(token: str, reader: Browser, settings: Settings) -> None:
    right = reader.cookies[settings.READER_COOKIE_NAME].value
    reader.cookies[settings.READER_COOKIE_NAME] = token
    assert reader.texts() == {"before": "", "closed": ""}
    reader.cookies[settings.READER_COOKIE_NAME] = right
    assert reader.texts()["before"] == "The canary of the first reader."


def test_a_visit_on_another_day_renews_the_cookie(reader: Browser, settings: Settings) -> None:
    assert not reader.get(PANEL).cookies.get(settings.READER_COOKIE_NAME)
    today = timezone.now().date()
    Reader.objects.update(seen_on=today - timedelta(days=3))
    renewed = reader.get(PANEL).cookies[settings.READER_COOKIE_NAME]
    assert renewed["max-age"] == 400 * 24 * 60 * 60
    assert Reader.objects.get().seen_on == today


@pytest.mark.parametrize(("days", "status"), [(400, 200), (401, 401)])
def test_a_key_ends_with_its_cookie(
    days: int, status: int, reader: Browser, settings: Settings
) -> None:
    """A browser keeps it no longer, so whoever shows a key that old is none of the reader's."""
    sent = reader.fields(PANEL) | {"text-before": "Later words."}
    then = timezone.now().date() - timedelta(days=days)
    DeviceToken.objects.update(used_on=then)
    Reader.objects.update(seen_on=then)
    assert reader.send("/reflect/on-doors/opening/", sent).status_code == status
    shown = reader.texts()["before"]
    assert shown == ("Later words." if status == 200 else "")


def test_each_browser_s_key_is_renewed_by_its_own_visits(
    reader: Browser, settings: Settings
) -> None:
    """Also on a day when another browser of the same reader was first."""
    today = timezone.now().date()
    other = give_token(Reader.objects.get())
    DeviceToken.objects.update(used_on=today - timedelta(days=3))
    assert Reader.objects.get().seen_on == today
    assert reader.get(PANEL).cookies[settings.READER_COOKIE_NAME]["max-age"] == 400 * 24 * 60 * 60
    assert not reader.get(PANEL).cookies.get(settings.READER_COOKIE_NAME)
    days = dict(DeviceToken.objects.values_list("digest", "used_on"))
    assert days.pop(token_digest(other)) == today - timedelta(days=3)
    assert set(days.values()) == {today}


def test_nothing_says_who_a_reader_is(reader: Browser) -> None:
    (one,) = Reader.objects.all()
    assert str(one) == f"reader {one.id}"
