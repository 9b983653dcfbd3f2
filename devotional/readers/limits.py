"""How often something may be tried: counted in the database, for all processes together.

Who tries is kept as a keyed hash, so that the table names no address and no person.
"""

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
    key = salted_hmac("devotional.readers.limits", f"{action}:{who}", algorithm="sha256")
    now = timezone.now()
    with transaction.atomic():
        Attempts.objects.filter(until__lte=now).delete()
        row, _made = Attempts.objects.get_or_create(
            key=key.hexdigest(), defaults={"until": now + within}
        )
        tried = Attempts.objects.filter(pk=row.pk, count__lt=times)
        return bool(tried.update(count=F("count") + 1))


def client_address(request: HttpRequest) -> str:
    """Where a request comes from, as far as the proxies that we trust can tell.

    Each trusted proxy appends the address that it saw to X-Forwarded-For, so the one that counts
    stands that many places from the end. What stands before it anyone may have written.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return str(seen)
    named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    return named[-settings.TRUSTED_PROXIES] if len(named) >= settings.TRUSTED_PROXIES else str(seen)


def cache_key(key: str, prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: allauth counts in the cache, under keys with addresses in them."""
    hidden = salted_hmac("devotional.readers.limits.cache", key, algorithm="sha256")
    return f"{prefix}:{version}:{hidden.hexdigest()}"
