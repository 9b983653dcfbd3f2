"""Join small source files into the few that a page asks for, without a build step.

Here live a finder for `django.contrib.staticfiles` and the two ways of joining, one for CSS and one
for JavaScript. A style or a behaviour stays one concern a file, and a page stays within its ten
requests. Nothing here minifies, translates or guesses: what cannot be joined safely is an
`ImproperlyConfigured` that names the file and the line.

    STATICFILES_FINDERS = [..., "devotional.lib.bundles.BundleFinder"]
    STATIC_BUNDLES = {
        "css/site.css": ["css/fonts.css", "css/tokens.css"],
        "js/reading.js": ["js/aa.js"],  # and whatever aa.js imports
    }
"""

import atexit
import os
import posixpath
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, FileSystemFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage

type Stamp = tuple[Path, int, int]  # a source's place, modification time (ns) and size (bytes)
# By these names, since within BundleFinder `list` is its method.
type Stamps = list[Stamp]
type Messages = list[CheckMessage]


@dataclass(frozen=True)
class Source:
    """A file as it was when read: its name below the static root, its text, and its stamp."""

    name: str
    text: str
    stamp: Stamp

    def refuse(self, at: int, why: str) -> NoReturn:
        line = self.text.count("\n", 0, at) + 1
        raise ImproperlyConfigured(f"{self.name}, line {line}: {why}")


type Read = Callable[[str], Source | None]


# Finding


class BundleFinder(BaseFinder):
    """Offers each name in `STATIC_BUNDLES` as if a file of that name existed.

    `collectstatic` is handed the joined files from memory, freshly made: it skips a file that looks
    older than the one it collected last time, so nothing from an earlier run may be offered. Only
    where a path on disk is asked for, in development and under tests, are they written, to a
    temporary folder of this process. There a file is joined anew as soon as a source of it, or
    the setting, has changed; a reload of the page is enough.

    Two bundles that import the same module each hold a copy of it, with a state of its own. Put
    behaviours that share state in one bundle.
    """

    def __init__(self, app_names: Sequence[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self._sources = FileSystemFinder()
        self._folder: Path | None = None
        self._made_from: dict[str, tuple[list[str], list[Stamp]]] = {}
        self._lock = threading.Lock()

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The joined file's place on disk, or an empty list: what `finders.find()` expects."""
        if path not in _bundles():
            return []
        found = str(self._on_disk(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        storage = InMemoryStorage()
        for name, names in _bundles().items():
            if not matches_patterns(name, ignore_patterns or []):
                joined = join(name, names, self._read)
                storage.save(name, ContentFile(joined.text.encode()))
                yield name, storage

    def check(self, **kwargs: Any) -> Messages:
        """`manage.py check` joins every bundle once, so a mistake is seen before a visitor is."""
        errors: Messages = []
        for name, names in _bundles().items():
            try:
                if self._read(name) is not None:
                    raise ImproperlyConfigured(f"{name}: a bundle and a file have the same name")
                join(name, names, self._read)
            except ImproperlyConfigured as mistake:
                errors.append(Error(str(mistake), id="bundles.E001"))
        return errors

    def _on_disk(self, name: str) -> Path:
        names = list(_bundles()[name])
        with self._lock:
            target = self._folder_of_this_process() / name
            if self._made_from.get(name) != (names, self._stamps_now(name)):
                joined = join(name, names, self._read)
                target.parent.mkdir(parents=True, exist_ok=True)
                # A reader must never see half a file, so it is written aside and moved.
                aside = target.with_name(target.name + ".new")
                aside.write_text(joined.text, encoding="utf-8", newline="\n")
                aside.replace(target)
                self._made_from[name] = (names, [source.stamp for source in joined.sources])
        return target

    def _folder_of_this_process(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="bundles-"))
            atexit.register(_remove, self._folder, maker=os.getpid())
        return self._folder

    def _stamps_now(self, name: str) -> Stamps:
        """The stamps of the files last joined; a file that is gone leaves a gap, so differs."""
        _, stamps = self._made_from.get(name, ([], []))
        return [_stamp(path) for path, _, _ in stamps if path.is_file()]

    def _read(self, name: str) -> Source | None:
        try:
            found = self._sources.find(name)
        except SuspiciousFileOperation:  # a name that climbs out of the static folders
            return None
        if not found or not Path(found).is_file():
            return None
        path = Path(found)
        stamp = _stamp(path)  # before the text: a change in between is then seen next time
        return Source(name, path.read_text(encoding="utf-8"), stamp)


def _remove(folder: Path, *, maker: int) -> None:
    # A forked worker inherits the finder; the folder is its parent's to remove.
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def _bundles() -> Mapping[str, Sequence[str]]:
    bundles: Mapping[str, Sequence[str]] = getattr(settings, "STATIC_BUNDLES", {})
    return bundles


def _stamp(path: Path) -> Stamp:
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size


# Joining


@dataclass(frozen=True)
class Joined:
    text: str
    sources: list[Source]


def join(name: str, names: Sequence[str], read: Read) -> Joined:
    """Join the sources `names`, in order, as the bundle `name`; the ending says which language."""
    sources = []
    for source_name in names:
        source = read(source_name)
        if source is None:
            raise ImproperlyConfigured(f"{name}: there is no static file {source_name}")
        sources.append(source)
    match posixpath.splitext(name)[1]:
        case ".css":
            return Joined("".join(bare_css(source, within=name) for source in sources), sources)
        case ".js":
            return join_modules(sources, read)
        case _:
            raise ImproperlyConfigured(f"{name}: only .css and .js files can be joined")


# CSS

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
PAIRS = {")": "(", "]": "[", "}": "{"}


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


# Reading JavaScript


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


# JavaScript modules


@dataclass
class Import:
    at: int
    target: str  # the imported file's name below the static root
    names: list[tuple[str, str]]  # its name there, and here


@dataclass
class Module:
    source: Source
    body: str = ""  # without imports, the word "export" and whole-line comments
    imports: list[Import] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)


IMPORT_FORM = 'only import { name } from "./file.js" can be joined'
EXPORT_FORM = "only export function, async function, const name = and class can be joined"


def read_module(source: Source) -> Module:
    """Take a module's imports and exports apart from its body.

    The body will stand in a block, `{ … }`: `const`, `let`, `class` and, in modules, `function`
    stay within it. `var` would leak out and is refused. `import.meta` and `import()` would mean
    another place, and are refused too.
    """
    module = Module(source)
    everything = tokens(source)
    code = [token for token in everything if token.kind not in ("space", "comment")]
    code.append(Token("end", "", len(source.text), 0))
    dropped: set[int] = set()  # tokens at these offsets don't reach the body
    position = 0
    while position < len(code) - 1:
        token = code[position]
        after_dot = position > 0 and code[position - 1].text in (".", "?.")
        following = code[position + 1].text
        step = 1
        if token.kind == "word" and not after_dot:
            if token.text == "import" and (token.depth == 0 or following in ("(", ".")):
                step = _read_import(module, code[position:])
                dropped.update(range(token.at, code[position + step - 1].at + 1))
            elif token.text == "export" and token.depth == 0:
                _read_export(module, code[position:])
                # The space behind it goes too, so that the line begins where it did.
                behind = token.at + len(token.text)
                dropped.update({token.at, behind} - {code[position + 1].at})
            elif token.text == "var" and following not in (":", "(", ",", "}"):
                source.refuse(token.at, "var would leak out of its module; use const or let")
        position += step
    module.body = _body(everything, dropped)
    return module


def _read_import(module: Module, code: list[Token]) -> int:
    """Note an import that begins `code`; returns how many tokens it takes."""
    source, at = module.source, code[0].at
    if code[1].text != "{":
        source.refuse(at, IMPORT_FORM)
    names: list[tuple[str, str]] = []
    position = 2
    while code[position].text != "}":
        match [(part.kind, part.text) for part in code[position : position + 4]]:
            case [("word", there), ("word", "as"), ("word", here), ("mark", "," | "}")]:
                position += 3
            case [("word", there), ("mark", "," | "}"), *_]:
                here = there
                position += 1
            case _:
                source.refuse(code[position].at, IMPORT_FORM)
        names.append((there, here))
        if code[position].text == ",":
            position += 1
    match [(part.kind, part.text) for part in code[position + 1 : position + 4]]:
        case [("word", "from"), ("string", quoted), (_, follows)] if follows != "with":
            target = quoted[1:-1]
        case _:
            source.refuse(at, IMPORT_FORM)
    if not target.startswith(("./", "../")):
        source.refuse(at, f"{quoted} is not a relative path; {IMPORT_FORM}")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source.name), target))
    module.imports.append(Import(at, path, names))
    return position + (4 if follows == ";" else 3)


def _read_export(module: Module, code: list[Token]) -> None:
    source, at = module.source, code[0].at
    match [part.text for part in code[1:5]]:
        case ["async", "function", "*", name] | ["async", "function", name, _]:
            pass
        case ["function", "*", name, _] | ["function", name, *_]:
            pass
        case ["class", name, *_] if name not in ("{", "extends"):
            pass
        case ["const", name, "=", _]:
            _refuse_second_name(source, code[3:])
        case _:
            source.refuse(at, EXPORT_FORM)
    if not re.fullmatch(r"[\w$]+", name):
        source.refuse(at, EXPORT_FORM)
    module.exports.append(name)


def _refuse_second_name(source: Source, code: list[Token]) -> None:
    """`export const a = 1, b = 2` would export only `a`; say so instead of losing `b`."""
    for token in code:
        line_start = source.text.rfind("\n", 0, token.at) + 1
        first_on_line = not source.text[line_start : token.at].strip()
        if token.depth == 0 and token.text == ",":
            source.refuse(token.at, "export one name with each const, and end it with a semicolon")
        if token.depth == 0 and (token.text == ";" or (token.kind == "word" and first_on_line)):
            return


def _body(everything: list[Token], dropped: set[int]) -> str:
    """Put the module together again, less what is dropped and less its whole-line comments.

    Templates and strings are tokens of their own and pass unchanged. A comment that shares its
    line with code stays.
    """
    kept: list[str] = []
    for index, token in enumerate(everything):
        if token.at in dropped:
            continue
        if token.kind == "comment":
            before = everything[index - 1] if index else None
            after = everything[index + 1] if index + 1 < len(everything) else None
            begins = before is None or (before.kind == "space" and "\n" in before.text)
            ends = after is None or (after.kind == "space" and "\n" in after.text)
            if (begins or (index == 1 and before and before.kind == "space")) and ends:
                continue
        if token.kind == "space" and "\n" in token.text:
            kept = _end_line(kept)
            kept.append(token.text[token.text.rfind("\n") :])
        else:
            kept.append(token.text)
    return "".join(kept).strip()


def _end_line(kept: list[str]) -> list[str]:
    """Drop a line of spaces that a comment or an import has left behind."""
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


# One JavaScript module from several


def join_modules(sources: Sequence[Source], read: Read) -> Joined:
    """One module from several: each in a block, after the modules that it imports, and once.

    Exports travel in an object that stands outside the block: `let $m0; try { … $m0 = { fold }; }`,
    and imports are read from it at the start of another: `try { const { fold } = $m0; … }`. As
    with modules of their own, one that throws takes down only those that import it.
    """
    modules = _in_order(sources, read)
    prefix = "$m"
    while any(prefix in module.source.text for module in modules.values()):
        prefix = "$" + prefix
    handles = {name: f"{prefix}{number}" for number, name in enumerate(modules)}
    parts: list[str] = []
    for name, module in modules.items():
        handle = handles[name]
        lines = [f"// {name}", f"let {handle}; try {{" if module.exports else "try {"]
        for wanted in module.imports:
            pairs = ", ".join(
                there if there == here else f"{there}: {here}" for there, here in wanted.names
            )
            if pairs:
                lines.append(f"const {{ {pairs} }} = {handles[wanted.target]};")
        if module.body:
            lines.append(module.body)
        if module.exports:
            lines.append(f"{handle} = {{ {', '.join(module.exports)} }};")
        parts.append("\n".join([*lines, "} catch (error) { reportError(error); }\n"]))
    return Joined("".join(parts), [module.source for module in modules.values()])


def _in_order(sources: Sequence[Source], read: Read) -> dict[str, Module]:
    """All modules by name, each after those that it imports; a circle is refused."""
    done: dict[str, Module] = {}
    under_way: list[str] = []

    def visit(source: Source) -> None:
        module = read_module(source)
        under_way.append(source.name)
        for wanted in module.imports:
            if wanted.target in under_way:
                circle = [*under_way[under_way.index(wanted.target) :], wanted.target]
                source.refuse(wanted.at, f"imports go in a circle: {' > '.join(circle)}")
            if wanted.target not in done:
                target = read(wanted.target)
                if target is None:
                    source.refuse(wanted.at, f"there is no static file {wanted.target}")
                visit(target)
            for there, _ in wanted.names:
                if there not in done[wanted.target].exports:
                    source.refuse(wanted.at, f"{wanted.target} does not export {there}")
        under_way.pop()
        done[source.name] = module

    for source in sources:
        if source.name not in done:
            visit(source)
    return done
