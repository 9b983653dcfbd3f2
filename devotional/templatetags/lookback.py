"""How pages that look back name readings and days."""

from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

TIMES = (
    gettext_lazy("First time through"),
    gettext_lazy("Second time through"),
    gettext_lazy("Third time through"),
    gettext_lazy("Fourth time through"),
    gettext_lazy("Fifth time through"),
    gettext_lazy("Sixth time through"),
    gettext_lazy("Seventh time through"),
    gettext_lazy("Eighth time through"),
    gettext_lazy("Ninth time through"),
    gettext_lazy("Tenth time through"),
)


@register.filter
def reading_name(number: int) -> str:
    """`First time through` to `Tenth time through`, then `11th time through`."""
    if 1 <= number <= len(TIMES):
        return str(TIMES[number - 1])
    return _("%(number)s time through") % {"number": ordinal(number)}


@register.simple_tag
def day(at: datetime, *, year: bool = False) -> SafeString:
    """The day alone, for a script to say in the reader's own zone; the year where it helps."""
    local = timezone.localtime(at)
    year = year or local.year != timezone.localtime().year
    return format_html(
        '<time datetime="{}" data-day{}>{}</time>',
        at.isoformat(timespec="seconds"),
        SafeString('="year"') if year else "",
        date_format(local, "j F Y" if year else "j F"),
    )


@register.simple_tag
def today() -> SafeString:
    """The day that it is where the reader is, once a script has said it; with its year."""
    return day(timezone.now(), year=True)


@register.simple_tag
def day_and_time(at: datetime) -> SafeString:
    """The day and the time of it."""
    local = timezone.localtime(at)
    this_year = local.year == timezone.localtime().year
    words = date_format(local, "j F, H:i" if this_year else "j F Y, H:i")
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), words)
