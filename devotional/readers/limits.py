"""How often something may be tried: counted in the database, for all processes together.

Who tries is kept as a keyed hash, so that the table names no address and no person.
"""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from devotional.readers.models import Attempts


def may_try(action: str, who: str, *, times: int, within: timedelta) -> bool:
    """Count one attempt of `who` at `action`; False where there were `times` already."""
    now = timezone.now()
    with transaction.atomic():
        Attempts.objects.filter(until__lte=now).delete()
        row, _made = Attempts.objects.get_or_create(
            key=key_of(action, who), defaults={"until": now + within}
        )
        tried = Attempts.objects.filter(pk=row.pk, count__lt=times)
        return bool(tried.update(count=F("count") + 1))


def has_tried(action: str, who: str) -> bool:
    """Whether `who` is counted at `action` just now; counts nothing."""
    counted = Attempts.objects.filter(key=key_of(action, who), until__gt=timezone.now())
    return counted.exists()


def key_of(action: str, who: str) -> str:
    named = f"{action}:{who}"
    return salted_hmac("devotional.readers.limits", named, algorithm="sha256").hexdigest()


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
