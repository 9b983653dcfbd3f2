"""JavaScript split into tokens: as much of the language as it takes to tell code from strings."""

import re
from typing import NamedTuple

from devotional.lib.bundles.source import PAIRS, Source


class Token(NamedTuple):
    kind: str  # space, comment, string, template, regex, word or mark
    text: str
    at: int  # offset in the source
    depth: int  # brackets open around it; 0 is the module's own level


JS_TOKEN = re.compile(
    r"""
    (?P<space> \s+ )
    | (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<string> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<word> [\w$\#\\]+ )
    | (?P<broken> /\* | ["'] )
    | (?P<mark> \+\+ | -- | => | \.\.\. | . )
    """,
    re.DOTALL | re.VERBOSE,
)
JS_REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
# After these a slash begins a regular expression, after any other word or closing mark it divides.
BEFORE_REGEX = re.compile(
    "await|case|delete|do|else|in|instanceof|new|of|return|throw|typeof|void|yield"
)
AFTER_VALUE = frozenset([")", "]", "}", "++", "--"])


def tokens(source: Source, start: int = 0, *, in_template: bool = False) -> list[Token]:
    """Split a module into tokens, so that nothing within a string is taken for code.

    Within `${}` of a template the reading stops at the brace that ends it.
    """
    found: list[Token] = []
    opened: list[tuple[str, int]] = []
    before: Token | None = None  # the last token that is code
    at = start
    while at < len(source.text):
        kind, text = _next_token(source, at, before)
        if kind == "mark" and text in PAIRS:
            if in_template and text == "}" and not opened:
                found.append(Token(kind, text, at, 0))
                return found
            if not opened or opened.pop()[0] != PAIRS[text]:
                source.refuse(at, f"{text} closes nothing")
        token = Token(kind, text, at, len(opened))
        if kind == "mark" and text in "([{":
            opened.append((text, at))
        found.append(token)
        if kind not in ("space", "comment"):
            before = token
        at += len(text)
    if opened:
        source.refuse(opened[-1][1], f"{opened[-1][0]} is never closed")
    if in_template:
        source.refuse(start, "a template is never closed")
    return found


def _next_token(source: Source, at: int, before: Token | None) -> tuple[str, str]:
    if source.text[at] == "`":
        return "template", source.text[at : _end_of_template(source, at)]
    if source.text[at] == "/" and _may_begin_regex(before):
        regex = JS_REGEX.match(source.text, at)
        if regex:
            return "regex", regex.group()
    token = JS_TOKEN.match(source.text, at)
    if token is None or token.lastgroup is None or token.lastgroup == "broken":
        source.refuse(at, "a comment or string that is never closed")
    return token.lastgroup, token.group()


def _may_begin_regex(before: Token | None) -> bool:
    if before is None:
        return True
    if before.kind == "word":
        return BEFORE_REGEX.fullmatch(before.text) is not None
    return before.kind == "mark" and before.text not in AFTER_VALUE


def _end_of_template(source: Source, start: int) -> int:
    at = start + 1
    while not source.text.startswith("`", at):
        if at >= len(source.text):
            source.refuse(start, "a template is never closed")
        if source.text.startswith("${", at):
            last = tokens(source, at + 2, in_template=True)[-1]
            at = last.at + 1
        else:
            at += 2 if source.text[at] == "\\" else 1
    return at + 1
