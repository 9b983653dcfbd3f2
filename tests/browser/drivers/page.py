"""A page as people use it: things are found by role and name, and waited for until a deadline.

This is the page object that every journey speaks to, whatever engine draws the page. What a role,
a name and "visible" mean is said once, in JavaScript that runs in the page (`finding.js`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.drivers.driver import PATIENCE, Driver, DriverError, wait_until

FINDING = (Path(__file__).parent / "finding.js").read_text()


@dataclass(frozen=True)
class Target:
    """Something on a page, by its role and its accessible name, or a part of the name."""

    role: str
    name: str
    part: bool = False

    def __str__(self) -> str:
        return f"{self.role} “{self.name}”"


def button(name: str) -> Target:
    return Target("button", name)


def link(name: str, *, part: bool = False) -> Target:
    return Target("link", name, part)


def heading(name: str, *, part: bool = False) -> Target:
    return Target("heading", name, part)


def radio(name: str) -> Target:
    return Target("radio", name)


def box(name: str, *, part: bool = False) -> Target:
    """A box or a line to write in."""
    return Target("box", name, part)


class Page:
    """One person's tab, at a site whose addresses may be given without their beginning."""

    def __init__(self, driver: Driver, site: str) -> None:
        self.driver = driver
        self.site = site

    def open(self, path: str) -> None:
        self.driver.open(path if "://" in path else f"{self.site}{path}")

    def evaluate(self, function: str, *arguments: Any) -> Any:
        return self.driver.evaluate(function, *arguments)

    @property
    def url(self) -> str:
        return str(self.evaluate("() => location.href"))

    def words(self) -> str:
        """The visible text of the page, with single spaces."""
        return " ".join(str(self.evaluate("() => document.body.innerText")).split())

    # Doing

    def click(self, target: Target) -> None:
        def hits() -> bool:
            place = self._place(target, aim=True)
            self.driver.click_at(place["x"], place["y"])
            try:
                return not self.evaluate("() => window.isMissed")
            except DriverError:
                return True  # it led away from the page

        self.wait(hits, f"{target} is missed")

    def type_at_the_end(self, target: Target, text: str) -> None:
        """Click into a box, go to the end of what stands there, and type."""
        self.click(target)
        self.driver.press("Control", "End")
        self.driver.type_text(text)

    def scroll_to(self, target: Target) -> None:
        self._place(target)

    # Seeing

    def sees(self, target: Target | str | re.Pattern[str], seconds: float = PATIENCE) -> None:
        """Wait until something can be seen: a target, or words or a pattern in the text."""

        def is_there() -> bool:
            if isinstance(target, Target):
                return self._find(target) is not None
            words = self.words()
            return bool(target.search(words)) if isinstance(target, re.Pattern) else target in words

        self.wait(is_there, f"no {target}", seconds)

    def has(self, target: Target) -> bool:
        """Whether it can be seen just now."""
        return self._find(target) is not None

    def value(self, target: Target) -> str | None:
        """What stands in a box just now; None where there is none."""
        found = self._find(target)
        return found["value"] if found else None

    def sees_value(self, target: Target, expected: str, seconds: float = PATIENCE) -> None:
        self.wait(lambda: self.value(target) == expected, f"not {expected!r} in {target}", seconds)

    def sees_address(self, pattern: str) -> None:
        self.wait(lambda: re.search(pattern, self.url), f"not at {pattern}")

    def wait(self, look: Callable[[], Any], missing: str, seconds: float = PATIENCE) -> None:
        wait_until(look, seconds, lambda: f"{missing} within {seconds:.0f} s {self._where()}")

    # How

    def _find(self, target: Target) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.evaluate(
            FINDING, {"role": target.role, "name": target.name, "part": target.part}
        )
        return found

    def _place(self, target: Target, *, aim: bool = False) -> dict[str, Any]:
        """Scroll to a target, and where it can be clicked once it holds still uncovered."""

        def look() -> dict[str, Any] | None:
            asked = {"role": target.role, "name": target.name, "part": target.part}
            found: dict[str, Any] | None = self.evaluate(
                FINDING, asked | {"scroll": True, "aim": aim}
            )
            return found if found and found["isFree"] else None

        place = wait_until(
            look,
            PATIENCE,
            lambda: f"no {target} to be clicked within {PATIENCE:.0f} s {self._where()}",
        )
        assert place is not None
        return place

    def _where(self) -> str:
        return f"in {self.driver.engine} at {self.url}, which says: {self.words()[:2000]}"
