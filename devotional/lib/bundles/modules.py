"""One JavaScript module made from several.

The modules are the plain kind that we write: named imports by relative path, named exports.
"""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from devotional.lib.bundles.source import Joined, Read, Source
from devotional.lib.bundles.tokens import Token, tokens


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
