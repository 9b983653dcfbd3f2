"""Finding a word in what one has written (K6).

The words are sealed, so no index can know them: they are opened here, a batch at a time, compared
and let go. What is looked for is kept nowhere and is in no address.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched

from devotional.content.library import Library
from devotional.journal.folding import Piece, excerpts, fold, pieces
from devotional.journal.timeline import Entry, Point, written_by
from devotional.readers.access import says_something, words_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reflection, Revision

BATCH = 250  # reflections; between two batches saves go on
WORDINGS = 50  # of up to 100 KB each are held at a time
HITS = 100  # shown at most
COLUMNS = ("reader_id", "sealed", "asked", "written_at", "has_met_another")


@dataclass(frozen=True, slots=True)
class EarlierHit:
    """A wording from before in which the words were found."""

    revision: uuid.UUID
    written_at: datetime
    excerpt: list[Piece]


@dataclass(slots=True)
class Hit:
    """A reflection in which the words were found, and where."""

    id: uuid.UUID
    excerpts: list[list[Piece]] = field(default_factory=list)
    question: list[Piece] | None = None  # None: not in what was asked
    earlier: list[EarlierHit] = field(default_factory=list)
    entry: Entry | None = None  # what else a page says of it; told once the search is over

    @property
    def found_anything(self) -> bool:
        return bool(self.excerpts or self.question or self.earlier)


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, newest first; whether there is more than is shown; what did not open."""

    hits: list[Hit]
    more: bool = False
    shut: int = 0


def search(reader: Reader, words: str, library: Library, *, earlier: bool = False) -> Result:
    """Look for `words` in the reflections of `reader`, in their questions and, where asked for, in
    earlier wordings. A query a batch and one for what was found; two more a batch for the earlier.
    """
    result = look_through(reader, fold(words), earlier=earlier)
    if result.hits:
        found = written_by(reader).filter(pk__in=[hit.id for hit in result.hits])
        entries = {each.id: Entry.of(each, None, library) for each in found}
        for hit in result.hits:
            hit.entry = entries.get(hit.id)
    return replace(result, hits=[hit for hit in result.hits if hit.entry])


def look_through(reader: Reader, needle: str, *, earlier: bool) -> Result:
    hits: list[Hit] = []
    shut = 0
    for batch in batches(reader):
        # An answer from elsewhere that met this one is no earlier wording: it is looked at too.
        behind = batch if earlier else [each for each in batch if each.has_met_another]
        wordings = earlier_hits(reader, behind, needle, all_kinds=earlier) if behind else {}
        questions = {asked: needle in fold(asked) for asked in {each.asked for each in batch}}
        for reflection in batch:
            words = words_of(reflection)
            shut += words is None
            hit = Hit(reflection.id, earlier=wordings.get(reflection.id, []))
            if words is not None and needle in fold(words):
                hit.excerpts = excerpts(words, needle)
            if questions[reflection.asked] and says_something(words):
                hit.question = pieces(reflection.asked, needle)
            if hit.found_anything:
                if len(hits) == HITS:
                    return Result(hits, more=True, shut=shut)
                hits.append(hit)
    return Result(hits, shut=shut)


def batches(reader: Reader) -> Iterator[list[Reflection]]:
    """Everything written, newest first. Each batch is a query of its own: no lock is held."""
    rows = written_by(reader).select_related(None).only(*COLUMNS).order_by("-written_at", "-id")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        if len(batch) < BATCH:
            return
        batch = list(rows.filter(Point.of(batch[-1]).before)[:BATCH])


def earlier_hits(
    reader: Reader, batch: list[Reflection], needle: str, *, all_kinds: bool
) -> dict[uuid.UUID, list[EarlierHit]]:
    """The earlier wordings of a batch that hold the words, newest first, by reflection.

    Without `all_kinds` only those that came from elsewhere.
    """
    found: dict[uuid.UUID, list[EarlierHit]] = {}
    revisions = Revision.objects.by(reader).order_by("-written_at", "-id")
    if not all_kinds:
        revisions = revisions.filter(kind=Revision.Kind.CONFLICT)
    ids = revisions.filter(reflection__in=batch).values_list("id", flat=True)
    for some in batched(ids, WORDINGS):  # Python 3.12 knows no `strict` here
        for revision in revisions.filter(id__in=some):
            text = words_of(revision)
            if text is not None and needle in fold(text):
                hit = EarlierHit(revision.id, revision.written_at, excerpts(text, needle)[0])
                found.setdefault(revision.reflection_id, []).append(hit)
    return found
