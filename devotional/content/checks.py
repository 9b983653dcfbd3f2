"""`manage.py check` for authors: every problem of the content, with file, line and reason.

Reads the files afresh and writes nothing, so it may run anywhere, also beside a running site. It
finds no problem of its own: what is wrong is decided by the modules that read.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Advice

from .shelf import Shelf


@register("content")
def check_content(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """An error for each problem; a warning where there is nothing to read at all."""
    folder = Path(settings.CONTENT_DIR)
    kept = getattr(settings, "CONTENT_LAST_GOOD", None)
    last_good = Path(kept) if kept else None
    library = Shelf(folder, last_good, read_only=True).load()
    messages: list[CheckMessage] = [
        Error(
            f"{_place(problem.path, folder)}:{problem.line}: {problem.reason}",
            hint=problem.hint or None,
            id=f"devotional.{problem.code}",
        )
        for problem in library.problems
    ]
    if not library.devotionals and not messages:
        messages.append(
            Advice(
                "content/: there is no devotional to read.",
                hint="content/README.md tells how to write one.",
                id="devotional.W001",
            )
        )
    return messages


def _place(path: Path, folder: Path) -> str:
    return "content/" if path == folder else f"content/{path.name}"
