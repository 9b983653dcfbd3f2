"""Straight quotes, dashes and dots become typographic ones; no word is ever changed.

Python-Markdown's own "smarty" looks at one run of text at a time and so turns a quote the wrong
way beside emphasis or a link (`"*Hello*"`). Here a quote sees its neighbours across such borders.
Only characters are set here; what is a paragraph or a heading belongs to `markdown`.
"""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

# Between two runs of text, and where a picture, a piece of code or a footnote mark stands.
BORDER, OBJECT = "\x1f", "\ufffc"
# Python-Markdown's own placeholders: `STX number ETX` is an escaped character, others are markup.
PLACEHOLDER = re.compile(r"\x02[^\x02\x03]*\x03")
ESCAPED = re.compile(r"\x02(\d+)\x03")
SEEN_THROUGH = re.compile(rf"{BORDER}|\x02[^\x02\x03]*\x03")

DASHES = re.compile(r"(?<!-)(-{2,3})(?!-)")
DOTS = re.compile(r"(?<!\.)\.{3}(?!\.)")
STRAIGHT = re.compile(r"[\"']")
# Words and years that begin with an apostrophe, which would otherwise look like a quotation.
ELIDED = re.compile(r"'(?:\d\ds?|tis|twas|til|em|cause|n['’])(?!\w)", re.IGNORECASE)
OPENS_AFTER = frozenset(" \t\n\u00a0([{-\u2013\u2014/“‘¿¡«") | {""}
CURLY = {'"': ("“", "”"), "'": ("‘", "’")}


def typographic(text: str) -> str:
    """The same words in typographic characters.

    >>> typographic("\\"It's 'fine'\\" -- so...")
    '“It’s ‘fine’” – so…'
    """
    text = DASHES.sub(lambda dashes: "—" if len(dashes[1]) == 3 else "–", text)
    text = DOTS.sub("…", text)
    pieces: list[str] = []
    end, last = 0, ""
    for quote in STRAIGHT.finditer(text):
        between = text[end : quote.start()]
        last = _last_character(between, last)
        opening, closing = CURLY[quote[0]]
        opens = (
            last in OPENS_AFTER
            and not ELIDED.match(text, quote.start())
            and not _ends_here(text, quote.end())
        )
        pieces += between, (opening if opens else closing)
        last = pieces[-1]
        end = quote.end()
    return "".join([*pieces, text[end:]])


def _last_character(text: str, otherwise: str) -> str:
    """The last visible character, looking through borders and markup."""
    while text:
        if text.endswith(BORDER):
            text = text[:-1]
        elif text.endswith("\x03") and (start := text.rfind("\x02")) >= 0:
            if escaped := ESCAPED.fullmatch(text, start):
                return chr(int(escaped[1]))
            text = text[:start]
        else:
            return text[-1]
    return otherwise


def _ends_here(text: str, position: int) -> bool:
    """True where nothing but space follows, so that a quote can't be opening anything."""
    while seen_through := SEEN_THROUGH.match(text, position):
        if ESCAPED.fullmatch(seen_through[0]):
            return False
        position = seen_through.end()
    return position >= len(text) or text[position].isspace()


class TypographyTreeprocessor(Treeprocessor):
    """Sets a whole document, one block at a time, leaving code alone."""

    def run(self, root: Element) -> None:
        self._set_block(root)

    def _set_block(self, block: Element) -> None:
        """Typeset a block's own words; blocks inside it are separate."""
        runs: list[tuple[Element, bool, str]] = []  # element, is it the tail, text

        def gather(element: Element) -> None:
            runs.append((element, False, element.text or ""))
            for child in element:
                if child.tag in ("code", "pre", "img"):
                    runs.append((child, True, OBJECT + (child.tail or "")))
                elif child.tag == "br":
                    runs.append((child, True, " " + (child.tail or "")))
                elif self.md.is_block_level(child.tag):
                    set_runs()
                    self._set_block(child)
                    runs.append((child, True, child.tail or ""))
                else:
                    gather(child)
                    runs.append((child, True, child.tail or ""))

        def set_runs() -> None:
            typeset = typographic(BORDER.join(text for *_, text in runs)).split(BORDER)
            for (element, is_tail, _), text in zip(runs, typeset, strict=True):
                if not is_tail:
                    element.text = text
                elif element.tag in ("code", "pre", "img", "br"):
                    element.tail = text[1:]
                else:
                    element.tail = text
            runs.clear()

        gather(block)
        set_runs()


def use_typography(md: Markdown) -> None:
    """After the words are parsed and attributes taken off, before escapes are undone."""
    md.treeprocessors.register(TypographyTreeprocessor(md), "typography", 6)
    md.ESCAPED_CHARS.extend(['"', "'"])  # `\"` stays as it is typed
