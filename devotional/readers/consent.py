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


def operator() -> str:
    """Who runs this site, with how to reach them where the host has said so."""
    if contact := settings.SITE_CONTACT:
        return f"{settings.SITE_OPERATOR} ({contact})"
    return str(settings.SITE_OPERATOR)


def consent_sentence() -> str:
    """The one sentence beside the first *Agree and save* (W3)."""
    return sentence_of(operator())


def sentence_of(who: str) -> str:
    return _(
        "I agree that this server, run by %(operator)s, stores what I write, which may show my "
        "religious beliefs. It is encrypted, but the person who runs the server could technically "
        "read it. I can download or delete everything at any time."
    ) % {"operator": who}


def consent_version() -> str:
    """Changes with the sentence's words, in whichever language it is shown."""
    return version_of(operator())


@lru_cache
def version_of(who: str) -> str:
    with override("en"):
        return sha256(sentence_of(who).encode()).hexdigest()[:16]


def has_agreed(reader: Reader | None) -> bool:
    return reader is not None and reader.consent_version == consent_version()
