"""*Ask me again*: an entry for the reader's own calendar, so that the site need know nobody (K9).

What is on a lock screen may be read by anyone near it, so the entry says nothing of what it is for;
only its description holds the link.
"""

import uuid
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from icalendar import Alarm, Calendar, Event

NAMESPACE = uuid.UUID("5c1d2f0e-6f5b-4c0e-9d0a-0f4a3a1f6e57")  # drawn once; never to be changed
MORNING = time(8)  # in whichever zone the phone is then: a time without one floats
A_MOMENT = timedelta(minutes=15)


class Interval(StrEnum):
    """After how long."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "three-months"

    def after(self, day: date) -> date:
        if self is Interval.WEEK:
            return day + timedelta(days=7)
        return months_after(day, 1 if self is Interval.MONTH else 3)


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the last of a month that has none: 31 January, 28 February.

    >>> months_after(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def entry_id(devotional_id: str, section_id: str, interval: Interval, day: date) -> str:
    """The same for everyone who asks for the same on the same day.

    A second tap then finds the first entry in the calendar and makes no other; and it says
    nothing of who asked.
    """
    name = f"{devotional_id}/{section_id}/{interval}/{day.isoformat()}"
    return f"{uuid.uuid5(NAMESPACE, name)}@devotional"


def calendar_of(
    *, uid: str, day: date, title: str, says: str, link: str, made_at: datetime
) -> bytes:
    """One entry on the morning of `day`, which rings then, as an iCalendar file (RFC 5545)."""
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", made_at)
    event.add("sequence", 0)
    event.add("summary", title)
    event.add("dtstart", datetime.combine(day, MORNING))
    event.add("duration", A_MOMENT)
    event.add("description", f"{says}\n\n{link}")
    event.add("url", link)
    event.add("class", "PRIVATE")  # for calendars that are shared with others
    event.add("transp", "TRANSPARENT")  # nobody is busy because of it
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(0))
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Devotional//Ask me again//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
