"""What a leader says to others: the week's message, and how often one meets, in plain words (T2).

Nothing of it is stored. No names: a message is passed on, and so is a sign on a wall. An hour says
by which clock it is, since nobody knows where it is read.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from devotional.content.library import Section
from devotional.groups.clock import Habits, zone_words
from devotional.groups.schedule import Meeting, Rhythm, Schedule

ON = [
    gettext_lazy("Mondays"),
    gettext_lazy("Tuesdays"),
    gettext_lazy("Wednesdays"),
    gettext_lazy("Thursdays"),
    gettext_lazy("Fridays"),
    gettext_lazy("Saturdays"),
    gettext_lazy("Sundays"),
]


def message_of(
    section: Section, meeting: Meeting | None, *, question: str, link: str, habits: Habits
) -> str:
    """The message, ready to be pasted. The link is last: that is where a phone unfolds it."""
    return "\n\n".join(paragraphs(section, meeting, question, link, habits))


def paragraphs(
    section: Section, meeting: Meeting | None, question: str, link: str, habits: Habits
) -> Iterator[str]:
    how_long = ngettext(
        "It takes about a minute.", "It takes about %(count)s minutes.", section.minutes
    ) % {"count": section.minutes}
    if meeting:
        about = {"when": when(meeting, habits), "part": section.title}
        said = _("Hi all! For %(when)s we’re reading “%(part)s”.") % about
    else:
        said = _("Hi all! We’re reading “%(part)s”.") % {"part": section.title}
    yield f"{said} {how_long}"
    if question:
        yield _("A question to think about:") + f"\n{question}"
    yield _("No app and no account needed:") + f"\n{link}"


def when(meeting: Meeting, habits: Habits) -> str:
    day = habits.day(meeting.on)
    if meeting.begins is None:
        return day
    zone = zone_words(meeting.begins.tzinfo) if meeting.begins.tzinfo else ""
    hour = {"day": day, "hour": habits.hour(meeting.begins.time()), "zone": zone}
    return _("%(day)s at %(hour)s (%(zone)s)") % hour


def rhythm_words(schedule: Schedule, habits: Habits) -> str:
    """ "Thursdays, 19:30 (London time)"; empty at one's own pace."""
    if schedule.first_on is None or schedule.rhythm == Rhythm.OWN_PACE:
        return ""
    days = str(ON[schedule.first_on.weekday()])
    if schedule.rhythm == Rhythm.DAILY:
        days = _("Every day")
    if schedule.rhythm == Rhythm.FORTNIGHTLY:
        days = _("%(days)s, every two weeks") % {"days": days}
    if schedule.meets_at is None:
        return days
    return f"{days}, {habits.hour(schedule.meets_at)} ({zone_words(schedule.zone)})"
