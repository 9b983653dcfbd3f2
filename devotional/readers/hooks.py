"""What slices above know of a reader and pages below them say: plain functions.

Imports point down only, so a page can't ask for these by itself. `apps.ready()` puts the functions
of those that know in the place of these, which know of nothing.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devotional.readers.models import Reader


@dataclass(frozen=True, slots=True)
class Together:
    """What goes for others when a reader goes."""

    groups: int = 0
    leads: int = 0
    shares: int = 0


def _no_groups(_reader: Reader) -> Mapping[str, Sequence[Any]]:
    return {}


def _no_shares(_reader: Reader, _reflections: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    return set()


def _never(_reader: Reader) -> datetime | None:
    return None


def _nothing(_reader: Reader) -> Together:
    return Together()


# All groups of a reader by the id of the devotional that they read, each by `id` and `name`.
groups_by_devotional: Callable[[Reader], Mapping[str, Sequence[Any]]] = _no_groups
# Those of a reader's reflections from which something stands before a group.
shared_among: Callable[[Reader, Iterable[uuid.UUID]], set[uuid.UUID]] = _no_shares
# When a reader last wrote something; None for who has not written yet.
last_wrote: Callable[[Reader], datetime | None] = _never
together: Callable[[Reader], Together] = _nothing
