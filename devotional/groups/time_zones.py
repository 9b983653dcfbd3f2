"""The time zones that a leader chooses from: each place once, by the name that it goes by today.

From the list of places that comes with the zones themselves (`zone.tab` of the package `tzdata`,
which `icalendar` brings), and which has no old names.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REGIONS: Final = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("Americas"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
}
MONTHS = range(1, 13)


type Choices = list[tuple[str, str]]


def zones(so_far: str = "") -> list[tuple[str, Choices]]:
    """Names and places by region, as a select has them; this site's own first, whatever it is.

    So is the one that a group has had `so_far`, where it is in no list any more.
    """
    ours = settings.TIME_ZONE
    first = [(_("The site’s own"), choices([ours]))]
    if so_far and so_far != ours and so_far not in places():
        first.append((_("So far"), choices([so_far])))
    others = [name for name in places() if name != ours]
    regions = [
        (str(words), choices(name for name in others if name.startswith(f"{region}/")))
        for region, words in REGIONS.items()
    ]
    return [*first, *regions]


def choices(names: Iterable[str]) -> Choices:
    return [(name, place_of(name)) for name in names]


def is_zone(name: str) -> bool:
    """Whether this machine knows it, in the list or not: old names stay good where they stand."""
    return name in available_timezones()


def place_of(name: str) -> str:
    """`America/Argentina/Buenos_Aires` as people look for it.

    >>> place_of("America/Argentina/Buenos_Aires")
    'Buenos Aires'
    """
    return name.rpartition("/")[2].replace("_", " ")


@cache
def places() -> list[str]:
    """IANA names in the order of their places.

    Of parts of a country that are named by a region within it (`America/Indiana/Knox`) only those
    whose clocks are no other place's there today.
    """
    known, clocks, names = available_timezones(), set(), []
    for country, name in listed():
        if name not in known:
            continue
        mark = (country, clock_of(name))
        if name.count("/") == 1 or mark not in clocks:
            names.append(name)
        clocks.add(mark)
    return sorted(names, key=place_of)


def listed() -> Iterator[tuple[str, str]]:
    """Countries and the names of their zones, the most people first."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _coordinates, name = line.split("\t")[:3]
            yield country, name


def clock_of(name: str) -> tuple[float, ...]:
    """How far its clocks are from UTC's in each month of this year: what tells two zones apart."""
    zone, year = ZoneInfo(name), timezone.now().year
    offsets = (datetime(year, month, 15, tzinfo=zone).utcoffset() for month in MONTHS)
    return tuple(offset.total_seconds() if offset else 0.0 for offset in offsets)
