"""Django's SQLite back end, which also makes the folder that the database file lies in.

Every command opens the database, the system checks too (a JSON field asks whether SQLite knows
JSON). So this is the place where a data folder that isn't there yet comes to be.
"""

import contextlib
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = conn_params["database"]
        if isinstance(name, Path):  # a string names a database in memory, as in tests
            # Where this fails, SQLite says so in the form that our callers handle.
            with contextlib.suppress(OSError):
                name.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return super().get_new_connection(conn_params)
