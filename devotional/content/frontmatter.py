"""The lines between the two `---` at the top of a file: what they may say, and what they say.

Values are taken as they are typed, so that a title of `1984` and the language `no` mean what
their author meant and not what YAML would make of them. The text below the front matter belongs
to `source`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import yaml

from .ids import ID, ID_RULE
from .problems import Kind, Problems
from .typography import typographic

KEYS = "title, author, language, summary, closing, published, updated, opening, retired, order"
RETIRED = re.compile(rf"{ID.pattern}(?:/{ID.pattern})?")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


@dataclass
class FrontMatter:
    title: str = ""
    author: str = ""
    language: str = "en"
    summary: str = ""
    closing: str = ""
    published: date | None = None
    updated: date | None = None
    opening_id: str = "opening"
    opening_label: str = ""
    retired: dict[str, int] = field(default_factory=dict)  # id -> line
    order: int | None = None
    lines: dict[str, int] = field(default_factory=dict)  # key -> line


def split(text: str, problems: Problems) -> tuple[str, str, int]:
    """The front matter, the Markdown below it, and the line where the Markdown begins."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        problems.add(
            Kind.FRONT_MATTER,
            1,
            "the file must begin with a line of three hyphens (---), then title: and the other "
            "facts, then three hyphens again",
        )
        return "", text, 1
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ("---", "..."):
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    problems.add(
        Kind.FRONT_MATTER,
        1,
        "the facts at the top have no end: close them with a line of three hyphens (---)",
    )
    return "", "", len(lines)


def read(text: str, problems: Problems) -> FrontMatter:
    """Read the front matter; everything wrong in it goes to `problems`."""
    facts = FrontMatter()
    for key, line, value in _pairs(text, problems):
        if key in facts.lines:
            problems.add(Kind.FRONT_MATTER, line, f"{key}: stands twice: keep one of the two")
            continue
        facts.lines[key] = line
        match key:
            case "title" | "author" | "summary" | "closing":
                words = typographic(" ".join(_text(key, value, problems).split()))
                setattr(facts, key, words)
            case "language":
                facts.language = _language(value, problems)
            case "published" | "updated":
                setattr(facts, key, _date(key, value, problems))
            case "order":
                facts.order = _order(value, problems)
            case "opening":
                _read_opening(value, facts, problems)
            case "retired":
                _read_retired(value, facts, problems)
            case _:
                problems.add(
                    Kind.UNKNOWN_KEY,
                    line,
                    f"{key[:60]!r} isn't known here: take it out, or use one of {KEYS}",
                )
    return facts


def line_of(node: yaml.Node) -> int:
    """The line in the file: the front matter begins on its second line."""
    return int(node.start_mark.line) + 2


def _pairs(text: str, problems: Problems) -> Iterator[tuple[str, int, yaml.Node]]:
    """Keys, their lines and their values. Nothing is built but this tree of strings."""
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) and event.start_mark is not None:
                reason = "a value that begins with * must stand in quotes"
                problems.add(Kind.FRONT_MATTER, event.start_mark.line + 2, reason)
                return
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        problems.add(
            Kind.FRONT_MATTER,
            line,
            f"this line can't be read ({what}): write key: value, and put a value that holds a "
            "colon or begins with a sign in quotes",
        )
        return
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        problems.add(Kind.FRONT_MATTER, 2, "write one fact a line, as in title: My devotional")
        return
    for key, value in root.value:
        yield _shown(key), line_of(key), value


def _shown(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else "(not a word)"


def _text(key: str, value: yaml.Node, problems: Problems) -> str:
    if isinstance(value, yaml.ScalarNode):
        # A bare `~` is nothing in YAML; in quotes it is itself.
        return "" if value.style is None and value.value == "~" else str(value.value).strip()
    problems.add(Kind.BAD_VALUE, line_of(value), f"{key}: must be words on one line")
    return ""


def _language(value: yaml.Node, problems: Problems) -> str:
    tag = _text("language", value, problems)
    if LANGUAGE.fullmatch(tag):
        return tag
    problems.add(
        Kind.BAD_LANGUAGE,
        line_of(value),
        f"{tag[:40]!r} isn't a language tag: write en, es, pt-BR, he and the like",
    )
    return "en"


def _date(key: str, value: yaml.Node, problems: Problems) -> date | None:
    text = _text(key, value, problems)
    try:
        # `fromisoformat` also reads weeks and bare digits, which nobody means here.
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    problems.add(
        Kind.BAD_DATE,
        line_of(value),
        f"{key}: {text[:40]!r} isn't a date: write year-month-day, as in 2026-03-01",
    )
    return None


def _order(value: yaml.Node, problems: Problems) -> int | None:
    text = _text("order", value, problems)
    if re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        return int(text)
    problems.add(Kind.BAD_VALUE, line_of(value), "order: must be a whole number, as in order: 2")
    return None


def _read_opening(value: yaml.Node, facts: FrontMatter, problems: Problems) -> None:
    if not isinstance(value, yaml.MappingNode):
        problems.add(
            Kind.BAD_VALUE,
            line_of(value),
            "opening: takes two indented lines below it, id: and label:",
        )
        return
    for key, inner in value.value:
        name, text = _shown(key), _text(f"opening {_shown(key)}", inner, problems)
        if name == "label":
            facts.opening_label = typographic(" ".join(text.split()))
        elif name != "id":
            problems.add(
                Kind.UNKNOWN_KEY,
                line_of(key),
                f"{name[:60]!r} isn't known under opening: take it out, or use id or label",
            )
        elif ID.fullmatch(text):
            facts.opening_id = text
        else:
            problems.add(
                Kind.BAD_ID, line_of(key), f"the id {text[:80]!r} can't be used: {ID_RULE}"
            )


def _read_retired(value: yaml.Node, facts: FrontMatter, problems: Problems) -> None:
    if not isinstance(value, yaml.SequenceNode):
        problems.add(
            Kind.BAD_VALUE,
            line_of(value),
            "retired: takes a list, one id a line, each line beginning with a hyphen",
        )
        return
    for item in value.value:
        text = _text("retired", item, problems)
        if RETIRED.fullmatch(text):
            facts.retired[text] = line_of(item)
        else:
            problems.add(
                Kind.BAD_ID,
                line_of(item),
                f"{text[:80]!r} can't be retired: write the section's id, or section/question",
            )
