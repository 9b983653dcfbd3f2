"""A link to another device: good once, for ten minutes, and kept as a keyed hash (K14).

The device that made it shows it, and later that it was used; whoever opens it is asked first. The
key of the hash is the site's and lies outside the database, so a stolen database opens nothing.
"""

import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from devotional.readers.models import DeviceLink, Reader

BYTES = 16  # 128 bits: not to be guessed
GOOD_FOR = timedelta(minutes=10)


def hash_of(secret: str) -> str:
    return salted_hmac("devotional.readers.device-link", secret, algorithm="sha256").hexdigest()


def make_link(reader: Reader) -> str:
    """The token of a new link, the only time it is known in the clear; it ends the one before."""
    token = secrets.token_urlsafe(BYTES)
    fresh = {
        "digest": hash_of(token),
        "good_until": timezone.now() + GOOD_FOR,
        "used_at": None,
        "used_by": "",
    }
    DeviceLink.objects.update_or_create(reader=reader, defaults=fresh)
    return token


def standing_link(reader: Reader) -> DeviceLink | None:
    return DeviceLink.objects.filter(reader=reader).first()


def is_waiting(link: DeviceLink) -> bool:
    """Whether `link` may still be used for the first time."""
    return link.used_at is None and link.good_until > timezone.now()


def find_link(token: str) -> DeviceLink | None:
    """The link with `token` that waits to be used; used, past and unknown look the same."""
    link = DeviceLink.objects.filter(digest=hash_of(token)).select_related("reader").first()
    return link if link and is_waiting(link) else None


def is_link_of(reader: Reader | None, token: str) -> bool:
    """Whether it was `reader` who made the link with `token`, used or not."""
    mine = DeviceLink.objects.filter(reader=reader, digest=hash_of(token))
    return reader is not None and mine.exists()


def use_link(token: str, *, form: str) -> Reader | None:
    """Use the link with `token`, once; answers its reader, or None where it is no good.

    `form` was drawn for the page that asks. Sent twice, as by a double tap or where the answer was
    lost, it is one use, until its browser has arrived.
    """
    now, pressed = timezone.now(), hash_of(form or secrets.token_hex(BYTES))
    good = DeviceLink.objects.filter(digest=hash_of(token), good_until__gt=now)
    if not good.filter(Q(used_at=None) | Q(used_by=pressed)).update(used_at=now, used_by=pressed):
        return None
    return Reader.objects.filter(device_link__digest=hash_of(token)).first()


def note_arrived(reader: Reader) -> None:
    """The browser that used the link of `reader` is there: its form opens nothing any more."""
    DeviceLink.objects.filter(reader=reader).exclude(used_by="").update(used_by="")


def end_link(reader: Reader) -> None:
    """No link of `reader` opens anything from here on."""
    DeviceLink.objects.filter(reader=reader).delete()
