"""JSON of any length, written as it comes: where a list would be, there may be an iterator."""

import json
from collections.abc import Iterator
from typing import Any


def json_parts(value: Any, indent: str = "") -> Iterator[str]:
    """`value` as JSON in parts, indented to be read; an iterator in it becomes a list.

    Letters are written as they are, not as \\u escapes. Raises TypeError for what JSON can't say.
    """
    match value:
        case dict() if value:
            items = (
                (f"{json.dumps(str(key), ensure_ascii=False)}: ", each)
                for key, each in value.items()
            )
            yield from bracketed("{", items, "}", indent)
        case list() | tuple() | Iterator():
            yield from bracketed("[", (("", each) for each in value), "]", indent)
        case _:
            yield json.dumps(value, ensure_ascii=False)


def bracketed(start: str, items: Iterator[tuple[str, Any]], end: str, indent: str) -> Iterator[str]:
    deeper = f"{indent}  "
    empty = True
    yield start
    for name, each in items:
        yield f"\n{deeper}{name}" if empty else f",\n{deeper}{name}"
        yield from json_parts(each, deeper)
        empty = False
    yield end if empty else f"\n{indent}{end}"
