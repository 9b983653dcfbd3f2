"""How static files are stored and answered: under names with their hash, compressed once.

WhiteNoise answers them for good; a later version has another name. Both know the files as they were
when a worker began, and are told here when there are others.
"""

from typing import Any
from weakref import WeakSet

from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Also rewrites the imports between our ES modules, so that these are cached for good too."""

    support_js_module_import_aggregation = True

    def read_anew(self) -> None:
        """Take the names from the list as it is now on the disk."""
        self.hashed_files, self.manifest_hash = self.load_manifest()


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped
    """WhiteNoise, which can look again at what is there."""

    standing: WeakSet["StaticFiles"] = WeakSet()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing.add(self)

    def read_anew(self) -> None:
        """Add the files that have come; those of earlier versions stay while they are there."""
        if self.static_root and not self.autorefresh:
            self.add_files(self.static_root, prefix=self.static_prefix)


def read_static_files_anew() -> None:
    """Answer and name the static files as they are now on the disk.

    The files first: no page may name one that isn't answered yet.
    """
    for files in list(StaticFiles.standing):
        files.read_anew()
    if isinstance(staticfiles_storage, StaticStorage):
        staticfiles_storage.read_anew()
