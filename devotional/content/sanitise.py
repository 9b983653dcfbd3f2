"""What may stand in a page: the one allow-list, what breaks it, and the words that remain.

`faults()` tells an author what isn't allowed and `clean()` takes it out all the same, so that a
mistake in the first can't put anything on a page. Both read the same table. Nothing here knows
Markdown, files or lines.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import override

import nh3

from .problems import Kind

ANYWHERE = frozenset({"lang", "dir"})  # a line of Hebrew inside an English text
NOTHING: frozenset[str] = frozenset()
CELL = frozenset({"colspan", "rowspan"})
# fmt: off
PLAIN_INLINE = frozenset({
    "b", "bdi", "cite", "code", "em", "i", "kbd", "q", "s", "small", "span", "strong", "sub",
})
PLAIN_TAGS = PLAIN_INLINE | {
    "p", "br", "hr", "blockquote", "pre", "h3", "h4", "h5", "h6", "ul", "figure", "figcaption",
    "table", "caption", "thead", "tbody", "tr", "div",
}
# fmt: on

# Tag -> attributes. A tag or attribute that isn't here is an error for the author.
ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(PLAIN_TAGS, NOTHING),
    "a": frozenset({"href", "title"}),
    "abbr": frozenset({"title"}),
    "img": frozenset({"src", "alt", "title", "width", "height"}),
    "li": frozenset({"id"}),
    "ol": frozenset({"start"}),
    "sup": frozenset({"id"}),
    "td": CELL,
    "th": CELL,
}
CLASSES: dict[str, frozenset[str]] = {
    "a": frozenset({"footnote-ref", "footnote-backref"}),
    "div": frozenset({"footnote", "table"}),
    "td": frozenset({"align-left", "align-center", "align-right"}),
    "th": frozenset({"align-left", "align-center", "align-right"}),
}
# The scrolling frame that `markdown` puts around a table.
FRAME = {"role": "region", "tabindex": "0", "aria-label": "Table"}
SCHEMES = frozenset({"http", "https", "mailto"})

SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.\-\s]*):", re.IGNORECASE)
NOTE_ID = re.compile(r"fn(?:ref\d*)?-[a-z0-9-]+")
# A path below this site, by letters: no scheme, no host, no backslash, no way up.
OWN_IMAGE = re.compile(r"(?!.*\.\.)(?:/static/)?(?!/)[\w.~%-]+(?:/[\w.~%-]+)*")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must not be on a page. `clue` is how its place in the source is found."""

    kind: Kind
    clue: str
    reason: str


def is_own_image(address: str) -> bool:
    return OWN_IMAGE.fullmatch(address) is not None


def fault_of(tag: str, name: str, value: str) -> Fault | None:
    """What is wrong with one attribute, if anything."""
    if tag == "img" and name == "src":
        if is_own_image(value):
            return None
        reason = (
            f"the picture {value[:80]!r} isn't on this site: put it in static/ and write "
            "/static/ before its name, so that reading loads nothing from anyone else"
        )
        return Fault(Kind.REMOTE_IMAGE, value, reason)
    if tag == "a" and name == "href":
        scheme = SCHEME.match(value)
        if scheme is None or scheme[1].lower() in SCHEMES:
            return None
        reason = (
            f"a link can't begin with {scheme[1][:30]!r}:; use an https: or mailto: address, "
            "or take the link out"
        )
        return Fault(Kind.UNSAFE_HTML, scheme[1], reason)
    if name == "id" and tag in ("li", "sup") and NOTE_ID.fullmatch(value):
        return None
    if name == "id":
        reason = (
            f"the id {value[:60]!r} can't stand here: only sections (##) and the questions under "
            "### Reflect have ids; take it out"
        )
        return Fault(Kind.UNSAFE_HTML, f"#{value}", reason)
    if name == "class" and value and set(value.split()) <= CLASSES.get(tag, NOTHING):
        return None
    if tag == "code" and name == "class" and value.startswith("language-"):
        return None  # the name of a code block's language; it is dropped
    if tag == "div" and FRAME.get(name) == value:
        return None
    if name in ANYWHERE or name in ALLOWED.get(tag, NOTHING):
        return None
    reason = f"{name[:40]!r} isn't allowed on <{tag}>: take it out"
    return Fault(Kind.UNSAFE_HTML, name, reason)


class _Inspector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[Fault] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("h1", "h2"):
            reason = (
                f"a heading of level {tag[1]} can't stand inside a section: a section begins "
                "with ## at the left edge, a heading within it with ###"
            )
            self.faults.append(Fault(Kind.HEADING, "#" * int(tag[1]), reason))
        elif tag not in ALLOWED:
            reason = (
                f"<{tag[:40]}> isn't allowed: take it out, or write &lt; if you mean the sign "
                "itself"
            )
            self.faults.append(Fault(Kind.UNSAFE_HTML, f"<{tag}", reason))
        else:
            found = (fault_of(tag, name, value or "") for name, value in attrs)
            self.faults += [fault for fault in found if fault is not None]

    @override
    def handle_decl(self, decl: str) -> None:
        self._refuse("<!")

    @override
    def unknown_decl(self, data: str) -> None:
        self._refuse("<!")

    @override
    def handle_pi(self, data: str) -> None:
        self._refuse("<?")

    def _refuse(self, sign: str) -> None:
        reason = f"{sign} isn't allowed: take it out, or write &lt; if you mean the sign itself"
        self.faults.append(Fault(Kind.UNSAFE_HTML, sign, reason))


def faults(html: str) -> list[Fault]:
    """Everything in `html` that must not be on a page, in its order."""
    inspector = _Inspector()
    inspector.feed(html)
    inspector.close()
    if not inspector.faults and words(html).split() != words(clean(html)).split():
        reason = "part of this text would be lost: look for HTML that isn't closed, and take it out"
        return [Fault(Kind.UNSAFE_HTML, "<", reason)]
    return inspector.faults


def _keep(tag: str, name: str, value: str) -> str | None:
    if name in ("class", "rel"):  # narrowed by `allowed_classes`, set by `link_rel`
        return value
    return value if fault_of(tag, name, value) is None else None


_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED),
    attributes={"*": set(ANYWHERE), **{tag: set(names) for tag, names in ALLOWED.items()}},
    attribute_filter=_keep,
    allowed_classes={tag: set(names) for tag, names in CLASSES.items()},
    tag_attribute_values={"div": {name: {value} for name, value in FRAME.items()}},
    url_schemes=set(SCHEMES),
    link_rel="noopener noreferrer",
    strip_comments=True,
)


def clean(html: str) -> str:
    """Safe HTML: what isn't in the table is gone, whatever `faults` said."""
    return _CLEANER.clean(html)


class _Words(HTMLParser):
    """Text, with a space where one block ends and the next begins; no note marks."""

    INLINE = PLAIN_INLINE | {"a", "abbr", "sup"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._in_mark = False

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and dict(attrs).get("class") in ("footnote-ref", "footnote-backref"):
            self._in_mark = True
        elif tag not in self.INLINE:
            self.pieces.append(" ")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._in_mark = False
        elif tag not in self.INLINE:
            self.pieces.append(" ")

    @override
    def handle_data(self, data: str) -> None:
        if not self._in_mark:
            self.pieces.append(data)


def words(html: str) -> str:
    """The plain words of some HTML, single spaces between them."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.pieces).split())
