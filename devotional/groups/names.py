"""Names that people type for themselves and for their groups, as they may stand before others.

A name must not turn the words around it, hide, or break a line: control and direction characters
go, and every run of white space is one space.
"""

import re
import unicodedata
from typing import Any, Final

from django import forms

# Marks and overrides of direction, then what takes no room on a page: soft hyphen, zero-width
# spaces, fillers, blanks. Joiners and tags stay: names, emoji and flags are written with them.
UNSEEN: Final = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u2060-\u2065\u2800\u3164\ufeff\uffa0\ufff9-\ufffb]"
)


def clean_name(typed: str) -> str:
    """`typed` as others will see it; empty where there is nothing to see."""
    spaced = re.sub(r"\s+", " ", typed)
    kept = "".join(each for each in spaced if unicodedata.category(each) not in ("Cc", "Cs"))
    name = " ".join(UNSEEN.sub("", kept).split())
    return name if any(unicodedata.category(each)[0] in "LNPS" for each in name) else ""


class NameField(forms.CharField):
    """A name of at most `max_length` letters, made clean before it is measured."""

    def to_python(self, value: Any) -> str:
        return clean_name("" if value is None else str(value))
