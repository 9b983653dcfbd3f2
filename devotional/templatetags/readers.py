"""Who is writing, for the pages of a reader's own."""

from django import template
from django.template import Context

from devotional.readers.guests import current_reader, mark_of
from devotional.readers.models import Reader

register = template.Library()


@register.simple_tag(takes_context=True)
def writer(context: Context) -> Reader | None:
    """The reader who asks for this page; None for nobody, and for a page made without a request.

    Looked up once a request, so it costs a page nothing that has asked before.
    """
    request = getattr(context, "request", None)
    return current_reader(request) if request is not None else None


@register.filter
def name_of(reader: Reader) -> str:
    """By what an account's reader is known to themselves; empty for a guest."""
    account = getattr(reader, "account", None)
    return (account.email or account.name or "") if account is not None else ""


@register.filter
def mark(reader: Reader | None) -> str:
    return mark_of(reader)
