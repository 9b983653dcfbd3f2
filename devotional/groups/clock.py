"""Days, hours and time zones in words, as they are written where the reader is (T7).

Where that is, is told by the first language that a browser asks for: its own fields for a time
follow the same, so that one page doesn't say 19:30 and 07:30 PM.
"""

from dataclasses import dataclass
from datetime import date, time, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

# Where English is written with the month before the day, and where clocks go to twelve.
MONTH_FIRST: Final = frozenset({"US", "CA"})
TWELVE_HOURS: Final = MONTH_FIRST | {"AU", "HK", "IN", "MY", "NZ", "PH", "PK", "SG"}


@dataclass(frozen=True, slots=True)
class Habits:
    """How days and hours are written."""

    month_first: bool = False
    twelve_hours: bool = False

    def day(self, day: date) -> str:
        """ "Thursday 26 November" or "Thursday, November 26": for what is read this month."""
        return date_format(day, "l, F j" if self.month_first else "l j F")

    def short_day(self, day: date) -> str:
        return date_format(day, "F j" if self.month_first else "j F")

    def hour(self, hour: time) -> str:
        """ "19:30" or "7:30 pm"."""
        if self.twelve_hours:
            return time_format(hour, "g:i A").lower()
        return time_format(hour, "H:i")


def habits_of(request: HttpRequest) -> Habits:
    """Those of the first language asked for. English of nowhere is America's."""
    first = request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0]
    language, _dash, region = first.strip().replace("_", "-").partition("-")
    if language.lower() != "en":
        return Habits()
    place = region.upper() or "US"
    return Habits(place in MONTH_FIRST, place in TWELVE_HOURS)


def name_of(zone: tzinfo) -> str:
    """Its IANA name."""
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def zone_words(zone: tzinfo) -> str:
    """ "New York time": so that an hour says whose it is."""
    _region, slash, place = name_of(zone).rpartition("/")
    if not slash:
        return place  # UTC, or another name of no place
    return _("%(place)s time") % {"place": place.replace("_", " ")}
