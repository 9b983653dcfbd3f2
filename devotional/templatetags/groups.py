"""A reader's groups, for private pages of slices that must not know of groups."""

from django import template
from django.template import Context

from devotional.content.library import Devotional, Section
from devotional.groups.access import groups_of
from devotional.groups.group_page import section_now
from devotional.groups.models import Group
from devotional.lib.unavailable import UNAVAILABLE, is_unavailable, let_go
from devotional.readers.guests import current_reader

register = template.Library()


@register.simple_tag(takes_context=True)
def groups_at(context: Context, devotional: Devotional, section: Section) -> list[Group]:
    """The groups with whom one reads `section` this week. One query; none for nobody.

    A page that hands words back, because the database can't be had, does without.
    """
    request = getattr(context, "request", None)
    reader = current_reader(request) if request is not None else None
    if reader is None:
        return []
    try:
        groups = groups_of(reader, devotional.id)
    except UNAVAILABLE as error:
        if not is_unavailable(error):
            raise
        let_go(error)
        return []
    return [group for group in groups if section_now(group, devotional) == section]
