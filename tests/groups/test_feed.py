"""A member's own calendar: made by a POST, fetched by whoever has the link, ended with it (T7)."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar, Timezone

from devotional.content.library import Section
from devotional.content.loader import current_library
from devotional.groups.access import lead_of
from devotional.groups.calendars import calendar_of
from devotional.groups.feeds import address_of, feed_of
from devotional.groups.members import remove
from devotional.groups.models import Feed, Group, Membership
from devotional.groups.planning import meet_after_all, skip
from devotional.groups.schedule import Rhythm, Schedule, zone_of
from harness.actors import Browser
from tests.groups.factories import add, found, reader_in

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def group(leader: Browser, groupmate: Browser) -> Group:
    """Thursdays in London; Mia is in it."""
    group = found(leader, name="Canary’s kitchen")
    Group.objects.filter(pk=group.pk).update(
        rhythm=7,
        first_on=date(2026, 11, 26),
        meets_at=time(19, 30),
        section="opening",
        time_zone="Europe/London",
    )
    group.refresh_from_db()
    add(group, groupmate, "Mia")
    return group


def made_by(browser: Browser, group: Group) -> str:
    """The path of a new link for who sits at `browser`."""
    path = f"/groups/{group.pk}/calendar/"
    reply = browser.post(path)
    assert reply["Location"] == f"{path}#link"
    feed = feed_of(Membership.objects.by(reader_in(browser)).get(group=group))
    assert feed is not None
    address = address_of(feed)
    assert address is not None
    assert address in browser.get(path).content.decode()
    return address.removeprefix(settings.SITE_URL)


def read(browser: Browser, path: str) -> list[Any]:
    reply = browser.get(path)
    assert (reply.status_code, reply["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return events_in(reply.content)


def events_in(made: bytes) -> list[Any]:
    calendar = Calendar.from_ical(made)
    assert isinstance(calendar, Calendar)
    return list(calendar.events)


def test_what_a_calendar_gets(group: Group, groupmate: Browser, stranger: Browser) -> None:
    path = made_by(groupmate, group)
    reply = stranger.get(path)
    calendar: Any = Calendar.from_ical(reply.content)
    assert str(calendar["refresh-interval"].to_ical(), "ascii") == "PT6H"
    events: list[Any] = events_in(reply.content)
    first = events[0]
    assert [str(event["summary"]) for event in events] == ["Reading together"] * 3
    assert first.start == datetime(2026, 11, 26, 19, 30, tzinfo=ZoneInfo("Europe/London"))
    assert first["dtstart"].params["TZID"] == "Europe/London"
    link = f"{settings.SITE_URL}/read/on-doors/opening/"
    assert str(first["description"]) == f"On Doors\n\n{link}"
    assert [event.start.date() for event in events] == [
        date(2026, 11, 26),
        date(2026, 12, 3),
        date(2026, 12, 10),
    ]
    for name in (b"Canary", b"Mia", b"Lea", str(group.pk).encode()):
        assert name not in reply.content


def test_it_is_stored_nowhere_and_sets_nothing(
    group: Group, groupmate: Browser, stranger: Browser
) -> None:
    path = made_by(groupmate, group)
    with CaptureQueriesContext(connection) as queries:
        reply = stranger.get(path)
    assert len(queries) == 1
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert (reply["Cache-Control"], reply["X-Robots-Tag"]) == (
        "no-store, private",
        "noindex, nofollow",
    )
    assert not reply.cookies
    again = stranger.get(path, headers={"if-none-match": reply["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert stranger.post(path).status_code == 405


def test_a_skipped_meeting_is_the_same_one_later(
    group: Group, leader: Browser, groupmate: Browser
) -> None:
    path, lead = made_by(groupmate, group), lead_of(reader_in(leader), group.pk)
    devotional = current_library().devotional("on-doors")
    assert devotional is not None
    before = read(groupmate, path)
    later = group.made_at + timedelta(hours=1)
    skip(lead, date(2026, 12, 3), devotional, now=NOW)
    Group.objects.filter(pk=group.pk).update(planned_at=later)
    after = read(groupmate, path)
    assert [event["uid"] for event in after] == [event["uid"] for event in before]
    assert [event.start.date().isoformat() for event in after] == [
        "2026-11-26",
        "2026-12-10",
        "2026-12-17",
    ]
    assert [int(event["sequence"]) for event in (before[0], after[0])] == [0, 3600]
    assert after[0]["dtstamp"].dt == after[0]["last-modified"].dt == later.replace(microsecond=0)
    meet_after_all(lead, date(2026, 12, 3), now=later + timedelta(hours=1))
    back = read(groupmate, path)
    assert [event.start for event in back] == [event.start for event in before]
    assert int(back[0]["sequence"]) == 7200


@pytest.mark.parametrize("meets_at", [None, time(19, 30)])
def test_a_group_at_its_own_pace_has_a_calendar_without_days(
    group: Group, groupmate: Browser, meets_at: time | None
) -> None:
    Group.objects.filter(pk=group.pk).update(meets_at=meets_at)
    path = made_by(groupmate, group)
    assert [isinstance(event.start, datetime) for event in read(groupmate, path)] == [
        meets_at is not None
    ] * 3
    Group.objects.filter(pk=group.pk).update(rhythm=0)
    assert read(groupmate, path) == []


def test_looking_makes_no_link(group: Group, groupmate: Browser) -> None:
    Group.objects.update(time_zone="America/New_York", meets_at=time(19, 30))
    page = groupmate.get(f"/groups/{group.pk}/calendar/")
    assert "Thursdays, 19:30 (New York time). Your calendar shows" in page.content.decode()
    assert "Make my link" in page.content.decode()
    assert not Feed.objects.exists()


def test_renewing_kills_the_old_link(group: Group, groupmate: Browser, stranger: Browser) -> None:
    old, new = made_by(groupmate, group), made_by(groupmate, group)
    assert old != new
    assert [stranger.get(path).status_code for path in (old, new)] == [404, 200]
    token = new.removeprefix("/calendar/").removesuffix(".ics")
    row = Feed.objects.get()
    assert token not in f"{row.digest}{bytes(row.sealed)!r}"


def test_it_ends_with_the_membership(
    group: Group, leader: Browser, groupmate: Browser, stranger: Browser
) -> None:
    path = made_by(groupmate, group)
    own = made_by(leader, group)
    remove(Membership.objects.by(reader_in(groupmate)).get())
    replies = [stranger.get(each) for each in (path, "/calendar/never-was.ics")]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].content == replies[1].content
    assert stranger.get(own).status_code == 200
    assert groupmate.get(f"/groups/{group.pk}/calendar/").status_code == 404


def test_each_sees_their_own_link_only(
    group: Group,
    leader: Browser,
    groupmate: Browser,
    other_reader: Browser,
    new_browser: Callable[[], Browser],
) -> None:
    path, removed = made_by(groupmate, group), new_browser()
    add(group, removed, "", standing=Membership.Standing.REMOVED)
    found(other_reader, name="Elsewhere")
    address = f"/groups/{group.pk}/calendar/"
    assert path in groupmate.get(address).content.decode()
    shown = leader.get(address)
    assert shown.status_code == 200
    assert path not in shown.content.decode()
    for browser in (other_reader, removed, new_browser()):
        assert browser.get(address).status_code == 404
        assert browser.post(address, browser.fields("/groups/new/")).status_code == 404
    assert Feed.objects.count() == 1


# The zone, as it is written down for calendars that don't know its name


@pytest.mark.parametrize(
    ("zone", "first_on"),
    [
        ("Europe/London", date(2026, 10, 1)),
        ("Europe/London", date(2027, 3, 1)),
        ("America/New_York", date(2026, 10, 1)),
        ("America/New_York", date(2027, 2, 20)),
        ("Asia/Kolkata", date(2026, 10, 1)),
        ("Pacific/Apia", date(2011, 12, 1)),  # a day was left out there
        ("Africa/Casablanca", date(2027, 1, 20)),  # other clocks in Ramadan
        ("Australia/Lord_Howe", date(2027, 3, 1)),  # half an hour
    ],
)
def test_the_zone_is_told_as_it_is(zone: str, first_on: date) -> None:
    """Read back without its name, each meeting is at the moment at which it is by its name."""
    schedule = Schedule(Rhythm.DAILY, first_on, time(1, 30), zone_of(zone), sections=60)
    section = Section("a", 1, "A", "A", "", 1, "")
    made = calendar_of(
        schedule,
        group_id=uuid.UUID(int=7),
        made_at=NOW,
        planned_at=NOW,
        entries=[(meeting, section, "https://example.org/") for meeting in schedule.meetings],
    )
    calendar = Calendar.from_ical(made)
    (told,) = calendar.walk("VTIMEZONE")
    assert isinstance(told, Timezone)
    as_told = observed(told)
    for event in events_in(made):
        wall = event.start.replace(tzinfo=None)
        assert (wall.hour, wall.minute) == (1, 30)
        assert as_told(wall) == event.start.utcoffset(), wall


def observed(zone: Timezone) -> Callable[[datetime], timedelta]:
    """The offset at a time on the wall, by the rule of RFC 5545, 3.6.5: the latest onset counts.

    An onset is told by the clock that went before it, so a time that is there twice has not yet
    come to it, and one that is not there is still told by the clock before.
    """
    parts: list[Any] = sorted(
        zone.walk("STANDARD") + zone.walk("DAYLIGHT"), key=lambda part: part["dtstart"].dt
    )

    def offset(wall: datetime) -> timedelta:
        found = parts[0]
        for part in parts:
            before, after = part["tzoffsetfrom"].td, part["tzoffsetto"].td
            # A gap is over as many minutes after the onset as the clocks go forward.
            if wall >= part["dtstart"].dt + max(after - before, timedelta()):
                found = part
        result: timedelta = found["tzoffsetto"].td
        return result

    return offset
