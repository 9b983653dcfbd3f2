"""A guest: a reader known by one browser's cookie.

Here the cookie is made, set, looked up and renewed. What guests write is none of this module's
business; it is only ever asked "who is this?".
"""

import secrets
from hashlib import sha256

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from devotional.readers.consent import consent_version
from devotional.readers.models import DeviceToken, Reader

TOKEN_BYTES = 32  # 256 bits: not to be guessed
COOKIE_AGE = 400 * 24 * 60 * 60  # seconds; browsers keep no cookie longer than 400 days


def token_digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def current_reader(request: HttpRequest) -> Reader | None:
    """The reader whose cookie the request carries; looked up once a request, one query."""
    known = vars(request)
    if "_reader" not in known:
        known["_reader"] = find_reader(request.COOKIES.get(settings.READER_COOKIE_NAME, ""))
    reader: Reader | None = known["_reader"]
    return reader


def find_reader(token: str) -> Reader | None:
    """The reader to whom `token` belongs, or None: unknown and missing look the same."""
    if not token:
        return None
    found = DeviceToken.objects.select_related("reader").filter(digest=token_digest(token)).first()
    return found.reader if found else None


def make_guest() -> Reader:
    """A reader who has just agreed to `consent_sentence()`. Nothing else makes one."""
    now = timezone.now()
    return Reader.objects.create(
        consent_version=consent_version(), consented_at=now, seen_on=now.date()
    )


def agree(reader: Reader) -> None:
    """Note that `reader` agreed to the sentence as it reads today."""
    reader.consent_version = consent_version()
    reader.consented_at = timezone.now()
    reader.save(update_fields=["consent_version", "consented_at"])


def give_token(reader: Reader) -> str:
    """A new token for one browser of `reader`: the only time it is known in the clear."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    DeviceToken.objects.create(reader=reader, digest=token_digest(token))
    return token


def set_reader_cookie(response: HttpResponseBase, token: str) -> None:
    """Let the browser keep `token`, out of reach of scripts and of other sites' requests."""
    response.set_cookie(
        settings.READER_COOKIE_NAME,
        token,
        max_age=COOKIE_AGE,
        path="/",
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Lax",
    )


def renew(request: HttpRequest, response: HttpResponseBase) -> None:
    """Once a day, note the visit and let the cookie's 400 days begin again."""
    reader = current_reader(request)
    today = timezone.now().date()
    if reader is None or reader.seen_on == today:
        return
    reader.seen_on = today
    try:
        reader.save(update_fields=["seen_on"])
    except OperationalError:
        return  # a full or locked disk must not close the page; tomorrow's visit notes it
    set_reader_cookie(response, request.COOKIES[settings.READER_COOKIE_NAME])
