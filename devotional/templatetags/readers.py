"""Who is writing, for the pages of a reader's own."""

from django import template

from devotional.readers.guests import mark_of
from devotional.readers.models import Reader

register = template.Library()


@register.filter
def name_of(reader: Reader) -> str:
    """By what an account's reader is known to themselves; empty for a guest."""
    account = getattr(reader, "account", None)
    return (account.email or account.name or "") if account is not None else ""


@register.filter
def mark(reader: Reader | None) -> str:
    return mark_of(reader)
