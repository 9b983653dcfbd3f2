"""Every address of the site, filled with what a nosy person could know or guess."""

import itertools
import re
import uuid
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from harness.databases import Database
from harness.http_client import DEVOTIONAL, SECTIONS

PART = re.compile(r"<(?:(\w+):)?(\w+)>")
MOST = 60  # addresses of one route
ID_COLUMNS = (
    ("id", "devotional_reflection"),
    ("id", "devotional_revision"),
    ("id", "devotional_hinge"),
    ("reflection_id", "devotional_deleted"),
    ("id", "devotional_group"),
    ("id", "devotional_membership"),
    ("id", "devotional_share"),
)
KNOWN = {
    "devotional_id": [DEVOTIONAL],
    "section_id": [*SECTIONS],
    "prompt_id": [prompt for prompts in SECTIONS.values() for prompt in prompts],
}


def addresses(database: Database) -> list[str]:
    """One path or more for each route; ids are those that really are in the database."""
    ids = row_ids(database)
    found = []
    for route in routes(get_resolver().url_patterns):
        parts = PART.findall(route)
        values = [KNOWN.get(name) or (["1", "2"] if kind == "int" else ids) for kind, name in parts]
        for chosen in itertools.islice(itertools.product(*values), MOST):
            path = route
            for value in chosen:
                path = PART.sub(value, path, count=1)
            found.append(f"/{path}")
    return found


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def row_ids(database: Database) -> list[str]:
    """Ids of all that a reader has: the worst case is that somebody else has them."""
    found: list[str] = []
    for column, table in ID_COLUMNS:
        rows = database.ask(f"SELECT DISTINCT {column} FROM {table} LIMIT 4")  # noqa: S608  # our own
        found += [str(uuid.UUID(hex=row[0])) for row in rows]
    return found
