"""Backups: the whole database as one checked SQLite file, whatever database it comes from.

One form for both, so that a backup of a site on SQLite is restored into PostgreSQL, and the other
way round. `form` knows such a file, `copying` takes rows from one database to another, `writing`
makes one beside a running site, and `restoring` puts one in the place of what is there.

Knows Django's databases and models, and none of ours. No key is in a backup, and none is needed to
make one: what is sealed stays sealed.
"""

from devotional.lib.backups.form import (
    KEPT_FOR,
    BackupError,
    Manifest,
    examine,
    folder,
    forget_old,
    name_for,
    new_file,
    times,
)
from devotional.lib.backups.restoring import Restored, restore
from devotional.lib.backups.writing import write_backup

__all__ = [
    "KEPT_FOR",
    "BackupError",
    "Manifest",
    "Restored",
    "examine",
    "folder",
    "forget_old",
    "name_for",
    "new_file",
    "restore",
    "times",
    "write_backup",
]
