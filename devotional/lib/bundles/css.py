"""CSS made bare of comments and fit to stand behind another style sheet."""

import posixpath
import re

from devotional.lib.bundles.source import PAIRS, Source

CSS_TOKEN = re.compile(
    r"""
    (?P<comment> /\*.*?\*/ )
    | (?P<string> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<url> \burl\( \s* (?: "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | (?:[^"'()\\\s]|\\.)* )
        \s* \) )
    | (?P<first> @(?:import|charset|namespace)\b )
    | (?P<escape> \\. )
    | (?P<broken> /\* | ["'] )
    | (?P<open> [{(\[] )
    | (?P<close> [})\]] )
    | (?P<other> [^/"'\\@{}()\[\]u]+ | . )
    """,
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)


def bare_css(source: Source, *, within: str) -> str:
    """The style sheet without its comments.

    A comment also parts two words (`a/**/b`), and a space in its stead would mean something else in
    a selector. So where neither side is a space or a mark that parts by itself, an empty comment
    stays. What only works at the top of a file, and a bracket left open, would change the meaning
    of the files that follow, and is refused.
    """
    kept: list[str] = []
    opened: list[tuple[str, int]] = []
    for token in CSS_TOKEN.finditer(source.text):
        text, at = token.group(), token.start()
        match token.lastgroup:
            case "comment":
                before = kept[-1][-1] if kept else "\n"
                after = source.text[token.end() : token.end() + 1] or "\n"
                text = "" if _parts(before) or _parts(after) else "/**/"
            case "first":
                source.refuse(at, f"{text} works only at the top of a file, so cannot be joined")
            case "broken":
                source.refuse(at, "a comment or string that is never closed")
            case "open":
                opened.append((text, at))
            case "close":
                if not opened or opened.pop()[0] != PAIRS[text]:
                    source.refuse(at, f"{text} closes nothing")
            case "url":
                _refuse_moved_url(source, at, text, within)
        if text:
            kept.append(text)
    if opened:
        source.refuse(opened[-1][1], f"{opened[-1][0]} is never closed")
    return _without_blank_lines("".join(kept))


def _parts(character: str) -> bool:
    return character.isspace() or character in "{};,"


def _refuse_moved_url(source: Source, at: int, text: str, within: str) -> None:
    """A relative url() is read from where the bundle is, so both must share a folder."""
    target = text[text.index("(") + 1 : -1].strip().strip("\"'")
    elsewhere = posixpath.dirname(source.name) != posixpath.dirname(within)
    if elsewhere and target and not re.match(r"[/#]|[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
        source.refuse(at, f"a relative url() would no longer be found from {within}")


def _without_blank_lines(css: str) -> str:
    # Strings hold no bare line break in CSS, so a blank line is always between tokens.
    return re.sub(r"[ \t]*\n\s*\n", "\n", css.strip()) + "\n"
