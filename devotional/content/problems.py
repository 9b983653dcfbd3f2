"""The kinds of problem a content file can have, and the bag that collects them.

Every check in this package speaks to its author through here. Nothing here finds a problem; the
modules that read do, and each says in plain words what the author should do about it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from .library import Problem


class Kind(StrEnum):
    """Stable numbers, for `manage.py check` and SILENCED_SYSTEM_CHECKS. Never reuse one."""

    UNREADABLE = "E001"
    FILE_NAME = "E002"
    FRONT_MATTER = "E003"
    NO_TITLE = "E004"
    UNKNOWN_KEY = "E005"
    BAD_VALUE = "E006"
    BAD_DATE = "E007"
    BAD_LANGUAGE = "E008"
    BAD_ID = "E009"
    DUPLICATE_ID = "E010"
    LIVE_AND_RETIRED = "E011"
    VANISHED_ID = "E012"
    EMPTY_SECTION = "E013"
    QUESTION_LIST = "E014"
    UNSAFE_HTML = "E015"
    REMOTE_IMAGE = "E016"
    HEADING = "E017"
    CRASH = "E018"


class ContentError(Exception):
    """A content file that can't be shown, with everything that is wrong in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Problems:
    """What is wrong in one file, gathered while it is read so that nothing stops at the first."""

    path: Path
    found: list[Problem] = field(default_factory=list)

    def add(self, kind: Kind, line: int, reason: str, hint: str = "") -> None:
        self.found.append(Problem(self.path, line, reason, hint, kind.value))

    def in_order(self) -> tuple[Problem, ...]:
        """By line, each said once."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda problem: problem.line))

    def raise_any(self) -> None:
        if self.found:
            raise ContentError(self.in_order())
