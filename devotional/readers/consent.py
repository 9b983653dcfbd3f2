"""What a reader agrees to before the first word is kept, made from the running configuration.

The sentence is the law's basis for keeping what may show a person's belief (GDPR, article 9), so
it is versioned by its own words: change them, or who runs the site, and readers are asked again.
"""

from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from devotional.readers.models import Reader

UNNAMED = "the person who runs this site"  # the default of SITE_OPERATOR


def operator() -> str:
    """Who runs this site, with how to reach them where the host has said so."""
    if contact := settings.SITE_CONTACT:
        return f"{settings.SITE_OPERATOR} ({contact})"
    return str(settings.SITE_OPERATOR)


def is_named() -> bool:
    """Whether the host has said who runs this site, or how to reach them."""
    return bool(settings.SITE_CONTACT) or settings.SITE_OPERATOR != UNNAMED


def consent_sentence() -> str:
    """The one sentence beside the first *Agree and save* (W3)."""
    return sentence_of(operator() if is_named() else "")


def sentence_of(who: str) -> str:
    """The sentence of a site that `who` runs; without a name where it is empty."""
    if who:
        site = _("I agree that this site, run by %(operator)s, stores") % {"operator": who}
    else:
        site = _("I agree that this site stores")
    return site + _(
        " what I write, which may reveal my religious beliefs. It is encrypted, but whoever runs "
        "the site could technically read it. I can download or delete all of it at any time."
    )


def consent_version() -> str:
    """Changes with the sentence's words, in whichever language it is shown."""
    return version_of(operator() if is_named() else "")


@lru_cache
def version_of(who: str) -> str:
    with override("en"):
        return sha256(sentence_of(who).encode()).hexdigest()[:16]


def has_agreed(reader: Reader | None) -> bool:
    return reader is not None and reader.consent_version == consent_version()
