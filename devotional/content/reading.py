"""One file read into one devotional: ids given out, sections rendered, every problem named.

This is where the parts of the package meet: `frontmatter` and `source` say what is in the file,
`markdown` renders it. Which files there are, and what to show when one is broken, is for `shelf`.
"""

import hashlib
import json
import stat
import unicodedata
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .frontmatter import FrontMatter
from .frontmatter import read as read_front_matter
from .frontmatter import split as split_front_matter
from .ids import ID, ID_RULE, PLAIN_SIGNS, free, ids_of, slug
from .library import Devotional, Problem, Prompt, Section
from .markdown import Renderer
from .problems import ContentError, Kind, Problems
from .sanitise import Fault
from .source import Item, Part, normalise, scan

WORDS_A_MINUTE = 220
BRACKETS = 1000
LARGEST = 4 * 1024 * 1024  # bytes; some 700,000 words


@dataclass(frozen=True)
class Reading:
    """A devotional, and the lines where its sections begin."""

    devotional: Devotional
    lines: dict[str, int]  # section id -> line; "retired" -> where the ids taken out are listed


def read_devotional(path: Path) -> Devotional:
    """Read one file, or raise `ContentError` with everything that is wrong in it."""
    return parse(path, read_bytes(path)).devotional


def read_bytes(path: Path) -> bytes:
    """The file's bytes, if it is a file and of a size that somebody wrote."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            reason = "this isn't a file: give the folder another name, without .md"
        elif status.st_size > LARGEST:
            reason = f"the file is larger than {LARGEST // 1024**2} MB: divide it into several"
        else:
            return path.read_bytes()
    except OSError as error:
        reason = f"the file can't be opened ({error.strerror}): look at its permissions"
    raise ContentError([Problem(path, 1, reason, code=Kind.UNREADABLE.value)])


def parse(path: Path, raw: bytes) -> Reading:
    """Read a file's bytes. Whatever goes wrong is a problem of this file and of nothing else."""
    problems = Problems(path)
    try:
        return _parse(path, raw, problems)
    except ContentError:
        raise
    except Exception as error:  # a crash in a parser must not take the site down
        before, sign, _ = raw.partition(b"<![")
        if sign:  # the standard library's parser gives up at these
            reason = "<![ isn't allowed: take it out, or write &lt; if you mean the sign itself"
            problems.add(Kind.UNSAFE_HTML, before.count(b"\n") + 1, reason)
        else:
            reason = f"the text can't be understood ({type(error).__name__}): look for lists, "
            reason += "quotations or brackets nested very deeply, and make them simpler"
            problems.add(Kind.CRASH, 1, reason)
        raise ContentError(problems.in_order()) from error


def _parse(path: Path, raw: bytes, problems: Problems) -> Reading:
    if not ID.fullmatch(path.stem):
        reason = f"the file's name is part of its address: {ID_RULE}"
        hint = f"As in {slug(path.stem) or 'my-devotional'}.md"
        problems.add(Kind.FILE_NAME, 1, f"{reason}, then .md", hint)
    try:
        text = normalise(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add(
            Kind.UNREADABLE, line, "this line isn't UTF-8 text: save the file again as UTF-8"
        )
        raise ContentError(problems.in_order()) from error
    front, body, first_line = split_front_matter(text, problems)
    facts = read_front_matter(front, problems)
    unreadable = any(problem.code == Kind.FRONT_MATTER.value for problem in problems.found)
    if not facts.title and not unreadable:
        reason = "the devotional has no title: add a line title: and its name"
        problems.add(Kind.NO_TITLE, facts.lines.get("title", 1), reason)
    _refuse_brackets(body, first_line, problems)
    reading = _Assembly(facts, body, first_line, problems).run(path.stem)
    problems.raise_any()
    return reading


def _refuse_brackets(body: str, first_line: int, problems: Problems) -> None:
    """Python-Markdown takes minutes over thousands of brackets in one paragraph."""
    line = first_line
    for block in body.split("\n\n"):
        if block.count("[") > BRACKETS:
            reason = f"more than {BRACKETS} brackets [ in one paragraph: divide it"
            problems.add(Kind.CRASH, line, reason)
            raise ContentError(problems.in_order())
        line += block.count("\n") + 2


class _Assembly:
    """Makes sections of parts. Keeps what every step needs: the facts, the renderer, the bag."""

    def __init__(self, facts: FrontMatter, body: str, first_line: int, problems: Problems) -> None:
        self._facts = facts
        self._problems = problems
        self._parts = scan(body, first_line, problems)
        self._rows = list(enumerate(body.split("\n"), start=first_line))
        self._renderer = Renderer(body)
        self._lines: dict[str, int] = {}

    def run(self, devotional_id: str) -> Reading:
        facts = self._facts
        sections = self._sections()
        self._check_retired(sections)
        devotional = Devotional(
            id=devotional_id,
            title=facts.title,
            language=facts.language,
            summary=facts.summary,
            closing=facts.closing,
            sections=sections,
            author=facts.author,
            published=facts.published,
            updated=facts.updated,
            order=facts.order,
            retired=frozenset(facts.retired),
        )
        lines = self._lines | {"retired": facts.lines.get("retired", 1)}
        return Reading(replace(devotional, digest=digest_of(devotional)), lines)

    def _sections(self) -> tuple[Section, ...]:
        opening, *others = self._parts
        has_opening = bool(
            opening.prompts
            or opening.together
            or not self._renderer.section(opening.text, "x").is_empty
        )
        parts = self._parts if has_opening else others
        if not parts:
            self._problems.add(
                Kind.EMPTY_SECTION,
                opening.line,
                "there is nothing to read yet: write the text below the second line of hyphens",
            )
        titles = [
            self._facts.title if part is opening else self._line(part.title, part.line)
            for part in parts
        ]
        if has_opening:
            opening.id, opening.label = self._facts.opening_id, self._facts.opening_label
        ids = self._give_ids(
            [Item(part.line, title, part.id) for part, title in zip(parts, titles, strict=True)],
            "section",
        )
        return tuple(
            self._section(number, part, own_id, title, part is opening)
            for number, (part, own_id, title) in enumerate(zip(parts, ids, titles, strict=True), 1)
        )

    def _section(
        self, number: int, part: Part, own_id: str, title: str, is_opening: bool
    ) -> Section:
        self._lines.setdefault(own_id, part.line)
        rendered = self._renderer.section(part.text, own_id)
        self._report(rendered.faults, part)
        if not is_opening and not title:
            self._problems.add(
                Kind.HEADING, part.line, "this section's heading has no words: write its title"
            )
        if rendered.is_empty and not (part.prompts or part.together):
            self._problems.add(
                Kind.EMPTY_SECTION,
                part.line,
                f"the section {title[:80]!r} is empty: write its text, or take the heading out",
            )
        words = [self._line(item.text, item.line) for item in part.prompts]
        asked = [Item(i.line, said, i.id) for i, said in zip(part.prompts, words, strict=True)]
        return Section(
            id=own_id,
            number=number,
            title=title,
            label=self._line(part.label, part.line) or title,
            html=rendered.html,
            minutes=max(1, -(-len(rendered.words.split()) // WORDS_A_MINUTE)),
            digest=_digest(unicodedata.normalize("NFC", rendered.words.translate(PLAIN_SIGNS))),
            prompts=tuple(
                Prompt(prompt_id, item.text)
                for prompt_id, item in zip(self._give_ids(asked, "prompt"), asked, strict=True)
            ),
            together=tuple(self._line(item.text, item.line) for item in part.together),
        )

    def _line(self, text: str, line: int) -> str:
        rendered = self._renderer.line(text)
        for fault in rendered.faults:
            self._problems.add(fault.kind, line, fault.reason)
        return rendered.words

    def _give_ids(self, items: list[Item], kind: str) -> list[str]:
        """Each item's own id, or one made from its words; the same words always give the same."""
        taken: dict[str, int] = {}
        for item in items:
            if item.id and item.id in taken:
                self._problems.add(
                    Kind.DUPLICATE_ID,
                    item.line,
                    f"the id {item.id!r} is also on line {taken[item.id]}: give one of the two "
                    "another id (the newer one, so that answers stay where they are)",
                )
            elif item.id:
                taken[item.id] = item.line
        ids: list[str] = []
        for number, item in enumerate(items, start=1):
            given = item.id or free(slug(item.text) or f"{kind}-{number}", taken)
            taken.setdefault(given, item.line)
            ids.append(given)
        return ids

    def _check_retired(self, sections: tuple[Section, ...]) -> None:
        for both in ids_of(sections) & self._facts.retired.keys():
            self._problems.add(
                Kind.LIVE_AND_RETIRED,
                self._facts.retired[both],
                f"{both!r} is in the text and also listed under retired: take it out of one",
            )

    def _report(self, faults: tuple[Fault, ...], part: Part) -> None:
        """Point each fault at its line: the next row of the section that holds its clue."""
        seen: dict[str, int] = {}
        for fault in faults:
            clue = fault.clue.casefold()
            holding = [line for line, row in part.rows if clue in row.casefold()]
            # A link may be defined elsewhere in the file.
            holding = holding or [line for line, row in self._rows if clue in row.casefold()]
            after = [line for line in holding if line > seen.get(clue, 0)]
            line = next(iter(after or holding), part.line)
            seen[clue] = line
            self._problems.add(fault.kind, line, fault.reason)


def digest_of(devotional: Devotional) -> str:
    """Over everything a page shows. Its place on the shelf and what is retired aren't shown."""
    shown = asdict(devotional)
    del shown["digest"], shown["order"], shown["retired"]
    return _digest(json.dumps(shown, default=str, sort_keys=True))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
