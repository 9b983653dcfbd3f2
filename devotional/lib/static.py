"""How static files are stored: under names with their hash, compressed once.

WhiteNoise answers them for good; a later version has another name.
"""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Also rewrites the imports between our ES modules, so that these are cached for good too."""

    support_js_module_import_aggregation = True
