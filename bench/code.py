"""How much code one request runs, and how much there is: `make bench-code`.

Counts the distinct files and functions of `devotional/` that run, and the queries that are asked,
for one request each by Django's test client on an empty site; then lines of Python and JavaScript,
and the cookies of a reader. The same requests that `docs/measurements.md` compares over time.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.columns import columns
from harness.databases import ROOT
from harness.first_start import lay_out
from harness.html_forms import Fields

DEVOTIONAL = "the-continual-pursuit-of-breakthrough"
SECTION = f"/read/{DEVOTIONAL}/hingy/"
SAVE = f"/reflect/{DEVOTIONAL}/hingy/"
PANEL = f"{SAVE}panel/"
ORIGIN = "http://127.0.0.1:8000"
OURS = str(ROOT / "devotional") + os.sep


@dataclass(slots=True)
class Ran:
    """What ran in one request."""

    files: set[str] = field(default_factory=set)
    functions: set[tuple[str, int]] = field(default_factory=set)
    queries: int = 0

    def note(self, frame: Any, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS):
            self.files.add(code.co_filename)
            self.functions.add((code.co_filename, code.co_firstlineno))


@contextmanager
def counted(ran: Ran) -> Iterator[None]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        sys.setprofile(ran.note)
        try:
            yield
        finally:
            sys.setprofile(None)
    ran.queries = len(queries)


class Visitor:
    """A browser to the server within this process, whose requests are counted by name."""

    def __init__(self, seen: dict[str, Ran]) -> None:
        from django.test import Client

        self.client = Client(headers={"origin": ORIGIN, "host": ORIGIN.partition("//")[2]})
        self.seen = seen

    def get(self, path: str, name: str = "") -> Any:
        return self._counted(name, lambda: self.client.get(path, headers={"hx-request": "true"}))

    def post(self, page: str, to: str = "", *, counts_as: str = "", **more: str) -> Any:
        """Send the form at `page`, filled with `more`."""
        sent = Fields(self.get(page).content.decode()).values | more
        return self._counted(
            counts_as, lambda: self.client.post(to or page, sent, headers={"hx-request": "true"})
        )

    def _counted(self, name: str, ask: Callable[[], Any]) -> Any:
        ran = Ran()
        with counted(ran):
            reply = ask()
        assert reply.status_code < 400, (name, reply.status_code, reply.content[:300])
        if name:
            self.seen[name] = ran
        return reply


def requests() -> dict[str, Ran]:
    """Every request of the table, by its name."""
    seen: dict[str, Ran] = {}
    ask_for_section(seen)
    reader, mate = Visitor(seen), Visitor(seen)
    for visitor in (reader, mate):
        visitor.get(PANEL)
    mate.get(PANEL, "panel, nobody")
    reader.post(PANEL, SAVE, counts_as="first save", **{"text-choice": "To begin with."})
    reader.get(PANEL)
    reader.get(PANEL, "panel, a reader")
    reader.post(PANEL, SAVE, counts_as="autosave", **{"text-choice": "To begin with, and more."})
    names = {"name": "Thursdays", "first_name": "Lavinia", "devotional": DEVOTIONAL}
    made = reader.post("/groups/new/", counts_as="make a group", **names)
    (group,) = re.findall(r"[0-9a-f-]{36}", made["location"])
    (door,) = set(
        re.findall(r"/j/[\w-]{22}", reader.get(f"/groups/{group}/invite/").content.decode())
    )
    mate.get(door, "invitation: look")
    mate.post(door, counts_as="invitation: join", first_name="Mia")
    journal = reader.get("/journal/").content.decode()
    page = f"/share/{re.findall(r'/history/([0-9a-f-]{36})/', journal)[0]}/"
    words = "To begin with, and more."
    reader.get(page, "share: choose")
    reader.post(page, counts_as="share: preview", group=group, whole="on")
    reader.post(page, f"{page}bring/", counts_as="share: share", group=group, words=words)
    return seen


def ask_for_section(seen: dict[str, Ran]) -> None:
    """A section for its first visitor, and for the next, through all that answers a request."""
    from django.test import RequestFactory

    from devotional.wsgi import application

    Visitor({}).get("/")  # what is loaded at first use is nobody's in particular
    environ = RequestFactory(headers={"host": ORIGIN.partition("//")[2]}).get(SECTION).environ
    for name in ("section, first time", "section, kept"):
        seen[name] = Ran()
        with counted(seen[name]):
            b"".join(application(dict(environ), lambda *_: None))


def lines(pattern: str) -> tuple[int, int]:
    """Files that git knows by `pattern`, and the lines in them."""
    listed = subprocess.run(
        ["git", "ls-files", "--", pattern], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.split() if "/migrations/" not in name]
    return len(files), sum(len(file.read_text().splitlines()) for file in files)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        lay_out(data)
        os.environ |= {"DATA": str(data), "DJANGO_SETTINGS_MODULE": "devotional.settings"}
        import django

        django.setup()
        seen = requests()
    rows = [["request", "files", "functions", "queries"]]
    rows += [
        [name, str(len(ran.files)), str(len(ran.functions)), str(ran.queries)]
        for name, ran in seen.items()
    ]
    print(columns(rows), end="\n\n")
    sizes = [["what", "files", "lines"]]
    for what, pattern in (
        ("Python of the site, without migrations", "devotional/*.py"),
        ("JavaScript", "static/js/*.js"),
        ("style sheets", "static/css/*.css"),
        ("templates", "templates/*"),
        ("tests, harness and benches", "*.py"),
    ):
        files, count = lines(pattern)
        sizes.append([what, f"{files:,}", f"{count:,}"])
    print(columns(sizes))


if __name__ == "__main__":
    main()
