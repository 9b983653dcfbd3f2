"""Markdown to safe HTML and to plain words, for one file at a time.

A `Renderer` first learns the links and notes that are defined anywhere in a file, then renders
each section as a page of its own with only the notes it uses. Where sections begin is decided in
`source`; what may stand in a page is decided in `sanitise`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import override
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions.footnotes import FootnoteExtension
from markdown.treeprocessors import Treeprocessor

from . import sanitise
from .typography import use_typography

END = "\x7f"  # a sign that no text has: `source` takes it out
REFERENCE = re.compile(r"\[\^([^\]]*)\]")


class Headings(HashHeaderProcessor):
    """A heading needs a space after its signs, as in other Markdown; `#1` is text."""

    RE = re.compile(r"(?:^|\n)(?P<level>#{1,6})(?P<header> [^\n]*|)(?:\n|$)")

    @override
    def run(self, parent: Element, blocks: list[str]) -> None:
        super().run(parent, blocks)
        parent[-1].text = without_closing_signs(parent[-1].text or "")


def without_closing_signs(heading: str) -> str:
    """`Title ##` is `Title`; the sign in `C#` stays."""
    words = heading.strip()
    shorter = words.rstrip("#")
    return shorter.rstrip() if not shorter or shorter.endswith(" ") else words


class Notes(FootnoteExtension):
    """Footnotes whose ids belong to a section and whose numbers follow the text."""

    def __init__(self) -> None:
        super().__init__(
            SEPARATOR="-",
            BACKLINK_TEXT="&#8617;&#65038;",  # an arrow, and no emoji
            BACKLINK_TITLE="Back to note {} in the text",
        )
        self.section_id = ""
        self.wanted: frozenset[str] | None = None
        self._numbers: dict[str, int] = {}

    def begin(self, section_id: str, texts: Mapping[str, str], wanted: list[str] | None) -> None:
        """Start a section: with all notes known and none shown, or with those it uses."""
        self.section_id = section_id
        self.wanted = None if wanted is None else frozenset(wanted)
        self._numbers = {}
        for label in texts if wanted is None else wanted:
            self.footnotes[label] = texts[label]

    @override
    def setFootnote(self, id: str, text: str) -> None:
        if self.wanted is None or id in self.wanted:
            super().setFootnote(id, text)

    @override
    def makeFootnoteId(self, id: str) -> str:
        return f"fn-{self._key(id)}"

    @override
    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:
        return self.unique_ref(f"fnref-{self._key(id)}", found)

    def _key(self, label: str) -> str:
        """A label may hold anything, so ids use a number instead."""
        number = self._numbers.setdefault(label, len(self._numbers) + 1)
        return f"{self.section_id}-{number}"

    @override
    def makeFootnotesDiv(self, root: Element) -> Element | None:
        return None if self.wanted is None else super().makeFootnotesDiv(root)


class Tables(Treeprocessor):
    """Alignment by class, since the page forbids inline styles; wide tables scroll by keyboard."""

    @override
    def run(self, root: Element) -> None:
        for parent in list(root.iter()):
            if parent.tag in ("td", "th") and (side := parent.attrib.pop("align", "")):
                parent.set("class", f"align-{side}")
            for place, child in enumerate(parent):
                if child.tag == "table":
                    frame = Element("div", {"class": "table", **sanitise.FRAME})
                    frame.tail, child.tail = child.tail, None
                    frame.append(child)
                    parent[place] = frame


@dataclass(frozen=True, slots=True)
class Rendered:
    html: str
    words: str
    faults: tuple[sanitise.Fault, ...]

    @property
    def is_empty(self) -> bool:
        """No words and no picture: a rule or a comment alone is nothing to read."""
        return not self.words and "<img" not in self.html


class Renderer:
    """Renders the parts of one file. `body` is all of the file's Markdown."""

    def __init__(self, body: str) -> None:
        self._notes = Notes()
        self._md = Markdown(
            extensions=[self._notes, "attr_list", "fenced_code", "sane_lists", "tables"],
            extension_configs={"tables": {"use_align_attribute": True}},
            output_format="html",
        )
        self._md.parser.blockprocessors.register(Headings(self._md.parser), "hashheader", 70)
        # Underlined headings are found by `source`; here they would be found in lists and tables.
        self._md.parser.blockprocessors.deregister("setextheader")
        self._md.treeprocessors.register(Tables(self._md), "frames", 7)
        use_typography(self._md)
        lines = body.split("\n")
        for preprocessor in self._md.preprocessors:
            lines = preprocessor.run(lines)
        self._md.parser.parseDocument(lines)
        self._references = dict(self._md.references)
        self._texts = dict(self._notes.footnotes)

    def section(self, text: str, section_id: str) -> Rendered:
        """A section as a page: its own notes below it, ids unique in the devotional."""
        html = self._convert(text, section_id, self._used_notes(text, section_id))
        safe = sanitise.clean(html).strip()
        return Rendered(safe, sanitise.words(safe), tuple(sanitise.faults(html)))

    def line(self, text: str) -> Rendered:
        """A heading or a question: its words without markup, and what was wrong in it."""
        # The last character keeps `{words in braces}` from being read as attributes.
        text = f"###### {REFERENCE.sub('', ' '.join(text.split()))}{END}"
        html = self._convert(text, "", []).replace(END, "")
        return Rendered("", sanitise.words(sanitise.clean(html)), tuple(sanitise.faults(html)))

    def _used_notes(self, text: str, section_id: str) -> list[str]:
        """The notes that a section refers to, in its order, and those that these refer to."""
        if not self._texts:
            return []
        self._convert(text, section_id, None)
        used = list(self._notes.footnote_order)
        for label in used:  # grows while it is read
            more = REFERENCE.findall(self._texts.get(label, ""))
            used += [other for other in more if other in self._texts and other not in used]
        return used

    def _convert(self, text: str, section_id: str, wanted: list[str] | None) -> str:
        self._md.reset()
        self._md.references.update(self._references)
        self._notes.begin(section_id, self._texts, wanted)
        return self._md.convert(text)
