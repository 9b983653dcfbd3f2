"""What a devotional is, once read: frozen values with stable string ids.

Here live the shapes that every page is made from. Nothing here reads a file, asks who is reading
or touches the database; `loader` makes these values and `library` shows them.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question after a section. `id` is stable: answers are kept under it."""

    id: str
    words: str  # plain text, typographic; escape before showing


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a devotional with a page of its own."""

    id: str
    number: int  # 1-based place in the devotional
    title: str  # plain text: the heading's words, or the devotional's title for the opening
    label: str  # short name for lists and buttons; the title where none is given
    html: str  # sanitised, safe to put on a page; holds no heading for the section itself
    minutes: int  # reading time, at least 1
    digest: str  # hex digest of the section's text, so that a change can be noticed (W13)
    prompts: tuple[Prompt, ...] = ()
    together: tuple[str, ...] = ()  # questions for a group, plain text

    def prompt(self, prompt_id: str) -> Prompt | None:
        return next((prompt for prompt in self.prompts if prompt.id == prompt_id), None)


@dataclass(frozen=True)
class Devotional:
    """One essay or plan: one Markdown file in `content/`."""

    id: str  # the file's name without its ending; part of every URL
    title: str
    language: str  # BCP 47, goes into `lang`
    summary: str
    sections: tuple[Section, ...]
    author: str = ""
    closing: str = ""  # the author's last sentence, for the page after the last part
    published: date | None = None
    updated: date | None = None
    digest: str = ""  # hex digest of everything a page shows
    order: int | None = None  # place on the shelf, where the author gave one
    retired: frozenset[str] = frozenset()  # `section` or `section/prompt` taken out on purpose

    def section(self, section_id: str) -> Section | None:
        return next((section for section in self.sections if section.id == section_id), None)

    def before(self, section: Section) -> Section | None:
        return self.sections[section.number - 2] if section.number > 1 else None

    def after(self, section: Section) -> Section | None:
        return self.sections[section.number] if section.number < len(self.sections) else None

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`, from the language."""
        return "rtl" if self.language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"

    @property
    def minutes(self) -> int:
        return sum(section.minutes for section in self.sections)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a content file, for the one who has to mend it."""

    path: Path
    line: int  # 1-based
    reason: str  # a sentence that says what to do
    hint: str = ""
    code: str = "E018"  # stable for each kind of problem; the kinds are listed in `problems`

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}: {self.reason}"


@dataclass(frozen=True)
class Library:
    """Every devotional that can be read now, in the order of the shelf."""

    devotionals: tuple[Devotional, ...] = ()
    problems: tuple[Problem, ...] = field(default=(), compare=False)
    version: str = ""  # changes when, and only when, a page would

    @cached_property
    def _by_id(self) -> dict[str, Devotional]:
        return {devotional.id: devotional for devotional in self.devotionals}

    def devotional(self, devotional_id: str) -> Devotional | None:
        return self._by_id.get(devotional_id)
