"""How often something may be tried: counted in the database, for all processes together.

Who tries is kept as a keyed hash, so that the table names no address and no person.
"""

import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from devotional.readers.models import Attempts


def may_try(
    action: str,
    who: str,
    *,
    times: int,
    within: timedelta,
    amount: int = 1,
    at_first: Callable[[], None] | None = None,
) -> bool:
    """Count `amount` more of what `who` does; False, and nothing counted, where it passes `times`.

    The time begins with the first that is counted; `at_first` is called then, and may refuse by an
    error. Within a transaction that is rolled back, nothing was counted.
    """
    now, key = timezone.now(), key_of(action, who)
    running = running_count(key, now, within)
    more = running.filter(count__lte=times - amount)
    if more.update(count=F("count") + amount):  # as nearly always: one statement
        return True
    with transaction.atomic():
        begun_wrongly = Q(pk=key, until__gt=now + 2 * within)
        Attempts.objects.filter(Q(until__lte=now) | begun_wrongly).delete()
        _row, is_first = Attempts.objects.get_or_create(pk=key, defaults={"until": now + within})
        if is_first and at_first is not None:
            at_first()
        return bool(more.update(count=F("count") + amount))


def is_used_up(action: str, who: str, *, times: int, within: timedelta) -> bool:
    """Whether one more would be refused by `may_try`. Counts nothing, and writes nothing."""
    running = running_count(key_of(action, who), timezone.now(), within)
    return running.filter(count__gte=times).exists()


def key_of(action: str, who: str) -> str:
    hidden = salted_hmac("devotional.readers.limits", f"{action}:{who}", algorithm="sha256")
    return hidden.hexdigest()


def running_count(key: str, now: datetime, within: timedelta) -> QuerySet[Attempts]:
    """The count under `key`, as long as its time is not over."""
    # One that ends much later than can be was begun under a wrong clock; a little later, by another
    # process a moment ago.
    return Attempts.objects.filter(pk=key, until__gt=now, until__lte=now + 2 * within)


def has_tried(action: str, who: str) -> bool:
    """Whether `who` is counted at `action` just now; counts nothing."""
    counted = Attempts.objects.filter(key=key_of(action, who), until__gt=timezone.now())
    return counted.exists()


def client_address(request: HttpRequest) -> str:
    """Where a request comes from, as far as the proxies that we trust can tell.

    Each trusted proxy appends the address that it saw to X-Forwarded-For, so the one that counts
    stands that many places from the end. What stands before it anyone may have written.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return as_one(seen)
    said = request.headers.get("X-Forwarded-For", "")
    named = [part.strip() for part in said.split(",") if part.strip()]
    if len(named) < settings.TRUSTED_PROXIES:
        return as_one(seen)
    return as_one(named[-settings.TRUSTED_PROXIES])


def as_one(address: str) -> str:
    """An address as it is counted: of IPv6 its network, all of which one sender may have."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return address
    if ip.version == 4:
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


def cache_key(key: str, prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: allauth counts in the cache, under keys with addresses in them."""
    hidden = salted_hmac("devotional.readers.limits.cache", key, algorithm="sha256")
    return f"{prefix}:{version}:{hidden.hexdigest()}"
