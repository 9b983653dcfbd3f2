"""Which wordings of a reflection are kept as earlier versions, and keeping them.

Autosave would make a revision a second, so not every saved text is kept: what only grew within ten
minutes lives on in the newer text, and a slip of a few letters is corrected without a trace. Which
are kept is said to readers too, on the privacy page and in `docs/privacy.md`.
"""

from datetime import datetime, timedelta
from os.path import commonprefix

from devotional.readers.access import words_of
from devotional.readers.quotas import blocks_of
from devotional.reflections.models import Reflection, Revision

SITTING = timedelta(minutes=10)  # after this long, what stood there is an earlier wording
SNAPSHOT = timedelta(seconds=20)  # while typing, unpicked words are kept this often
DAY = timedelta(days=1)
SLIP = 24  # characters: losing more than a few words at once is never just a typing slip
LOOKED_AT = 10  # revisions, newest first, among which the same words are not kept twice


def is_earlier_wording(standing: Reflection, words: str, newer: str, now: datetime) -> bool:
    """Whether what stands is worth keeping as a revision, or only a moment of one's typing.

    Words that are only added to live on in the newer text, unless ten minutes went by: what stood
    that long is kept. So is what loses more than a few words, and what loses a few letters, but
    that no more often than every twenty seconds. Clearing a box keeps what was in it, so that it
    can be undone (W12), unless the last letters go of words that are kept in full already. Nothing
    is kept of a box that was empty.
    """
    if not words.strip():
        return False
    if now - standing.written_at > SITTING:
        return True
    if not newer.strip():
        return not last_words(standing).startswith(words)
    if standing.has_met_another:
        return True  # whatever takes the place of words from elsewhere, those are kept
    unpicked = lost(words, newer)
    if unpicked > SLIP:
        return True
    return unpicked > 0 and (standing.kept_at is None or now - standing.kept_at > SNAPSHOT)


def lost(words: str, newer: str) -> int:
    """How many characters of `words` an edit at one place took away."""
    # Letter by letter is just what is wanted here, though the function was made for paths.
    start = len(commonprefix([words, newer]))  # noqa: RUF071
    end = len(commonprefix([words[start:][::-1], newer[start:][::-1]]))  # noqa: RUF071
    return len(words) - start - end


def keep_revision(
    reflection: Reflection, text: str, kind: Revision.Kind, at: datetime, *, asked: str = ""
) -> Revision:
    """Keep `text` in the history of `reflection`; the same words to the same question once.

    Words that stood here again keep the day on which they were first written. By their version
    they are the newest that stood, which `last_standing` asks for.
    """
    asked = asked or reflection.asked
    is_first = kind is Revision.Kind.EARLIER and not has_any(reflection)
    newest = Revision.objects.none() if is_first else reflection.revisions.order_by("-written_at")
    for kept in newest[:LOOKED_AT]:
        if kept.asked == asked and words_of(kept) == text:
            if kind is Revision.Kind.EARLIER:  # also of what came from elsewhere, and then stood
                kept.kind, kept.version = kind, reflection.version
                kept.save(update_fields=["kind", "version"])
            return kept
    revision = Revision(
        reader_id=reflection.reader_id,
        reflection=reflection,
        kind=kind,
        version=reflection.version,
        asked=asked,
        written_at=at,
    )
    revision.text = text
    revision.save(force_insert=True)
    reflection.added += blocks_of(len(revision.sealed))
    return revision


def has_any(reflection: Reflection) -> bool:
    """Whether there may be revisions, without asking: most saves keep none or the first."""
    return reflection.kept_at is not None or reflection.has_met_another


def is_laid_aside(reflection: Reflection, text: str) -> bool:
    """Whether `text` has just been kept as one that met another: twice it is kept once."""
    copies = reflection.revisions.filter(kind=Revision.Kind.CONFLICT)
    return any(words_of(copy) == text for copy in copies.order_by("-written_at")[:5])


def copies_today(reflection: Reflection, now: datetime) -> int:
    """How many texts that met others were laid aside for `reflection` in the last day."""
    copies = reflection.revisions.filter(kind=Revision.Kind.CONFLICT, written_at__gt=now - DAY)
    return copies.count()


def last_standing(reflection: Reflection) -> Revision | None:
    """The newest wording that stood here and said something; None where there is none."""
    earlier = reflection.revisions.filter(kind=Revision.Kind.EARLIER)
    for revision in earlier.order_by("-version", "-written_at")[:5]:
        if (words_of(revision) or "").strip():
            return revision
    return None


def last_words(reflection: Reflection) -> str:
    """What `last_standing` says; empty where there is none."""
    revision = last_standing(reflection)
    return (words_of(revision) or "") if revision else ""


def joined(other: str, mine: str) -> str:
    """Both texts, one after the other, and no word twice where one holds the other."""
    if mine.strip() in other:
        return other
    if other.strip() in mine:
        return mine
    return f"{other.rstrip()}\n\n{mine}"
