"""Two reflections of one prompt in one reading, a guest's and a reader's: which one stands (K4).

Between two readers there is no common count of versions, so here, and only here, time decides: the
later edit stands. It decides which text opens and nothing else, for the other one is kept in its
history, whole and with its date.
"""

from dataclasses import dataclass

from devotional.reflections.models import Reflection, Revision


@dataclass(frozen=True, slots=True)
class Meeting:
    """What became of two reflections. Nothing of it is stored yet."""

    stays: Reflection
    goes: Reflection
    words: str  # of the one that goes
    is_kept: bool  # whether they become a revision


def meet(own: Reflection, theirs: Reflection, texts: list[str]) -> Meeting:
    """Decide between the reader's own and the guest's, whose `texts` are given in this order.

    A box that was cleared never stands before words: that would look like a loss. Its version is
    above both, so that an open page meets a conflict and replaces nothing unseen.
    """
    stays, goes = (own, texts[0]), (theirs, texts[1])
    if rank(*goes) > rank(*stays):
        stays, goes = goes, stays
    standing, left = stays[0], goes[0]
    standing.version = max(own.version, theirs.version) + 1
    standing.begun_at = min(own.begun_at, theirs.begun_at)
    is_kept = bool(goes[1].strip()) and goes[1] != stays[1]
    # Then whatever takes the place of what stands leaves it in the history.
    standing.has_met_another = own.has_met_another or theirs.has_met_another or is_kept
    return Meeting(standing, left, goes[1], is_kept)


def rank(reflection: Reflection, text: str) -> tuple[object, ...]:
    return (bool(text.strip()), reflection.written_at)


def as_revision(meeting: Meeting) -> Revision:
    """The reflection that goes, as an entry in the history of the one that stays.

    It keeps its id: so an erasure of the one that stays can name it too, and a restored backup
    from before the two met doesn't bring it back.
    """
    left = meeting.goes
    revision = Revision(
        id=left.id,
        reader_id=meeting.stays.reader_id,
        reflection_id=meeting.stays.id,
        kind=Revision.Kind.CONFLICT,
        version=left.version,
        asked=left.asked,
        written_at=left.written_at,
    )
    revision.text = meeting.words
    return revision
