"""What of a reader's own stands before groups, said where the words themselves are shown."""

import uuid
from collections.abc import Iterable
from typing import Protocol

from django import template
from django.template import Context

from devotional.sharing.brought import Together, origins_among, together
from devotional.templatetags.readers import writer

register = template.Library()


class WithId(Protocol):
    id: uuid.UUID


@register.simple_tag(takes_context=True)
def brought_from(context: Context, reflections: Iterable[WithId]) -> set[uuid.UUID]:
    """The ids of those from which something stands before a group; one query."""
    ids = [each.id for each in reflections]
    reader = writer(context)
    return origins_among(reader, ids) if reader and ids else set()


@register.simple_tag(takes_context=True)
def goes_together(context: Context) -> Together:
    """In how many groups the reader is, and what goes from them when the reader goes; one query."""
    reader = writer(context)
    return together(reader) if reader else Together(0, 0, 0)
