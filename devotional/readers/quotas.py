"""Quotas: how much one address and one reader may use, so that nobody fills the disk.

Counted as all limits are (`limits.py`), by address and by reader, and inside the transaction that
uses it: what is rolled back was not used. Nothing here knows of requests; whoever refuses says so
in the words of the error, and hands back what was typed.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from devotional.lib import free_disk
from devotional.readers.limits import may_try

DAY = timedelta(days=1)  # from the first that is counted

# Readers made from one address in a day, by a first save, a join or a new group. A congregation of
# several hundred shares one address on a Sunday, twice over where there are two services.
NEW_READERS = 1_000


class QuotaError(Exception):
    """A quota is used up: nothing was kept, and what was typed is to be handed back."""

    status = 429
    retry_after = 60 * 60  # seconds

    def __str__(self) -> str:
        """What to say to who is refused, with what to do."""
        raise NotImplementedError


class TooManyReadersError(QuotaError):
    """So many began from one address today that it may be a flood."""

    def __str__(self) -> str:
        return _(
            "Very many people have started from this network today, so we can’t take on anyone new "
            "from here for some hours. Nothing you typed is lost: it’s still on this page. Leave "
            "it open and try again later, or use another network, such as mobile data."
        )


class LowDiskError(QuotaError):
    """The disk is nearly full, and what is left of it is for those who write already."""

    status = 503
    retry_after = 5 * 60

    def __str__(self) -> str:
        return _(
            "This site has almost run out of space, so it can’t take on anyone new right now. "
            "Nothing you typed is lost: it’s still on this page. Please try again later, and tell "
            "whoever runs the site."
        )


def admit_new_reader(address: str) -> None:
    """Count one more reader of `address`, who is about to be made. Raises QuotaError."""
    # PostgreSQL keeps its files where we can't look.
    if connection.vendor == "sqlite" and free_disk.is_low(settings.DATA):
        raise LowDiskError
    if not may_try("new reader", address, times=NEW_READERS, within=DAY):
        raise TooManyReadersError
