"""Helpers for tests of pages that look back."""

import re
from pathlib import Path

from devotional.content.loader import forget_library
from devotional.readers.models import Reader


def plain(html: str) -> str:
    """What a page says, without its markup."""
    inline = re.sub(r"</?(?:time|q|a|b|bdi|i)\b.*?>", "", html)
    return " ".join(re.sub(r"<.*?>", " ", inline).split())


def the_reader() -> Reader:
    """The first who wrote: the actor `reader`."""
    return Reader.objects.exclude(consented_at=None).order_by("consented_at")[0]


def change(content: Path, old: str, new: str, *, retired: str) -> None:
    """Edit the sample devotional as its author would, taking something out on purpose."""
    file = content / "on-doors.md"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new).replace("summary:", f"retired: [{retired}]\nsummary:"))
    forget_library()
