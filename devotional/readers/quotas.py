"""Quotas: how much one address and one reader may use, so that nobody fills the disk.

Counted as all limits are (`limits.py`), by address and by reader, and inside the transaction that
uses it: what is rolled back was not used. Nothing here knows of requests; whoever refuses says so
in the words of the error, and hands back what was typed.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from devotional.lib import free_disk
from devotional.readers.limits import is_used_up, may_try
from devotional.readers.models import Reader
from devotional.readers.signals import weighing

DAY = timedelta(days=1)  # from the first that is counted

# Readers made from one address in a day, by a first save, a join or a new group. A congregation of
# several hundred shares one address on a Sunday, twice over where there are two services.
NEW_READERS = 1_000

# Space is counted in blocks, since a row takes more than its letters do; and so that someone who
# types meets the counter once a block, and not with every save.
BLOCK = 1024  # bytes of a text as it lies encrypted; one begun is one taken
# What each reader may add in a day whatever others at their address do: hundreds of earlier
# versions of what a person types in a day.
FREE_A_DAY = 1_024  # blocks
# The same for the rows by which a repeated save is known, which go by themselves after a month:
# some 800 saves, an hour of typing. What is beyond counts with the rest that is added.
FREE_SAVES = 256  # blocks
# What one reader may add in a day at all: a text at its limit of 100 KB, revised all day, keeps an
# earlier version every 20 seconds.
A_DAY = 20 * 1_024  # blocks
# What all readers of one address may add in a day beyond what is free for each. So readers that one
# person makes by the hundred can't be filled one after the other.
ADDRESS_A_DAY = 256 * 1_024  # blocks
IN_ALL = 200 * 1_024  # blocks of one reader: 2,000 texts at their limit


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


class TooMuchTodayError(QuotaError):
    """A reader, or their address, has added as much in a day as one may."""

    def __str__(self) -> str:
        return _(
            "That’s more than we can store in one day from one person or one network. Nothing you "
            "typed is lost: it’s still on this page. Cancel open and try again in some hours."
        )


class NoSpaceLeftError(QuotaError):
    """A reader has as much here as one may. Waiting doesn't help."""

    status = 422
    retry_after = 0

    def __str__(self) -> str:
        return _(
            "You’ve used all the space that one person has here (%(size)s MB). Nothing you typed "
            "is lost: it’s still on this page. Download everything, delete answers that you no "
            "longer need, and save again."
        ) % {"size": IN_ALL // 1024}


def admit_new_reader(address: str) -> None:
    """Count one more reader of `address`, who is about to be made. Raises QuotaError."""
    # PostgreSQL keeps its files where we can't look.
    if connection.vendor == "sqlite" and free_disk.is_low(settings.DATA):
        raise LowDiskError
    if not may_try("new reader", address, times=NEW_READERS, within=DAY):
        raise TooManyReadersError


def require_place(address: str) -> None:
    """The same, without counting: so that those who are refused take no turn at writing."""
    if is_used_up("new reader", address, times=NEW_READERS, within=DAY):
        raise TooManyReadersError


def blocks_of(size: int) -> int:
    """How many blocks `size` bytes take."""
    return -(-size // BLOCK)


def use_space(reader: Reader, blocks: int, passing: int = 0, *, address: str) -> None:
    """Count `blocks` that `reader` is about to add, from `address`. Raises QuotaError.

    `passing` are blocks of what goes by itself, so that there is no limit to them in all.
    """
    count = partial(may_try, within=DAY)
    who, more = reader.pk.hex, 0
    # What they have in all is added up once a day, and for what is beyond every day's measure.
    require_space = partial(require_space_left, reader)
    if blocks and not count("space", who, times=FREE_A_DAY, amount=blocks, at_first=require_space):
        require_space()
        more += blocks
    if passing and not count("saves", who, times=FREE_SAVES, amount=passing):
        more += passing
    if more and not (
        count("more space", who, times=A_DAY - FREE_A_DAY, amount=more)
        and count("space from", address, times=ADDRESS_A_DAY, amount=more)
    ):
        raise TooMuchTodayError


def require_space_left(reader: Reader) -> None:
    """Raises NoSpaceLeftError where `reader` has as much as one may."""
    if space_of(reader) >= IN_ALL * BLOCK:
        raise NoSpaceLeftError


def space_of(reader: Reader) -> int:
    """How many bytes of `reader`'s lie encrypted here; what they say is asked of nobody."""
    answers: list[tuple[Any, Any]] = weighing.send(Reader, reader=reader)
    return sum(size for _receiver, size in answers)
