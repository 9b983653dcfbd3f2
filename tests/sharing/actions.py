"""Bringing words to a group as people do: choose, look at the copy, bring it."""

import re
from html import unescape
from typing import Any

from devotional.groups.models import Group, Share
from devotional.reflections.models import Reflection
from harness.actors import Browser
from harness.html_forms import Fields
from tests.groups.factories import reader_in
from tests.reflections.helpers import the_reader

CANARY = "The canary of the first reader."


def mine(prompt: str = "before") -> Reflection:
    return Reflection.objects.by(the_reader()).get(prompt=prompt, reading__number=1)


def page_of(reflection: Reflection) -> str:
    return f"/share/{reflection.pk}/"


def preview(browser: Browser, reflection: Reflection, words: str = "", **change: Any) -> Any:
    """Select `words`, or take all of them where none are named, and ask to see the copy."""
    sent: dict[str, Any] = dict(Fields(browser.get(page_of(reflection)).content.decode()).values)
    if words:
        sent |= {"quote": words, "at": reflection.text.index(words)}
    else:
        sent |= {"whole": "yes"}
    return browser.post(page_of(reflection), sent | change)


def bring(browser: Browser, reflection: Reflection, words: str = "", **change: Any) -> Any:
    """Look at the copy and bring it."""
    shown = preview(browser, reflection, words, **change)
    assert shown.status_code == 200, shown.content.decode()
    sent = Fields(shown.content.decode()).values
    return browser.post(f"{page_of(reflection)}bring/", sent)


def forged(browser: Browser, group: Group, words: str) -> dict[str, str]:
    """What the last form sends, made by hand."""
    return {"group": str(group.pk), "words": words}


def stand(group: Group) -> list[str]:
    """What stands before a group, the first first."""
    return [each.text for each in Share.objects.filter(group=group).order_by("shared_at", "id")]


def copies(html: str) -> list[str]:
    """The copies that a page shows, letter for letter."""
    return [
        unescape(words)
        for words in re.findall(r'<(?:div|blockquote) class="own"[^>]*>(.*?)</', html, re.DOTALL)
    ]


def share_of(browser: Browser) -> Share:
    return Share.objects.by(reader_in(browser)).get()
