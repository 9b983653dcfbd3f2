"""What a leader says to others: the week's message, and how often one meets, in plain words (T2).

Nothing of it is stored. No names: a message is passed on, and so is a sheet on a wall.
"""

from collections.abc import Iterator

from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from devotional.content.library import Section
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


def message_of(section: Section, meeting: Meeting | None, *, question: str, link: str) -> str:
    """The message, ready to be pasted. The link is last: that is where a phone unfolds it."""
    return "\n\n".join(paragraphs(section, meeting, question, link))


def paragraphs(
    section: Section, meeting: Meeting | None, question: str, link: str
) -> Iterator[str]:
    minutes = ngettext("%(count)s minute", "%(count)s minutes", section.minutes)
    words = {"section": section.title, "minutes": minutes % {"count": section.minutes}}
    if meeting:
        day = {**words, "day": meeting.words}
        yield _("For %(day)s, we read “%(section)s” (%(minutes)s).") % day
    else:
        yield _("We are reading “%(section)s” (%(minutes)s).") % words
    if question:
        yield _("A question to carry with you:") + f"\n{question}"
    yield _("Here it is, no app and no account needed:") + f"\n{link}"


def rhythm_words(schedule: Schedule) -> str:
    """ "Thursdays, 19:30"; empty at one's own pace."""
    if schedule.first_on is None or schedule.rhythm == Rhythm.OWN_PACE:
        return ""
    days = str(ON[schedule.first_on.weekday()])
    if schedule.rhythm == Rhythm.DAILY:
        days = _("Every day")
    if schedule.rhythm == Rhythm.FORTNIGHTLY:
        days = _("%(days)s, every two weeks") % {"days": days}
    return f"{days}, {time_format(schedule.meets_at, 'H:i')}" if schedule.meets_at else days
