"""Ways into the journal: its years and months, and what was deleted of late.

Nothing here opens a word or counts one.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, Subquery
from django.utils import timezone

from devotional.journal.deleting import deletions, stale_deletions
from devotional.journal.timeline import next_month, start_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection

YEARS = 60  # that the way to a month goes back


@dataclass(frozen=True, slots=True)
class Months:
    """The years in which something was written, and the months of one of them; newest first."""

    year: int
    months: tuple[date, ...]
    years: tuple[int, ...]

    @property
    def worthwhile(self) -> bool:
        return len(self.months) > 1 or len(self.years) > 1


@dataclass(frozen=True, slots=True)
class Glance:
    """What the journal's first lines are about."""

    first: datetime | None  # when the oldest that stands was written
    last: datetime | None
    has_deleted: bool  # whether something can be put back
    has_stale: bool  # whether anybody's can no longer, and is to be let go


def glance(reader: Reader) -> Glance:
    """All of it in one query, each a look into an index."""
    times = Reflection.objects.by(reader).order_by("written_at").values("written_at")
    found: Any = Reader.objects.filter(pk=reader.pk).values_list(
        Subquery(times[:1]),
        Subquery(times.reverse()[:1]),
        Exists(deletions(reader)),
        Exists(stale_deletions()),
    )
    return Glance(*found[0]) if found else Glance(None, None, False, False)


def months_of(reader: Reader, seen: Glance, year: int | None) -> Months | None:
    """The way to any month by way of its year; one query, whatever there is to count.

    `year` is the one whose months are told, the newest if None. Each period is asked for by
    itself: a look into the index each, where gathering the months would read all of it.
    """
    if seen.first is None or seen.last is None:
        return None
    begun, ended = timezone.localtime(seen.first).year, timezone.localtime(seen.last).year
    year = min(max(year or ended, begun), ended)
    years = [date(each, 1, 1) for each in range(ended, max(begun, ended - YEARS) - 1, -1)]
    months = [date(year, month, 1) for month in range(12, 0, -1)]
    spans = [(day, date(day.year + 1, 1, 1)) for day in years]
    spans += [(day, next_month(day)) for day in months]
    there = dict(zip(spans, written_within(reader, spans), strict=True))
    return Months(
        year=year,
        years=tuple(day.year for day in years if there[day, date(day.year + 1, 1, 1)]),
        months=tuple(day for day in months if there[day, next_month(day)]),
    )


def written_within(reader: Reader, spans: list[tuple[date, date]]) -> list[bool]:
    """Whether `reader` wrote anything in each of `spans`, the second day not included; one query.

    In SQL: putting some dozen subqueries together takes Django longer than all the rest of the
    page, and these differ in their days alone.
    """
    table = connection.ops.quote_name(Reflection._meta.db_table)
    mine = f"SELECT 1 FROM {table} WHERE reader_id = %s"  # noqa: S608  # the name of a table
    within = f"EXISTS ({mine} AND written_at >= %s AND written_at < %s)"
    whose = Reader._meta.pk.get_db_prep_value(reader.pk, connection)
    said: list[Any] = []
    for span in spans:
        said += [whose, *(connection.ops.adapt_datetimefield_value(start_of(day)) for day in span)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([within] * len(spans))}", said)
        return [bool(there) for there in cursor.fetchone()]
