"""What a page says of answers beside their words: lines marked in them, groups to share with."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from devotional.journal.hinges import lines_in
from devotional.journal.timeline import Entry
from devotional.readers import hooks
from devotional.readers.models import Reader


def dressed(reader: Reader, entries: Sequence[Entry]) -> Mapping[uuid.UUID, Entry]:
    """The same entries by their ids, in their order; three queries, however many there are."""
    texts = {entry.id: entry.text for entry in entries}
    if not texts:
        return {}
    lines = lines_in(reader, texts)
    groups = hooks.groups_by_devotional(reader)
    shared = hooks.shared_among(reader, texts)
    return {
        entry.id: replace(
            entry,
            hinges=lines.get(entry.id, ()),
            groups=groups.get(entry.devotional, ()),
            is_shared=entry.id in shared,
        )
        for entry in entries
    }
