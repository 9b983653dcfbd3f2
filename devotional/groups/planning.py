"""What changes a group's schedule: one transaction a verb, safe to repeat.

Only the plan is stored, never a date of a meeting: those follow from it, in `schedule.py`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from devotional.content.library import Devotional
from devotional.groups.models import Group, Membership
from devotional.groups.schedule import schedule_of, to_come

MOST_SKIPPED = 60  # days; a group that leaves out more has no rhythm


def plan(lead: Membership, *, now: datetime, **columns: Any) -> None:
    """Let the group meet as `columns` say, from now on."""
    Group.objects.filter(pk=lead.group_id).update(planned_at=now, **columns)


def skip(lead: Membership, day: date, devotional: Devotional, *, now: datetime) -> None:
    """There is no meeting on `day`: what was due moves on, with all after it."""
    with transaction.atomic():
        group = Group.objects.select_for_update().get(pk=lead.group_id)
        due = {meeting.on for meeting in to_come(schedule_of(group, devotional), now)}
        if day in due and len(group.skipped) < MOST_SKIPPED:
            keep_skipped(group, {*group.skipped, day.isoformat()}, now)


def meet_after_all(lead: Membership, day: date, *, now: datetime) -> None:
    """There is a meeting on `day` after all, and the rest moves back."""
    with transaction.atomic():
        group = Group.objects.select_for_update().get(pk=lead.group_id)
        if day.isoformat() in group.skipped:
            keep_skipped(group, set(group.skipped) - {day.isoformat()}, now)


def keep_skipped(group: Group, days: Iterable[str], now: datetime) -> None:
    group.skipped, group.planned_at = sorted(days), now
    group.save(update_fields=["skipped", "planned_at"])
