"""What a page says of answers beside their words: lines marked in them, groups to share with."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import batched

from devotional.journal.hinges import lines_in
from devotional.journal.timeline import Entry
from devotional.readers import hooks
from devotional.readers.models import Reader

AT_ONCE = 5_000  # answers that a query names; databases know a limit


def dressed(reader: Reader, entries: Sequence[Entry]) -> Mapping[uuid.UUID, Entry]:
    """The same entries by their ids, in their order; three queries, two more each AT_ONCE."""
    if not entries:
        return {}
    lines: dict[uuid.UUID, list[tuple[int, int]]] = {}
    shared: set[uuid.UUID] = set()
    for some in batched(entries, AT_ONCE):  # Python 3.12 knows no `strict` here
        texts = {entry.id: entry.text for entry in some}
        lines |= lines_in(reader, texts)
        shared |= hooks.shared_among(reader, texts)
    groups = hooks.groups_by_devotional(reader)
    return {
        entry.id: replace(
            entry,
            hinges=lines.get(entry.id, ()),
            groups=groups.get(entry.devotional, ()),
            is_shared=entry.id in shared,
        )
        for entry in entries
    }
