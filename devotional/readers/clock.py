"""Whether the machine's clock may be believed before anything is erased because of its age.

A machine whose clock is a year ahead for an hour would otherwise erase every guest and every
backup. So the time up to which the clock is known to have been right is kept in the data folder,
and may go on by weeks only: by itself, or along the traces that visits and backups leave. A jump
is not believed, whatever was stored after it, until the clock is right again or the host says so.

This module says whether to erase, and erases nothing. Nothing here looks at a word.
"""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from devotional.lib import backups, data_folder
from devotional.readers.models import Reader

# For so long a site may be stopped and go on by itself, as over somebody's holidays; shorter than
# the 30 days of backups, so that no jump that is believed takes all of them.
LONGEST_GAP = timedelta(weeks=3)
A_DAY = timedelta(days=1)  # visits are noted by the day, and the file is written once in one


class ClockError(Exception):
    """The clock is not believed, so nothing is erased; the message is the one line to show."""


def require_right_clock(now: datetime) -> None:
    """Raise ClockError where `now` lies weeks after everything that this site knows of."""
    if problem := doubt(now):
        raise ClockError(problem)


def is_right(now: datetime) -> bool:
    """Whether `now` may be believed. Costs one small file, and queries only where that is old."""
    return not doubt(now)


def go_on(now: datetime) -> None:
    """Let the time up to which the clock was right go on with a visit, where it is believed.

    So a site that runs for months, visited and never restarted, has no gap.
    """
    doubt(now)


def doubt(now: datetime) -> str:
    """Why `now` is not believed, in one line; empty where it is."""
    noted = read()
    is_near = noted is not None and noted - A_DAY <= now <= noted + LONGEST_GAP
    last = noted if noted is not None and is_near else last_trace(now, noted)
    believed = now - last <= LONGEST_GAP
    newest = now if believed else last
    # Of a clock that is behind nothing is noted: put right, it would seem to have jumped.
    if last <= now + A_DAY and (noted is None or abs(newest - noted) > A_DAY):
        note(newest)
    if believed:
        return ""
    return (
        f"The clock says {now:%Y-%m-%d}, but nothing is known here that is newer than "
        f"{last:%Y-%m-%d}, so nothing is erased by its age. Put the clock right; or, if it is, "
        "say so: manage.py prune_guests --clock-is-right"
    )


def last_trace(now: datetime, noted: datetime | None) -> datetime:
    """The newest trace that is reached from what was noted without a gap of weeks.

    Where nothing was noted, or only by a clock that was ahead, it begins with the newest visit or
    the newest backup, whichever is older: each of them has to lie near.
    """
    visits, made = visit_times(), backups.times()
    last = noted
    if last is None or last > now + A_DAY:
        last = min((max(times) for times in (visits, made) if times), default=now)
    for at in sorted({*visits, *made}):
        if last < at <= last + LONGEST_GAP:
            last = at
    return last


def visit_times() -> set[datetime]:
    """The days of readers' last visits and of their first ones, as noon of each.

    None where the database has no tables yet: a backup is refused, or made, without them.
    """
    if Reader._meta.db_table not in connection.introspection.table_names():
        return set()
    readers = Reader.objects.order_by()
    days: set[date] = {*readers.values_list("seen_on", flat=True).distinct()}
    days |= {*readers.values_list("made_at__date", flat=True).distinct()}
    return {datetime.combine(day, time(12), tzinfo=UTC) for day in days}


# The file


def path() -> Path:
    return Path(settings.DATA) / "clock"


def read() -> datetime | None:
    """The last time at which the clock was believed; None where that isn't known."""
    try:
        found = datetime.fromisoformat(path().read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
    return found if timezone.is_aware(found) else None


def note(at: datetime) -> None:
    """Keep `at` as the last time at which the clock was believed.

    Where the file can't be written that is no reason to stop: a gap only grows, and asks sooner.
    """
    with contextlib.suppress(OSError):
        data_folder.replace(path(), at.astimezone(UTC).isoformat(timespec="seconds") + "\n")
