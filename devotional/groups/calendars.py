"""A group's meetings as a calendar that a phone keeps up to date (T7, RFC 5545).

What is on a lock screen may be read by anyone near it, so an entry is called "Reading together"
and no more; only its description has the section and the link. No names, of no one.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from devotional.content.library import Section
from devotional.groups.clock import name_of
from devotional.groups.schedule import Meeting, Schedule

NAMESPACE = uuid.UUID("0f1c6a3e-52c9-4a86-9a3d-7b1e2d7c9f10")  # drawn once; never to be changed
AN_EVENING = timedelta(minutes=90)  # how long a meeting takes is asked nowhere; most take this
LOOKED_FOR = timedelta(hours=6)  # how often a calendar should look for changes
HALF_A_YEAR = timedelta(days=183)
MINUTE = timedelta(minutes=1)


def calendar_of(
    schedule: Schedule,
    *,
    group_id: uuid.UUID,
    made_at: datetime,
    planned_at: datetime,
    entries: list[tuple[Meeting, Section, str]],
) -> bytes:
    """All meetings, each with its section and the link to it, as an iCalendar file.

    `made_at` and `planned_at` say when the group was made and last planned, so that the same plan
    is the same bytes, and a later one has a higher sequence.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Devotional//Reading together//EN")
    calendar.add("version", "2.0")
    calendar.add("name", _("Reading together"))
    calendar.add("x-wr-calname", _("Reading together"))  # the older name of the same
    calendar.add("refresh-interval", LOOKED_FOR, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")  # the same for Outlook
    # Also where nothing is planned: a calendar must have something in it.
    calendar.add_component(zone_for(schedule))
    sequence = int((planned_at - made_at).total_seconds())
    for meeting, section, link in entries:
        event = Event()
        # By the section: a meeting that is put off is the same meeting on another day.
        event.add("uid", f"{uuid.uuid5(NAMESPACE, f'{group_id}/{section.id}')}@devotional")
        event.add("dtstamp", planned_at)
        event.add("last-modified", planned_at)
        event.add("sequence", sequence)
        event.add("summary", _("Reading together"))
        event.add("description", f"{section.title}\n\n{link}")
        event.add("class", "PRIVATE")  # for calendars that are shared with others
        add_time(event, meeting, schedule.zone)
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def add_time(event: Event, meeting: Meeting, zone: tzinfo) -> None:
    """The evening on the group's own clock; the day, where no time was agreed on."""
    if meeting.begins is None:
        event.add("dtstart", meeting.on)
        event.add("transp", "TRANSPARENT")  # nobody is busy all day because of it
        return
    event.add("dtstart", meeting.begins)
    event.add("duration", AN_EVENING)


# The zone, so that a calendar need not know its name


def zone_for(schedule: Schedule) -> Timezone:
    """The group's zone from the first meeting to some time after the last (RFC 5545, 3.6.5)."""
    days = [meeting.on for meeting in schedule.meetings] or [date(2026, 1, 1)]
    first = datetime.combine(days[0] - HALF_A_YEAR, time(), UTC)
    last = datetime.combine(days[-1] + HALF_A_YEAR, time(), UTC)
    zone = Timezone()
    zone.add("tzid", name_of(schedule.zone))
    zone.add_component(observance(schedule.zone, first, first))
    for before, change in changes(schedule.zone, first, last):
        zone.add_component(observance(schedule.zone, before, change))
    return zone


def changes(zone: tzinfo, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Each change of the zone's clocks between two moments: the minute before it, and its own."""
    day = first
    while day < last:
        later = day + timedelta(days=1)
        if offset(zone, day) != offset(zone, later):
            before, after = day, later
            while after - before > MINUTE:
                middle = before + timedelta(minutes=(after - before) // MINUTE // 2)
                if offset(zone, middle) == offset(zone, day):
                    before = middle
                else:
                    after = middle
            yield before, after
        day = later


def observance(
    zone: tzinfo, before: datetime, change: datetime
) -> TimezoneStandard | TimezoneDaylight:
    """What holds from `change` on. Its beginning is told by the clock that went until then."""
    local = change.astimezone(zone)
    part = TimezoneDaylight() if local.dst() else TimezoneStandard()
    part.add("dtstart", (change + offset(zone, before)).replace(tzinfo=None))
    part.add("tzoffsetfrom", offset(zone, before))
    part.add("tzoffsetto", offset(zone, change))
    part.add("tzname", local.tzname())
    return part


def offset(zone: tzinfo, moment: datetime) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    return found or timedelta()
