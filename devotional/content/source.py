"""Where things stand in a file: a scan of its lines for sections, questions and their ids.

The scan keeps line numbers, so that what is wrong can be pointed at, and it alone decides where
a section begins. It renders nothing: `markdown` gets the lines of each section as they are.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from markdown.extensions.fenced_code import FencedBlockPreprocessor

from .ids import ID, ID_RULE, take_attributes
from .markdown import without_closing_signs
from .problems import Kind, Problems

type Row = tuple[int, str]  # line number in the file, text

HEADING = re.compile(r"(#{1,6})(?: (.*))?")
CRAMPED = re.compile(r"#{2,6}[^\s#]")  # `##Title`, which other programs don't take as a heading
INDENTED = re.compile(r" {1,3}#{1,6} ")
UNDERLINE = re.compile(r" {0,3}(={2,}|-{2,}) *")
# Lines that can't be the words of an underlined heading: other blocks begin so.
OTHER_BLOCK = re.compile(r"\s*$| {4}| {0,3}(?:[-*+>|<#]|\d+[.)] |\[[^\]]+\]:|(?:[-*_] *){3,}$)")
RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *")
ITEM = re.compile(r"( {0,3})(?:[-*+]|\d{1,9}[.)])(?:[ ]+(.*))?")
NESTED = re.compile(r" {2,}(?:[-*+]|\d{1,9}[.)]) ")
DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:")
COMMENT = re.compile(r"^ {0,3}<!--.*?-->", re.MULTILINE | re.DOTALL)

LISTS: dict[str, Literal["prompts", "together"]] = {"reflect": "prompts", "together": "together"}


@dataclass
class Item:
    """A question as it stands in the file."""

    line: int
    text: str
    id: str = ""  # empty where none is given


@dataclass
class Part:
    """A section as it stands in the file. Line 0 of a heading is the opening, which has none."""

    line: int
    title: str = ""
    id: str = ""
    label: str = ""
    rows: list[Row] = field(default_factory=list)
    prompts: list[Item] = field(default_factory=list)
    together: list[Item] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.rows)


def normalise(text: str) -> str:
    """Unix line ends, spaces for tabs, and none of the signs that Markdown uses within itself."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return re.sub(r"[\x00\x02\x03\x1f\x7f\ufffc]", "", text)


def scan(body: str, first_line: int, problems: Problems) -> list[Part]:
    """The parts of a body, the opening first; the opening is always there and may be empty."""
    return _Scan(body, first_line, problems).run()


def _silent_rows(body: str) -> set[int]:
    """Places of the rows inside fenced code and comments, where nothing is a heading."""
    silent: set[int] = set()
    # The renderer's own pattern, so that both agree about what is code.
    for fence in FencedBlockPreprocessor.FENCED_BLOCK_RE.finditer(body):
        silent |= set(_rows_of(body, fence))
    for comment in COMMENT.finditer(body):
        rows = set(_rows_of(body, comment))
        if not rows & silent:
            silent |= rows
    return silent


def _rows_of(body: str, found: re.Match[str]) -> range:
    first = body.count("\n", 0, found.start())
    return range(first, first + found[0].count("\n") + 1)


class _Scan:
    """One walk over the rows. What a row belongs to is `_list` (a list of questions) or text."""

    def __init__(self, body: str, first_line: int, problems: Problems) -> None:
        self._rows = body.split("\n")
        self._first_line = first_line
        self._silent = _silent_rows(body)
        self._problems = problems
        self._part = Part(line=first_line)
        self._parts = [self._part]
        self._list: list[Item] | None = None
        self._list_line = self._list_start = 0
        self._list_complained = False
        self._after_blank = True
        self._in_definition = False

    def run(self) -> list[Part]:
        places = iter(range(len(self._rows)))
        for place in places:
            row, line = self._rows[place], place + self._first_line
            if place in self._silent:
                self._add_silent(line, row)
            elif level := self._underlined(place):
                self._begin(level, row.strip(), line)
                self._after_blank = True
                next(places)
                continue
            elif heading := HEADING.fullmatch(row):
                words = without_closing_signs(heading[2] or "")
                self._heading(len(heading[1]), words, line, row)
            else:
                self._warn_of_near_heading(row, line)
                self._add(line, row)
            self._after_blank = not row.strip() or bool(HEADING.fullmatch(row))
        self._end_list()
        return self._parts

    def _underlined(self, place: int) -> int:
        """Level of the heading made by this row and the `---` or `===` below it, or 0."""
        if not self._after_blank or place + 1 >= len(self._rows) or place + 1 in self._silent:
            return 0
        underline = UNDERLINE.fullmatch(self._rows[place + 1])
        if underline is None or OTHER_BLOCK.match(self._rows[place]):
            return 0
        return 1 if underline[1][0] == "=" else 2

    def _heading(self, level: int, text: str, line: int, row: str) -> None:
        if level <= 2:
            self._begin(level, text, line)
        elif level == 3:
            self._end_list()
            words = take_attributes(text).words
            if kind := LISTS.get(words.casefold()):
                self._list = getattr(self._part, kind)
                self._list_line, self._list_start = line, len(self._list)
                self._list_complained = self._in_definition = False
            else:
                self._part.rows.append((line, row))
        else:
            self._add(line, row)

    def _begin(self, level: int, text: str, line: int) -> None:
        self._end_list()
        if level == 1:
            self._problems.add(
                Kind.HEADING,
                line,
                "a page has one main title, the title: at the top of the file: make this line a "
                "section with ##, or a heading within a section with ###",
            )
            return
        title, own_id, label, unread = take_attributes(text)
        self._complain_of_id(line, own_id, unread)
        self._part = Part(line=line, title=title, id=own_id, label=label)
        self._parts.append(self._part)

    def _complain_of_id(self, line: int, own_id: str, unread: str) -> None:
        if unread:
            reason = f"{unread[:60]!r} can't be read: write {{: #short-id }}, and after it, for a "
            reason += 'section, label="Short name" if you like'
            self._problems.add(Kind.BAD_ID, line, reason)
        if own_id and not ID.fullmatch(own_id):
            reason = f"the id {own_id[:80]!r} can't be used: {ID_RULE}"
            self._problems.add(Kind.BAD_ID, line, reason)

    def _warn_of_near_heading(self, row: str, line: int) -> None:
        if CRAMPED.match(row):
            self._problems.add(Kind.HEADING, line, "put a space after the # signs of a heading")
        elif INDENTED.match(row):
            self._problems.add(
                Kind.HEADING, line, "move the # signs to the left edge: a heading begins there"
            )

    def _add_silent(self, line: int, row: str) -> None:
        if self._list is None:
            self._part.rows.append((line, row))
        elif row.startswith(("`", "~")):
            self._complain_of_list(line)

    def _add(self, line: int, row: str) -> None:
        if self._list is None:
            self._part.rows.append((line, row))
        elif row.strip() and not RULE.fullmatch(row):
            self._add_to_list(self._list, line, row)

    def _add_to_list(self, items: list[Item], line: int, row: str) -> None:
        begun = len(items) > self._list_start
        if DEFINITION.match(row):  # links and notes may stand at the end of the file
            self._in_definition = True
        elif self._in_definition and row.startswith(" "):
            pass
        elif NESTED.match(row) and begun:
            self._complain_of_list(line)
        elif item := ITEM.fullmatch(row):
            self._in_definition = False
            items.append(Item(line, item[2] or ""))
        elif begun and not row.startswith("#") and (row[:2] == "  " or not self._after_blank):
            items[-1].text += f"\n{row}"
        else:
            self._complain_of_list(line)

    def _complain_of_list(self, line: int) -> None:
        if not self._list_complained:
            name = self._rows[self._list_line - self._first_line].strip("# ")
            self._problems.add(
                Kind.QUESTION_LIST,
                line,
                f"only a plain list can stand under {name}: begin each question with a hyphen and "
                "a space; other text goes above the heading, or below a new one",
            )
        self._list_complained = True

    def _end_list(self) -> None:
        if self._list is None:
            return
        name = self._rows[self._list_line - self._first_line].strip("# ")
        new = self._list[self._list_start :]
        if not new and not self._list_complained:
            self._problems.add(
                Kind.QUESTION_LIST,
                self._list_line,
                f"there is no question under {name}: write a list below it, each question "
                "beginning with a hyphen and a space, or take the heading out",
            )
        takes_ids = self._list is self._part.prompts
        for item in new:
            item.text, item.id, label, unread = take_attributes(item.text)
            self._complain_of_id(item.line, item.id, unread or label)
            if item.id and not takes_ids:
                self._problems.add(
                    Kind.BAD_ID, item.line, "a question for the group has no id: take it out"
                )
            if not item.text:
                self._problems.add(
                    Kind.QUESTION_LIST, item.line, "this question has no words: write it"
                )
        self._list = None
