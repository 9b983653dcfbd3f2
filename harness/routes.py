"""Every address of the site, by its name, read from Django's own resolver.

What looks at all of them (policy, headers, every page in a browser, odd input) takes them from
here, so that a new one is looked at from the day it is made. Asks no database.
"""

import re
from collections.abc import Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver

PART = re.compile(r"<(?:(\w+):)?(\w+)>")


def named_routes(
    patterns: list[URLPattern | URLResolver], spaces: str = "", before: str = ""
) -> Iterator[tuple[str, str]]:
    """Each pattern's name with its namespaces, and its route."""
    for pattern in patterns:
        route = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from named_routes(pattern.url_patterns, spaces + space, route)
        else:
            yield (f"{spaces}{pattern.name}" if pattern.name else f"(no name) /{route}"), route


ROUTES = dict(named_routes(get_resolver().url_patterns))


def path_of(name: str, values: Mapping[str, str]) -> str:
    """The path of the address by that name. Raises KeyError for a part that has no value."""
    return "/" + PART.sub(lambda part: values[part[2]], ROUTES[name])
