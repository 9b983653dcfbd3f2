"""How pages that look back name readings and days."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

READINGS = (
    gettext_lazy("First reading"),
    gettext_lazy("Second reading"),
    gettext_lazy("Third reading"),
    gettext_lazy("Fourth reading"),
    gettext_lazy("Fifth reading"),
    gettext_lazy("Sixth reading"),
    gettext_lazy("Seventh reading"),
    gettext_lazy("Eighth reading"),
    gettext_lazy("Ninth reading"),
    gettext_lazy("Tenth reading"),
)


@register.filter
def reading_name(number: int) -> str:
    """`First reading` to `Tenth reading`, then `Reading 11`."""
    if 1 <= number <= len(READINGS):
        return str(READINGS[number - 1])
    return _("Reading %(number)s") % {"number": number}


@register.simple_tag
def day(at: datetime, *, year: bool = False) -> SafeString:
    """The day alone, for a script to say in the reader's own zone; the year where it helps."""
    local = timezone.localtime(at)
    year = year or local.year != timezone.localtime().year
    return format_html(
        '<time datetime="{}" data-day{}>{}</time>',
        at.isoformat(),
        SafeString('="year"') if year else "",
        date_format(local, "j F Y" if year else "j F"),
    )


@register.simple_tag
def day_and_time(at: datetime) -> SafeString:
    """The day and the time of it."""
    local = timezone.localtime(at)
    this_year = local.year == timezone.localtime().year
    words = date_format(local, "j F, H:i" if this_year else "j F Y, H:i")
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), words)
