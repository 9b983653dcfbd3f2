"""Consent: shown as it reads today, with its day, and withdrawable (W3 and the law behind it)."""

import re
from datetime import timedelta

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.readers.consent import consent_sentence, consent_version
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection
from harness.actors import Browser
from tests.reflections.helpers import plain, the_reader

PAGE = "/consent/"
PANEL = "/reflect/on-doors/opening/panel/"
OLDER = "an older sentence"


def test_the_sentence_says_what_is_true_now() -> None:
    assert consent_sentence() == (
        "I agree that this site stores what I write, which may reveal my religious beliefs. It is "
        "encrypted, but whoever runs the site could technically read it. I can download or delete "
        "all of it at any time."
    )


def test_a_reader_sees_what_they_agreed_to_and_when(reader: Browser) -> None:
    Reader.objects.update(consented_at=timezone.now().replace(year=2025, month=3, day=4))
    html = reader.get(PAGE).content.decode()
    said = plain(html)
    assert "What you agreed to" in said
    assert consent_sentence() in said
    assert "You agreed on 4 March 2025." in said
    assert "withdrawing means erasing" in said
    assert re.findall(r'href="(/erase/.*?)"', html) == ["/erase/reader/"]
    assert "canary" not in html


def test_who_has_agreed_to_nothing_is_told_so(
    stranger: Browser, reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        page = stranger.get(PAGE)
    assert (page.status_code, len(page.cookies)) == (200, 0)
    assert page["Cache-Control"] == "no-store, private"
    said = plain(page.content.decode())
    assert "You haven’t agreed to anything in this browser" in said
    assert "You agreed" not in said
    assert "Withdraw" not in said


def test_an_earlier_wording_is_named_as_one(reader: Browser) -> None:
    Reader.objects.update(consent_version=OLDER)
    said = plain(reader.get(PAGE).content.decode())
    assert "to an earlier version of this sentence" in said


def test_new_words_are_asked_once_and_nothing_is_lost(reader: Browser) -> None:
    agreed = timezone.now() - timedelta(days=200)
    Reader.objects.update(consent_version=OLDER, consented_at=agreed)
    html = reader.get(PANEL).content.decode()
    assert html.count(consent_sentence()) == 2  # under the boxes, and where one writes on paper
    assert reader.texts()["before"] == "The canary of the first reader."
    refused = reader.write("opening", before="Longer words.", change={"consent": ""})
    assert refused.status_code == 422
    assert Reflection.objects.get().text == "The canary of the first reader."

    assert reader.write("opening", before="Longer words.").status_code == 200
    assert Reflection.objects.get().text == "Longer words."
    one = the_reader()
    assert one.consent_version == consent_version()
    assert one.consented_at is not None
    assert one.consented_at > agreed
    assert consent_sentence() not in reader.get(PANEL).content.decode()


def test_who_runs_the_site_is_part_of_it(reader: Browser, settings: Settings) -> None:
    settings.SITE_OPERATOR = "Sam <at> the chapel"
    html = reader.get(PAGE).content.decode()
    assert "run by Sam &lt;at&gt; the chapel, stores what I write" in html
    assert "to an earlier version" in html
