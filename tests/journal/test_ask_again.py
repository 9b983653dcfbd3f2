"""A calendar file that rings once, names nothing and needs nobody (K9)."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from icalendar import Calendar
from pytest_django import Settings

from devotional.journal.ask_again import Interval, calendar_of, entry_id, months_after
from harness.actors import Browser
from harness.databases import kept_rows

PAGE = "/hinges/ask-again/on-doors/hinges/"


def file(browser: Browser, query: str) -> bytes:
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'inline; filename="come-back.ics"'
    return bytes(answer.content)


def event_in(entry: bytes) -> Any:
    return Calendar.from_ical(entry).walk("VEVENT")[0]


def event(browser: Browser, query: str) -> Any:
    return event_in(file(browser, query))


def test_anyone_may_have_it(guest: Browser) -> None:
    file(guest, "?after=week")
    assert guest.cookies == {}


def test_nothing_of_it_is_stored(reader: Browser) -> None:
    reader.get(PAGE)  # the day of the visit is noted once
    before = kept_rows(connection)
    file(reader, "?after=month")
    assert kept_rows(connection) == before


def test_what_the_entry_says(guest: Browser, settings: Settings) -> None:
    settings.SITE_URL = "https://read.example"
    entry = event(guest, "?after=month")
    assert str(entry["summary"]) == "Time to come back"
    link = "https://read.example/read/on-doors/hinges/"
    assert str(entry["description"]) == f"You asked for a reminder to come back.\n\n{link}"
    assert str(entry["url"]) == link
    assert (str(entry["class"]), str(entry["transp"])) == ("PRIVATE", "TRANSPARENT")
    assert abs(entry["dtstamp"].dt - timezone.now()) < timedelta(minutes=5)


def test_no_title_of_a_text_is_in_what_a_lock_screen_shows(guest: Browser) -> None:
    lines = file(guest, "?after=month").decode().split("\r\n")
    shown = [line for line in lines if line.startswith(("SUMMARY", "LOCATION", "CATEGORIES"))]
    assert shown == ["SUMMARY:Time to come back"]
    alarm: Any = Calendar.from_ical(file(guest, "?after=month")).walk("VALARM")[0]
    assert (str(alarm["action"]), str(alarm["description"])) == ("DISPLAY", "Time to come back")
    assert alarm["trigger"].dt == timedelta(0)


def test_it_rings_at_eight_wherever_the_phone_is(guest: Browser) -> None:
    start = event(guest, f"?after=week&today={timezone.localdate()}")["dtstart"]
    assert start.dt == datetime.combine(  # no zone is the point
        timezone.localdate() + timedelta(days=7), datetime.min.time().replace(hour=8)
    )
    assert start.dt.tzinfo is None
    assert "TZID" not in start.params
    assert re.search(rb"\r\nDTSTART:\d{8}T080000\r\n", file(guest, "?after=week"))


@pytest.mark.parametrize("away", [-1, 0, 1])
def test_the_day_is_the_visitors(guest: Browser, away: int) -> None:
    today = timezone.localdate() + timedelta(days=away)
    start = event(guest, f"?after=week&today={today}")["dtstart"].dt
    assert start.date() == today + timedelta(days=7)


@pytest.mark.parametrize("today", ["", "x", "2026-13-01", "0001-01-01", "9999-12-31", "1999-01-31"])
def test_a_day_that_can_not_be_true_gives_way_to_ours(guest: Browser, today: str) -> None:
    start = event(guest, f"?after=week&today={today}")["dtstart"].dt
    assert start.date() == timezone.localdate() + timedelta(days=7)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 24), 3, date(2027, 2, 24)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_end_where_they_end(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


def test_intervals() -> None:
    day = date(2026, 11, 24)
    assert [each.after(day) for each in Interval] == [
        date(2026, 12, 1),
        date(2026, 12, 24),
        date(2027, 2, 24),
    ]


def test_two_taps_are_one_entry_and_other_wishes_are_others(guest: Browser) -> None:
    def uid(query: str) -> str:
        return str(event(guest, query)["uid"])

    assert uid("?after=week") == uid("?after=week")
    tomorrow = timezone.localdate() + timedelta(days=1)
    queries = ["?after=week", "?after=month", f"?after=week&today={tomorrow}"]
    assert len({uid(query) for query in queries}) == 3
    other = event_in(
        guest.get(PAGE.replace("doors/hinges", "doors/opening") + "?after=week").content
    )
    assert str(other["uid"]) != uid("?after=week")


def test_the_id_never_changes() -> None:
    known = entry_id("on-doors", "hinges", Interval.MONTH, date(2026, 11, 24))
    assert known == "aa15062e-0008-5013-b105-c7951313bc7b@devotional"


@pytest.mark.parametrize(
    "query", ["?after=", "?after=year", "?after=week%00", f"?after={'x' * 5000}"]
)
def test_other_intervals_are_nothing(guest: Browser, query: str) -> None:
    assert guest.get(PAGE + query).status_code == 404


def test_a_section_that_is_not_there(guest: Browser) -> None:
    for path in ("on-doors/nowhere", "nothing/hinges"):
        assert guest.get(f"/hinges/ask-again/{path}/?after=week").status_code == 404
        assert guest.get(f"/hinges/ask-again/{path}/").status_code == 404
    assert guest.post(f"{PAGE}?after=week").status_code == 405


def test_long_and_odd_words_come_back_from_the_file() -> None:
    title = "Zeit; wieder, zurück\\zu kommen 👩‍👩‍👧‍👦 " + "שלום " * 40
    link = f"https://read.example/{'a' * 300}/"
    entry = calendar_of(
        uid="1@x",
        day=date(2026, 11, 24),
        title=title.strip(),
        says="One;\ntwo, and “three”.",
        link=link,
        made_at=timezone.now(),
    )
    lines = entry.split(b"\r\n")
    assert max(map(len, lines)) <= 75  # octets (RFC 5545, 3.1)
    assert b"\n" not in b"".join(lines)
    back = event_in(entry)
    assert str(back["summary"]) == title.strip()
    assert str(back["description"]) == f"One;\ntwo, and “three”.\n\n{link}"


def test_the_page_offers_it(reader: Browser) -> None:
    links = [f"{PAGE}?after={after}" for after in ("week", "month", "three-months")]
    html = reader.get(PAGE).content.decode()
    assert re.findall(r'href="(/hinges/ask-again/[^"]+)"', html) == links
    for link in links:
        assert reader.get(link).status_code == 200
    assert "We don’t keep a record of it." in reader.get(PAGE).content.decode()
