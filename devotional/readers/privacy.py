"""What is true about privacy on this very site, made from its running configuration (K12, W14).

Pages say these facts beside the box and on the privacy page, in the same words for everyone. What
they promise is kept elsewhere; what can't be promised is said here too.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from devotional.readers.consent import is_named, operator
from devotional.readers.guests import COOKIE_AGE
from devotional.readers.pruning import EMPTY_FOR, KEPT_FOR, UNDO_FOR

BACKUPS_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cookie:
    name: str
    life: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the host has chosen, as far as it matters to what readers write."""

    operator: str
    contact: str
    is_named: bool  # whether the host has said who they are
    keys_beside: bool  # whether the key ring lies in the data folder, with what it opens
    debug: bool  # whether the site runs in its development mode
    mail: bool  # whether it can send mail, so knows addresses
    https: bool
    cookies: tuple[Cookie, ...]
    kept_for: str  # guests who wrote
    empty_for: str
    undo_for: str
    backups_for: str


def facts() -> Facts:
    return Facts(
        operator=operator(),
        contact=settings.SITE_CONTACT,
        is_named=is_named(),
        keys_beside=keys_lie_beside(),
        debug=settings.DEBUG,
        mail=getattr(settings, "MAIL_OFFERED", False),
        https=settings.SECURE_COOKIES,
        cookies=cookies(),
        kept_for=in_words(KEPT_FOR),
        empty_for=in_words(EMPTY_FOR),
        undo_for=in_words(UNDO_FOR),
        backups_for=in_words(BACKUPS_FOR),
    )


def keys_lie_beside() -> bool:
    """Whether who takes the data folder has taken the keys too."""
    return Path(settings.KEY_RING).resolve().is_relative_to(Path(settings.DATA).resolve())


def cookies() -> tuple[Cookie, ...]:
    """Every cookie that this site can set; none before someone agrees or signs in."""
    return (
        Cookie(
            settings.READER_COOKIE_NAME,
            in_words(timedelta(seconds=COOKIE_AGE)),
            _(
                "Recognises you in this browser. Set when you agree and save, or join or start a "
                "group."
            ),
        ),
        Cookie(
            settings.SESSION_COOKIE_NAME,
            in_words(timedelta(seconds=settings.SESSION_COOKIE_AGE)),
            _("Set only while you sign in or change how you sign in."),
        ),
    )


def in_words(time: timedelta) -> str:
    """A length of time as people say it: `12 months`, `30 days`, `1 hour`."""
    if 364 <= time.days <= 366:
        return _("12 months")
    if time.days:
        return ngettext("%(n)d day", "%(n)d days", time.days) % {"n": time.days}
    hours = max(1, time.seconds // 3600)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
