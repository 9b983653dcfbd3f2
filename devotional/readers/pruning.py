"""What is not kept for ever: guests who don't come back, and what is left over of signing in.

Counts only; nothing here looks at a word. Whatever goes is decided again in the very transaction
that erases it: somebody who comes back meanwhile keeps everything. And nothing goes by the clock
alone: it must be believed (`clock.py`), and so many at once are taken for a mistake.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from devotional.lib.sqlite import empty_log
from devotional.readers import clock, erasures
from devotional.readers.guests import key_must_be_used_since
from devotional.readers.models import Account, Attempts, DeviceLink, DeviceToken, Reader
from devotional.readers.signals import holding, tidying

KEPT_FOR = timedelta(days=365)  # after the last visit, for guests who wrote
EMPTY_FOR = timedelta(days=7)  # for guests of whom there is nothing
UNDO_FOR = timedelta(days=1)  # for what a reader deleted, and may bring back
UNFINISHED_FOR = timedelta(days=1)  # for accounts that nobody can sign in to
BATCH = 100  # rows a transaction: saves go between
# Of all readers who wrote or joined something so many may go at once before the host is asked; on a
# small site so many anyway, where one group that read to its end is more than that part of it. Of
# the others there is nothing to lose, and a flood of them must not keep everything waiting.
MOST_AT_ONCE = 1 / 5
FEW = 5


class TooManyError(Exception):
    """So many readers would go at once that something may be wrong; the message is one line."""


def prune(now: datetime, *, dry_run: bool = False, allow_many: bool = False) -> dict[str, int]:
    """Erase what is past its time, or with `dry_run` count it.

    Raises ClockError where the clock is not believed and TooManyError where so many readers would
    go that `allow_many` is needed; then nothing is erased.
    """
    today = now.date()
    if not dry_run:
        require_safe(now, allow_many=allow_many)
    counts = {
        "guests with words": erase(lambda: guests_who_left(today), dry_run=dry_run),
        "empty guests": erase(lambda: empty_guests(today), dry_run=dry_run),
        "unfinished accounts": delete(unfinished_accounts(now), dry_run=dry_run),
        "browsers": delete(browsers_that_ended(today), dry_run=dry_run),
        "links": delete(DeviceLink.objects.filter(good_until__lte=now), dry_run=dry_run),
        "sessions": delete(Session.objects.filter(expire_date__lte=now), dry_run=dry_run),
        "attempts": delete(Attempts.objects.filter(until__lte=now), dry_run=dry_run),
        "limits": expired_limits(now, dry_run=dry_run),
    }
    answers: list[tuple[Any, Any]] = tidying.send(Reader, now=now, dry_run=dry_run)
    for _receiver, tidied in answers:
        counts |= tidied
    if not dry_run:
        erasures.forget_old()
        empty_log()
    return counts


def require_safe(now: datetime, *, allow_many: bool = False) -> None:
    """Raise what `prune` would, and erase nothing."""
    clock.require_right_clock(now)
    going = guests_who_left(now.date()).count()
    everybody = Reader.objects.exclude(nothing_of_them()).count()
    if going > max(FEW, everybody * MOST_AT_ONCE) and not allow_many:
        raise TooManyError(
            f"{going} of {everybody} readers who wrote or joined something would be erased at "
            "once, so nobody is. Look whether the clock and the database are right; if they are: "
            "manage.py prune_guests --allow-many"
        )


def guests() -> QuerySet[Reader]:
    """Readers without an account, a return code or none: what brings them back is a visit."""
    return Reader.objects.filter(account=None)


def guests_who_left(today: date) -> QuerySet[Reader]:
    return guests().filter(seen_on__lt=today - KEPT_FOR).exclude(nothing_of_them())


def empty_guests(today: date) -> QuerySet[Reader]:
    return guests().filter(nothing_of_them(), seen_on__lt=today - EMPTY_FOR)


def nothing_of_them() -> Q:
    """True of readers who would lose nothing with their row: no word, mark or membership."""
    condition = Q()
    answers: list[tuple[Any, Any]] = holding.send(Reader)
    for _receiver, holders in answers:
        for readers in holders:
            condition &= Q(~Exists(readers.filter(reader=OuterRef("pk"))))
    if not condition:
        raise RuntimeError("Nobody says whose words are kept: every guest would look empty.")
    return condition


def unfinished_accounts(now: datetime) -> QuerySet[Account]:
    """Accounts begun and never finished; their readers stay, as guests. Hosts are left alone."""
    return Account.objects.filter(
        ~Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)),
        ~Exists(Authenticator.objects.filter(user=OuterRef("pk"))),
        Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX),
        is_staff=False,
        is_superuser=False,
        made_at__lt=now - UNFINISHED_FOR,
    )


def browsers_that_ended(today: date) -> QuerySet[DeviceToken]:
    """Keys that no browser has any more: they open nothing, whoever shows them."""
    return DeviceToken.objects.filter(used_on__lt=key_must_be_used_since(today))


def erase(found: Callable[[], QuerySet[Reader]], *, dry_run: bool) -> int:
    """Erase readers in batches, each noted as pruned: a restored backup may bring them back."""
    if dry_run:
        return found().count()
    erased = 0
    while batch := list(found().values_list("pk", flat=True)[:BATCH]):
        with erasures.erasing() as marks:
            # Locked, and only then asked once more: who came by since, or wrote, is not found any
            # more, and nobody can before they are gone.
            lock(batch)
            still = list(found().filter(pk__in=batch).values_list("pk", flat=True))
            marks += [erasures.Mark("pruned", pk) for pk in still]
            Reader.objects.filter(pk__in=still).delete()
        erased += len(still)
    return erased


def lock(ids: list[uuid.UUID]) -> None:
    """On PostgreSQL, hold these readers until the transaction ends; SQLite holds everything."""
    if connection.features.has_select_for_update:
        list(Reader.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def expired_limits(now: datetime, *, dry_run: bool) -> int:
    """Rows of the cache in which tries at signing in are counted; Django's own look at them only
    where the cache is full."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    what = "SELECT count(*)" if dry_run else "DELETE"
    with connection.cursor() as cursor:
        until = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(f"{what} FROM {table} WHERE expires <= %s", [until])  # ours
        return int(cursor.fetchone()[0]) if dry_run else cursor.rowcount


def delete(rows: QuerySet[Any], *, dry_run: bool) -> int:
    if dry_run:
        return rows.count()
    _all, by_model = rows.delete()
    return by_model.get(rows.model._meta.label, 0)
