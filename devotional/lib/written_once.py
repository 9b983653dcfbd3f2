"""Queries that Django writes once: for pages on which the writing is what takes the time.

To put a query with a few subqueries into SQL takes Django ten times as long as the answer takes the
database. A query decorated here is put into SQL when it is first asked; from then on the same SQL
is asked with other values.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, get_type_hints

from django.db import connection
from django.db.models import CharField, Field, IntegerField, Model, QuerySet, UUIDField

# For each type of a keyword: how the database takes it, and a value that is met nowhere else.
FIELDS: "dict[type, Field[Any, Any]]" = {
    uuid.UUID: UUIDField(),
    str: CharField(),
    int: IntegerField(),
}
STAND_INS: dict[type, Callable[[int], Any]] = {
    uuid.UUID: lambda number: uuid.uuid4(),
    str: lambda number: uuid.uuid4().hex + "-",
    int: lambda number: 2_147_000_000 + number,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the SQL the value of a keyword goes."""

    keyword: str
    field: "Field[Any, Any]"


@dataclass(frozen=True, slots=True)
class Written[M: Model]:
    """A query as the database is asked it."""

    model: type[M]
    sql: str
    values: tuple[Any, ...]  # a `Place`, or a value that is always the same

    def ask(self, **given: Any) -> list[M]:
        values = [
            adapted(value.field, given[value.keyword]) if isinstance(value, Place) else value
            for value in self.values
        ]
        return list(self.model._default_manager.raw(self.sql, values))


def written_once[**P, M: Model](query: Callable[P, QuerySet[M]]) -> Callable[P, list[M]]:
    """The rows of `query`, which takes keywords alone: each a `uuid.UUID`, a `str` or an `int`.

    It is called once, with values that stand for all others: it may compare columns with them, and
    do nothing else by them. Related rows don't come along, and what is annotated comes as the
    database has it: a truth is 0 or 1 on SQLite. Raises TypeError, when first asked, for a query
    that can't be kept to this.
    """

    @cache
    def written() -> Written[M]:
        hints = get_type_hints(query)
        hints.pop("return", None)
        return write(query, hints)

    @wraps(query)
    def ask(*args: P.args, **given: P.kwargs) -> list[M]:
        return written().ask(**given)

    return ask


def write[M: Model](query: Callable[..., QuerySet[M]], hints: dict[str, Any]) -> Written[M]:
    """Put `query` into SQL, with a place for each keyword of `hints`, which are their types."""
    if strange := [hint for hint in hints.values() if hint not in FIELDS]:
        raise TypeError(f"{query.__name__} takes what can't stand in a query here: {strange}")
    given = {name: STAND_INS[hint](number) for number, (name, hint) in enumerate(hints.items())}
    rows = query(**given)
    if rows.query.select_related:
        raise TypeError(f"{query.__name__} asks for related rows, whose columns would be mixed up")
    sql, values = rows.query.sql_with_params()
    places = {
        adapted(FIELDS[hint], given[name]): Place(name, FIELDS[hint])
        for name, hint in hints.items()
    }
    placed = tuple(places.get(value, value) for value in values)
    if unused := set(places.values()).difference(placed):
        raise TypeError(f"{query.__name__} compares nothing with {unused}")
    return Written(rows.model, sql, placed)


def adapted(field: "Field[Any, Any]", value: Any) -> Any:
    """`value` as the driver of the database takes it."""
    return field.get_db_prep_value(value, connection)
