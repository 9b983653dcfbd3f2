"""When a group meets, and what it reads until then: arithmetic over dates and time zones (T7).

No database, no request, no clock: whoever calls says what time it is. A meeting is a day and a
time on the group's own clock, so that "Thursdays at 19:30" stays so in summer and in winter.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from itertools import count, islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devotional.content.library import Devotional, Section
from devotional.groups.clock import Habits
from devotional.groups.models import Group

Rhythm = Group.Rhythm
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting, and the section that is read for it."""

    number: int  # 1-based
    on: date  # on the group's calendar
    begins: datetime | None  # aware; None where no time was agreed on
    section: int  # 0-based place in the devotional

    def words(self, habits: Habits) -> str:
        """ "Thursday 26 November, 19:30" by the group's own clock."""
        day = habits.day(self.on)
        return f"{day}, {habits.hour(self.begins.time())}" if self.begins else day


@dataclass(frozen=True)
class Schedule:
    """From a first day on, a section each `rhythm` days, but for the days that are skipped."""

    rhythm: Rhythm
    first_on: date | None
    meets_at: time | None
    zone: tzinfo
    sections: int  # how many the devotional has
    begins_with: int = 0  # the 0-based place of the section for the first meeting
    skipped: frozenset[date] = field(default_factory=frozenset)

    @cached_property
    def meetings(self) -> tuple[Meeting, ...]:
        """One for each section. A skipped day moves what was due then, and all after it, on."""
        if self.first_on is None or self.rhythm == Rhythm.OWN_PACE:
            return ()
        step = timedelta(days=self.rhythm)
        days = (self.first_on + step * turn for turn in count())
        sections = range(self.begins_with, self.sections)
        held = islice((day for day in days if day not in self.skipped), len(sections))
        return tuple(
            Meeting(number, day, at(day, self.meets_at, self.zone), section)
            for number, (section, day) in enumerate(zip(sections, held, strict=True), start=1)
        )

    @property
    def skipped_on(self) -> list[date]:
        """The days that are left out: those on which there would have been a meeting."""
        if not self.meetings or self.first_on is None:
            return []
        first, last = self.first_on, self.meetings[-1].on
        return sorted(
            day
            for day in self.skipped
            if first <= day < last and (day - first).days % self.rhythm == 0
        )


def at(day: date, meets_at: time | None, zone: tzinfo) -> datetime | None:
    """The moment at which clocks in `zone` show `meets_at` on `day`.

    Where clocks go back it is shown twice, and the first is meant. Where they go forward it may
    not be shown at all; then it is as many hours after midnight as it says, by the clock that
    went before: 01:30 becomes what is called 02:30. Both as calendars do (RFC 5545, 3.3.5).
    """
    return None if meets_at is None else datetime.combine(day, meets_at, zone)


def day_in(zone: tzinfo, now: datetime) -> date:
    """Which day it is in `zone`. Raises ValueError for a `now` that doesn't say where it is."""
    if now.tzinfo is None:
        raise ValueError("A moment without a time zone is on no day.")
    return now.astimezone(zone).date()


def this_week(schedule: Schedule, now: datetime) -> Meeting | None:
    """The next meeting: today's until the day is over. None after the last, or at one's own pace.

    What is read for it is what is read now.
    """
    today = day_in(schedule.zone, now)
    return next((meeting for meeting in schedule.meetings if meeting.on >= today), None)


def to_come(schedule: Schedule, now: datetime) -> list[Meeting]:
    today = day_in(schedule.zone, now)
    return [meeting for meeting in schedule.meetings if meeting.on >= today]


def is_finished(schedule: Schedule, now: datetime) -> bool:
    """Whether the last meeting is over. A group at its own pace is never told so."""
    return bool(schedule.meetings) and this_week(schedule, now) is None


# Beginning


def first_day(rhythm: Rhythm, weekday: int, *, from_day: date) -> date:
    """The first day for a meeting from `from_day` on; `weekday` is 0 for Monday, as in Python."""
    if rhythm == Rhythm.DAILY:
        return from_day
    return from_day + timedelta(days=(weekday - from_day.weekday()) % 7)


def next_monday(today: date) -> date:
    """With which next week begins."""
    return today + timedelta(days=7 - today.weekday())


def first_to_come(
    rhythm: Rhythm, weekday: int, meets_at: time | None, zone: tzinfo, *, now: datetime
) -> date:
    """The first day whose meeting has not begun: today only while there is still time."""
    today = day_in(zone, now)
    day = first_day(rhythm, weekday, from_day=today)
    begins = at(day, meets_at, zone)
    if begins is None or begins > now:
        return day
    return first_day(rhythm, weekday, from_day=today + timedelta(days=1))


# From a group's columns


def zone_of(name: str) -> tzinfo:
    """The zone of that IANA name; UTC where this machine doesn't know it any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def schedule_of(group: Group, devotional: Devotional | None) -> Schedule:
    """The schedule of `group` for the text as it is now. Asks for no row.

    `Group.section` is where they are at their own pace, and else with what the meetings begin:
    who changes the rhythm half-way goes on from there.
    """
    return Schedule(
        rhythm=Rhythm(group.rhythm),
        first_on=group.first_on,
        meets_at=group.meets_at,
        zone=zone_of(group.time_zone),
        sections=len(devotional.sections) if devotional else 0,
        begins_with=place_of(group.section, devotional),
        skipped=frozenset(date.fromisoformat(day) for day in group.skipped),
    )


def place_of(section_id: str, devotional: Devotional | None) -> int:
    """The 0-based place of a section; the first where it was taken out."""
    section = devotional.section(section_id) if devotional else None
    return section.number - 1 if section else 0


def this_week_of(group: Group, devotional: Devotional | None, now: datetime) -> Section | None:
    """What is to be read now; None after the last meeting, and where the text is gone."""
    if devotional is None:
        return None
    schedule = schedule_of(group, devotional)
    if not schedule.meetings:
        return devotional.sections[schedule.begins_with]
    meeting = this_week(schedule, now)
    return devotional.sections[meeting.section] if meeting else None
