"""A guest: a reader known by one browser's cookie.

Here the cookie is made, set and looked up; `middleware.py` asks, and renews it. What guests write
is none of this module's business; it is only ever asked "who is this?".
"""

import secrets
import uuid
from datetime import date, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from devotional.readers.consent import consent_version
from devotional.readers.limits import has_tried, may_try
from devotional.readers.models import DeviceToken, Reader, today

TOKEN_BYTES = 32  # 256 bits: not to be guessed
# So long the form that made a reader may come again without a cookie, its answer lost on the way,
# and opens what it made: one on a train is pressed again within minutes.
ASKED_AGAIN_FOR = timedelta(minutes=10)
# And no longer than until their browser has shown its key or signed out. That is remembered for as
# long as any form might be let in again: the first save of words is for a day.
ANSWERED_FOR = timedelta(days=1)
COOKIE_AGE = 400 * 24 * 60 * 60  # seconds; browsers keep no cookie longer than 400 days


def token_digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def token_in(request: HttpRequest) -> str:
    """The digest of the token that the request carries; of nothing, where it carries none."""
    return token_digest(request.COOKIES.get(settings.READER_COOKIE_NAME, ""))


def find_reader(token: str) -> Reader | None:
    """The reader to whom `token` belongs, or None: unknown and missing look the same.

    With the ways by which they come back, in the same query: each page says who is writing. A token
    that wasn't shown for as long as its cookie lives ends here too: whoever still has it is no
    browser of the reader's.
    """
    if not token:
        return None
    readers = Reader.objects.select_related("account", "return_code")
    own = readers.filter(
        device_tokens__digest=token_digest(token),
        device_tokens__used_on__gte=key_must_be_used_since(today()),
    )
    try:
        # Of one at most: `first()` would put them in order, and every private page waits for it.
        return own.annotate(key_used_on=F("device_tokens__used_on")).get()
    except Reader.DoesNotExist:
        return None


def was_known(request: HttpRequest) -> bool:
    """Whether the request still carries a key that has ended, or whose reader is gone.

    Which of these it was, nobody keeps. Where there is no cookie at all, the browser has lost it.
    """
    return bool(request.COOKIES.get(settings.READER_COOKIE_NAME))


def key_must_be_used_since(day: date) -> date:
    """The day before which a browser's key was last shown that has ended by `day`."""
    return day - timedelta(seconds=COOKIE_AGE)


def has_gone(request: HttpRequest) -> bool:
    """Whether the reader whom `request` found was erased, or became another, while it was answered.

    What was about to be written for them then fails, as it must.
    """
    reader = vars(request).get("reader")
    return reader is not None and not Reader.objects.filter(pk=reader.pk).exists()


def mark_of(reader: Reader | None) -> str:
    """A name for `reader` that pages and the device may know: says who wrote, opens nothing.

    Forms carry it, so that words are never saved as another's; drafts on the device are kept under
    it, so that they are never shown to another (W5). Empty where there is no reader yet.
    """
    return "" if reader is None else mark_of_id(reader.id)


def mark_of_id(reader_id: uuid.UUID) -> str:
    # The id is 122 random bits, so no key is needed; and the name outlives a change of keys.
    return sha256(b"devotional.readers.mark" + reader_id.bytes).hexdigest()[:24]


def make_guest() -> Reader:
    """A reader who has just agreed to `consent_sentence()`."""
    now = timezone.now()
    return Reader.objects.create(
        consent_version=consent_version(), consented_at=now, seen_on=now.date()
    )


def make_member(id_: uuid.UUID | None = None) -> Reader:
    """A reader who has just given a first name to a group, and has agreed to nothing else.

    Of them a name is all that is kept; the first save of words asks as it asks everyone. Nothing
    but these two makes a reader.
    """
    return Reader.objects.create(
        pk=id_ or uuid.uuid4(), consent_version="", seen_on=timezone.now().date()
    )


def may_ask_again(reader: Reader) -> bool:
    """Whether a form that made `reader` just now may be answered with a key once more."""
    is_recent = reader.made_at > timezone.now() - ASKED_AGAIN_FOR
    return is_recent and not was_answered(reader)


def was_answered(reader: Reader) -> bool:
    """Whether the browser of a new reader has had its answer: no form is a key to them any more."""
    return has_tried("answered", str(reader.pk))


def note_answered(reader: Reader) -> None:
    """Note it, where there is such a form yet; for older readers it has ended by itself."""
    if reader.made_at > timezone.now() - ANSWERED_FOR and not was_answered(reader):
        may_try("answered", str(reader.pk), times=1, within=ANSWERED_FOR)


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
