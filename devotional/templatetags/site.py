"""Words about this site that pages say, made from its settings; the same for everyone."""

import re

from django import template
from django.conf import settings

from devotional.readers.consent import consent_sentence as sentence
from devotional.readers.consent import operator as who_runs_this
from devotional.readers.privacy import Facts, facts

register = template.Library()


@register.simple_tag
def site_name() -> str:
    return str(settings.SITE_NAME)


@register.simple_tag
def site_url() -> str:
    """Where readers find the site: scheme and host, no slash at the end."""
    return str(settings.SITE_URL)


@register.filter
def og_locale(language: str) -> str:
    """`language` as Open Graph has it, `pt_BR`; nothing where no region is named."""
    named = re.fullmatch(r"([A-Za-z]{2,3})-(?:[A-Za-z]{4}-)?([A-Za-z]{2})", language)
    return f"{named[1].lower()}_{named[2].upper()}" if named else ""


@register.simple_tag
def consent_sentence() -> str:
    return sentence()


@register.simple_tag
def operator(*, named_only: bool = False) -> str:
    """Who runs this site; with `named_only`, nothing where the host has not said."""
    if named_only and not facts().is_named:
        return ""
    return who_runs_this()


@register.simple_tag
def privacy_facts() -> Facts:
    """What is true about privacy with this configuration."""
    return facts()
