"""Joining sources by the language that a bundle's ending names."""

import posixpath
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from devotional.lib.bundles.css import bare_css
from devotional.lib.bundles.modules import join_modules
from devotional.lib.bundles.source import Joined, Read


def join(name: str, names: Sequence[str], read: Read) -> Joined:
    """Join the sources `names`, in order, as the bundle `name`; the ending says which language."""
    sources = []
    for source_name in names:
        source = read(source_name)
        if source is None:
            raise ImproperlyConfigured(f"{name}: there is no static file {source_name}")
        sources.append(source)
    match posixpath.splitext(name)[1]:
        case ".css":
            return Joined("".join(bare_css(source, within=name) for source in sources), sources)
        case ".js":
            return join_modules(sources, read)
        case _:
            raise ImproperlyConfigured(f"{name}: only .css and .js files can be joined")
