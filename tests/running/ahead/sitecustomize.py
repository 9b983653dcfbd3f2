"""A clock that is 400 days ahead, for every process whose PYTHONPATH names this folder (B14)."""

from datetime import datetime, timedelta

from django.utils import timezone

AHEAD = timedelta(days=400)
right = timezone.now


def ahead() -> datetime:
    return right() + AHEAD


timezone.now = ahead
