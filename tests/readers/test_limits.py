"""Who is counted, and where limits stand (S7): one sender is one, however they say who they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from devotional.groups.feeds import renew_feed
from devotional.groups.joining_views import GUESSES
from devotional.groups.models import Membership
from devotional.journal import views as journal
from devotional.readers.limits import client_address, may_try
from devotional.readers.models import Attempts
from harness.actors import Browser
from tests.groups.factories import found


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen", "counted"),
    [
        (0, "", "192.0.2.1", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1", "192.0.2.1"),  # nobody is asked to say so
        (1, "198.51.100.9", "127.0.0.1", "198.51.100.9"),
        (1, "203.0.113.1, 198.51.100.9", "127.0.0.1", "198.51.100.9"),  # forged, then seen
        (1, "", "192.0.2.1", "192.0.2.1"),
        (2, "203.0.113.1, 198.51.100.9, 10.0.0.1", "10.0.0.2", "198.51.100.9"),
        (2, "198.51.100.9", "10.0.0.2", "10.0.0.2"),
        (1, "2001:db8:1:2:3:4:5:6", "::1", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2:ffff::1", "::1", "2001:db8:1:2::/64"),
        (0, "", "::ffff:192.0.2.1", "192.0.2.1"),
        (0, "", "fe80::1%eth0", "fe80::/64"),
        (0, "", "", ""),
    ],
)
def test_an_address_is_what_the_last_trusted_proxy_saw(
    proxies: int, forwarded: str, seen: str, counted: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=seen)
    assert client_address(request) == counted


def test_unknown_calendars_are_limited_and_good_ones_are_not(leader: Browser) -> None:
    found(leader)
    good = f"/calendar/{renew_feed(Membership.objects.get()).text}.ics"
    statuses = [Client().get(f"/calendar/{n:022}.ics").status_code for n in range(GUESSES + 2)]
    assert statuses == [404] * GUESSES + [429, 429]
    late = Client().get("/calendar/x.ics")
    assert (late["Retry-After"], late["Content-Type"]) == ("600", "text/plain; charset=utf-8")
    assert Client().get(good).status_code == 200
    # Another network has tried nothing yet.
    assert Client(REMOTE_ADDR="192.0.2.1").get("/calendar/x.ics").status_code == 404


def test_searches_are_limited_for_each_reader(
    reader: Browser, other_reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SEARCHES", 3)

    def look(browser: Browser) -> Any:
        return browser.post(
            "/journal/search/", browser.fields("/journal/search/") | {"words": "canary"}
        )

    assert [look(reader).status_code for _ in range(4)] == [200, 200, 200, 429]
    late = look(reader)
    assert late["Retry-After"] == "300"
    assert b"canary" in late.content  # what was looked for stays in its box
    assert look(other_reader).status_code == 200
    assert {len(row.key) for row in Attempts.objects.all()} == {64}


@pytest.mark.django_db
def test_a_count_begun_under_a_wrong_clock_does_not_last_until_then() -> None:
    day = timedelta(days=1)
    assert may_try("try", "someone", times=1, within=day)
    Attempts.objects.update(until=timezone.now() + timedelta(days=400))
    assert may_try("try", "someone", times=1, within=day)
    assert not may_try("try", "someone", times=1, within=day)


@pytest.mark.django_db
def test_a_count_begun_a_moment_later_by_another_process_is_the_same() -> None:
    """Each process looks at the clock before it waits for the other's transaction."""
    hour = timedelta(hours=1)
    assert may_try("try", "someone", times=2, within=hour)
    Attempts.objects.update(until=timezone.now() + hour + timedelta(seconds=5))
    assert may_try("try", "someone", times=2, within=hour)
    assert not may_try("try", "someone", times=2, within=hour)


@pytest.mark.django_db
def test_more_than_one_may_be_counted_at_once() -> None:
    hour = timedelta(hours=1)
    assert may_try("bytes", "someone", times=10, within=hour, amount=7)
    assert not may_try("bytes", "someone", times=10, within=hour, amount=4)
    assert may_try("bytes", "someone", times=10, within=hour, amount=3)
    assert not may_try("more than ever", "someone", times=10, within=hour, amount=11)
