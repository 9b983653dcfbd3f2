"""Days, hours and zones in words, and the zones that one chooses from (T7)."""

from datetime import UTC, date, time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from devotional.groups.clock import habits_of, zone_words
from devotional.groups.models import Group
from devotional.groups.time_zones import place_of, zones
from harness.actors import Browser
from tests.groups.factories import found
from tests.groups.test_planning import said

OLD = ("Asia/Calcutta", "Asia/Rangoon", "Europe/Kiev", "America/Indiana/Knox", "America/Knox_IN")
NEW = ("Asia/Kolkata", "Asia/Yangon", "Europe/Kyiv", "Australia/Sydney", "America/Sao_Paulo")


@pytest.mark.parametrize(
    ("asked", "day", "hour"),
    [
        ("", "Friday 4 December", "19:30"),
        ("de-DE,en;q=0.5", "Friday 4 December", "19:30"),
        ("en-GB,en;q=0.9", "Friday 4 December", "19:30"),
        ("en-AU", "Friday 4 December", "7:30 pm"),
        ("en-US,en;q=0.9", "Friday, December 4", "7:30 pm"),
        ("en;q=0.8", "Friday, December 4", "7:30 pm"),
        ("EN_us", "Friday, December 4", "7:30 pm"),
        ("*", "Friday 4 December", "19:30"),
        ("\x00,-;=", "Friday 4 December", "19:30"),
    ],
)
def test_days_and_hours_are_written_as_where_the_reader_is(asked: str, day: str, hour: str) -> None:
    habits = habits_of(RequestFactory().get("/", headers={"accept-language": asked}))
    assert (habits.day(date(2026, 12, 4)), habits.hour(time(19, 30))) == (day, hour)


def test_a_zone_by_its_place() -> None:
    assert zone_words(ZoneInfo("America/New_York")) == "New York time"
    assert zone_words(ZoneInfo("America/Argentina/Buenos_Aires")) == "Buenos Aires time"
    assert zone_words(UTC) == "UTC"


def test_each_place_is_listed_once_by_todays_name(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/London"
    names = [name for _region, choices in zones() for name, _place in choices]
    assert names[0] == "Europe/London"
    assert len(set(names)) == len(names)
    assert [name for name in NEW if name not in names] == []
    assert [name for name in OLD if name in names] == []
    assert set(names) <= available_timezones()
    for _region, choices in zones():
        places = [place for _name, place in choices]
        assert places == sorted(places)
        assert len(set(places)) == len(places)


def test_an_older_name_stays_where_it_stood(leader: Browser, settings: Settings) -> None:
    """Of a group from before, and on a page that was open before the list was shorter."""
    settings.TIME_ZONE = "Europe/London"
    assert said(time_zone="Asia/Calcutta").columns()["time_zone"] == "Asia/Calcutta"
    group = found(leader)
    path = f"/groups/{group.pk}/schedule/"
    assert "Knox" not in leader.get(path).content.decode()
    Group.objects.update(time_zone="America/Indiana/Knox")
    page = leader.get(path).content.decode()
    assert '<option value="America/Indiana/Knox" selected>Knox</option>' in page
    sent = {"rhythm": "0", "section": "opening", "time_zone": "America/Indiana/Knox"}
    assert leader.post(path, sent).status_code == 303
    group.refresh_from_db()
    assert group.time_zone == "America/Indiana/Knox"


def test_a_place_as_it_is_looked_for() -> None:
    assert place_of("America/Port_of_Spain") == "Port of Spain"
