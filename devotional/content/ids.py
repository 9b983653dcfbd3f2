"""Ids of sections and questions: what they may look like, how they are written and made.

Readers' answers are kept under them, so the same words must always give the same id. Whether an
id may vanish is for `shelf`.
"""

import re
import unicodedata
from typing import NamedTuple

from .library import Section

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
ID_RULE = "use small letters, digits and hyphens, at most 64, beginning with a letter or digit"

ATTRIBUTES = re.compile(r"\{(:|(?=\s*#)|(?=\s*label\s*=))([^{}]*)\}$")
ATTRIBUTE = re.compile(r"#(?P<id>[^\s=\"']*)|label\s*=\s*\"(?P<label>[^\"]*)\"")
# Typographic signs and what they stand for: a change of these alone is no change of the words.
PLAIN_SIGNS = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."}
)


class Attributes(NamedTuple):
    words: str
    id: str = ""
    label: str = ""
    unread: str = ""  # what stands in the braces and can't be read


def take_attributes(text: str) -> Attributes:
    """The words, and what `{: … }` after them says.

    >>> take_attributes('Be still {#still label="Still"}')
    Attributes(words='Be still', id='still', label='Still', unread='')
    """
    text = text.strip()
    found = ATTRIBUTES.search(text)
    if found is None:
        return Attributes(text)
    inside = re.sub("[“”„]", '"', found[2]).strip()  # as word processors type them
    own_id = label = ""
    for attribute in ATTRIBUTE.finditer(inside):
        if attribute["label"] is not None:
            label = " ".join(attribute["label"].split())
        else:
            own_id = attribute["id"]
    left = ATTRIBUTE.sub("", inside).strip()
    if "#" in inside and not own_id:
        left = left or inside
    return Attributes(text[: found.start()].strip(), own_id, label, left)


def slug(words: str) -> str:
    """Words as an id; empty for writing that has no Latin letters.

    >>> slug("God’s light – così")
    'gods-light-cosi'
    """
    words = unicodedata.normalize("NFKD", words.translate(PLAIN_SIGNS)).replace("'", "")
    plain = words.encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return made if len(made) <= 64 else made[:65].rpartition("-")[0] or made[:64]


def free(wanted: str, taken: dict[str, int]) -> str:
    """The id, or the first of `id-2`, `id-3`, … that nobody has."""
    candidate, number = wanted, 1
    while candidate in taken:
        number += 1
        candidate = f"{wanted[: 64 - len(str(number)) - 1]}-{number}"
    return candidate


def ids_of(sections: tuple[Section, ...]) -> set[str]:
    """Every id that readers' answers may belong to: `section` and `section/prompt`."""
    prompts = {f"{section.id}/{prompt.id}" for section in sections for prompt in section.prompts}
    return prompts | {section.id for section in sections}
