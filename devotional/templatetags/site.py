"""Words about this site that pages say, made from its settings; the same for everyone."""

from django import template
from django.conf import settings

from devotional.readers.consent import consent_sentence as sentence
from devotional.readers.consent import operator as who_runs_this

UNNAMED = "the person who runs this server"  # the default of SITE_OPERATOR

register = template.Library()


@register.simple_tag
def site_name() -> str:
    return str(settings.SITE_NAME)


@register.simple_tag
def site_url() -> str:
    """Where readers find the site: scheme and host, no slash at the end."""
    return str(settings.SITE_URL)


@register.simple_tag
def consent_sentence() -> str:
    return sentence()


@register.simple_tag
def operator(*, named_only: bool = False) -> str:
    """Who runs this site; with `named_only`, nothing where the host has not said."""
    if named_only and not settings.SITE_CONTACT and settings.SITE_OPERATOR == UNNAMED:
        return ""
    return who_runs_this()
