"""When a group meets and what it reads until then (T7): dates, zones, and clocks that change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devotional.groups.clock import Habits
from devotional.groups.schedule import (
    Rhythm,
    Schedule,
    at,
    first_day,
    first_to_come,
    is_finished,
    next_monday,
    this_week,
    zone_of,
)

LONDON = ZoneInfo("Europe/London")
HALF_PAST_SEVEN = time(19, 30)


def thursdays(first_on: date = date(2026, 11, 26), **changes: Any) -> Schedule:
    return replace(
        Schedule(Rhythm.WEEKLY, first_on, HALF_PAST_SEVEN, LONDON, sections=3), **changes
    )


def dates(schedule: Schedule) -> list[str]:
    return [meeting.on.isoformat() for meeting in schedule.meetings]


def test_a_section_a_week() -> None:
    first, second, third = thursdays().meetings
    assert (first.number, first.section, first.on) == (1, 0, date(2026, 11, 26))
    assert first.begins == datetime(2026, 11, 26, 19, 30, tzinfo=LONDON)
    assert (second.on, third.on) == (date(2026, 12, 3), date(2026, 12, 10))
    assert (third.number, third.section) == (3, 2)
    assert first.words(Habits()) == "Thursday 26 November, 19:30"


def test_without_a_time_a_meeting_is_a_day() -> None:
    meeting = thursdays(meets_at=None).meetings[0]
    assert (meeting.begins, meeting.words(Habits())) == (None, "Thursday 26 November")


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [
        (Rhythm.OWN_PACE, []),
        (Rhythm.DAILY, ["2026-11-26", "2026-11-27", "2026-11-28"]),
        (Rhythm.FORTNIGHTLY, ["2026-11-26", "2026-12-10", "2026-12-24"]),
    ],
)
def test_other_rhythms(rhythm: Rhythm, expected: list[str]) -> None:
    assert dates(thursdays(rhythm=rhythm)) == expected


def test_a_skipped_day_moves_the_rest_on() -> None:
    schedule = thursdays(skipped=frozenset({date(2026, 12, 3), date(2026, 12, 4)}))
    assert dates(schedule) == ["2026-11-26", "2026-12-10", "2026-12-17"]
    assert [meeting.section for meeting in schedule.meetings] == [0, 1, 2]
    assert schedule.skipped_on == [date(2026, 12, 3)]  # the 4th was never a day for one


def test_half_way_the_meetings_begin_with_a_later_section() -> None:
    assert [meeting.section for meeting in thursdays(begins_with=1).meetings] == [1, 2]


@pytest.mark.parametrize(
    ("now", "number"),
    [
        (datetime(2026, 11, 1, 12, tzinfo=UTC), 1),
        (datetime(2026, 11, 26, 23, 59, tzinfo=UTC), 1),  # the evening itself belongs to it
        (datetime(2026, 11, 27, 0, 0, tzinfo=UTC), 2),
        (datetime(2026, 12, 10, 23, 59, tzinfo=UTC), 3),
        (datetime(2026, 12, 11, 0, 0, tzinfo=UTC), None),
    ],
)
def test_this_week_is_the_next_meeting(now: datetime, number: int | None) -> None:
    found = this_week(thursdays(), now)
    assert (found.number if found else None) == number
    assert is_finished(thursdays(), now) == (number is None)


def test_the_day_is_the_groups_own() -> None:
    """Noon in Auckland on Friday is still Thursday in London, and in Apia it is Friday."""
    now = datetime(2026, 11, 27, 12, tzinfo=ZoneInfo("Pacific/Auckland"))
    here, there = thursdays(), thursdays(zone=ZoneInfo("Pacific/Apia"))
    assert [getattr(this_week(each, now), "number", None) for each in (here, there)] == [1, 2]


def test_at_their_own_pace_nothing_is_ever_over() -> None:
    schedule = thursdays(rhythm=Rhythm.OWN_PACE)
    now = datetime(2036, 1, 1, tzinfo=UTC)
    assert (this_week(schedule, now), is_finished(schedule, now)) == (None, False)


def test_a_moment_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="no day"):
        this_week(thursdays(), datetime(2026, 11, 26))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("zone", "first_on", "in_utc"),
    [
        # Summer and winter: the hour on the wall stays, the hour of the world changes.
        ("Europe/London", date(2026, 3, 26), ["19:30", "18:30"]),  # forward on 29 March
        ("Europe/London", date(2026, 10, 22), ["18:30", "19:30"]),  # back on 25 October
        ("America/New_York", date(2026, 3, 5), ["00:30", "23:30"]),  # forward on 8 March
        ("America/New_York", date(2026, 10, 29), ["23:30", "00:30"]),  # back on 1 November
        ("Asia/Kolkata", date(2026, 3, 26), ["14:00", "14:00"]),
        # Samoa went from one side of the world's day to the other, and left out 30 December 2011.
        ("Pacific/Apia", date(2011, 12, 23), ["05:30", "05:30"]),
    ],
)
def test_the_time_on_the_wall_stays(zone: str, first_on: date, in_utc: list[str]) -> None:
    schedule = thursdays(first_on, zone=ZoneInfo(zone), sections=2)
    begins = [meeting.begins for meeting in schedule.meetings]
    assert [f"{at:%H:%M}" for at in begins if at] == ["19:30", "19:30"]
    assert [f"{at.astimezone(UTC):%H:%M}" for at in begins if at] == in_utc


@pytest.mark.parametrize(
    ("zone", "day", "shown", "moment"),
    [
        ("Europe/London", date(2026, 3, 29), time(1, 30), "2026-03-29T01:30"),  # not there
        ("Europe/London", date(2026, 10, 25), time(1, 30), "2026-10-25T00:30"),  # there twice
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:30"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30"),
        ("Pacific/Apia", date(2011, 12, 30), time(9, 0), "2011-12-30T19:00"),  # the day was not
    ],
)
def test_a_time_that_is_not_there_or_twice(zone: str, day: date, shown: time, moment: str) -> None:
    found = at(day, shown, ZoneInfo(zone))
    assert found is not None
    assert f"{found.astimezone(UTC):%Y-%m-%dT%H:%M}" == moment


def test_where_a_first_meeting_falls() -> None:
    tuesday = date(2026, 11, 24)
    thursday, monday = 3, 0
    assert first_day(Rhythm.WEEKLY, thursday, from_day=tuesday) == date(2026, 11, 26)
    assert first_day(Rhythm.WEEKLY, monday, from_day=tuesday) == date(2026, 11, 30)
    assert first_day(Rhythm.DAILY, thursday, from_day=tuesday) == tuesday
    assert next_monday(tuesday) == date(2026, 11, 30)
    assert next_monday(date(2026, 11, 30)) == date(2026, 12, 7)


@pytest.mark.parametrize(("hour", "expected"), [(18, 26), (20, 33)])
def test_today_counts_while_there_is_time(hour: int, expected: int) -> None:
    now = datetime(2026, 11, 26, hour, tzinfo=LONDON)
    found = first_to_come(Rhythm.WEEKLY, 3, HALF_PAST_SEVEN, LONDON, now=now)
    assert found == date(2026, 11, 1) + timedelta(days=expected - 1)


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert [zone_of(name) for name in ("Mars/Olympus", "", "../etc")] == [UTC, UTC, UTC]


# Other things may run on this machine too: how long an example takes says nothing.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
schedules = st.builds(
    Schedule,
    rhythm=st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY, Rhythm.FORTNIGHTLY]),
    first_on=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    meets_at=st.none() | st.times().map(lambda time: time.replace(second=0, microsecond=0)),
    zone=st.sampled_from(
        ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca"]
    ).map(ZoneInfo),
    sections=st.integers(0, 40),
    begins_with=st.just(0),
    skipped=st.frozensets(st.dates(date(2000, 1, 1), date(2042, 1, 1)), max_size=20),
)


@at_leisure
@given(schedules, st.data())
def test_skipping_a_meeting_moves_the_rest_by_one_and_back(
    schedule: Schedule, data: st.DataObject
) -> None:
    """Whatever the schedule: each section once, in order; a skip moves, and undone is as before."""
    assert [meeting.section for meeting in schedule.meetings] == list(range(schedule.sections))
    days = [meeting.on for meeting in schedule.meetings]
    assert days == sorted(set(days))
    assert not schedule.skipped.intersection(days)
    if not days:
        return
    left_out = data.draw(st.sampled_from(days))
    after = replace(schedule, skipped=schedule.skipped | {left_out})
    place = days.index(left_out)
    moved = [meeting.on for meeting in after.meetings]
    assert moved[:place] == days[:place]
    assert moved[place:-1] == days[place + 1 :]
    if place < len(days) - 1:
        assert left_out in after.skipped_on
    again = replace(schedule, skipped=after.skipped - {left_out})
    assert again.meetings == schedule.meetings


@at_leisure
@given(schedules, st.datetimes(datetime(1999, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_time_never_leads_back(schedule: Schedule, now: datetime) -> None:
    """A week later the group reads the same section or a later one, until it is finished."""
    later = now + timedelta(days=7)
    first, second = this_week(schedule, now), this_week(schedule, later)
    assert second is None or (first is not None and first.section <= second.section)
    if schedule.meetings:
        assert is_finished(schedule, later) or not is_finished(schedule, now)
