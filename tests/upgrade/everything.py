"""All that a site holds, read in a process of its own: rows by table, and what sealed rows say.

`python -m tests.upgrade.everything` prints it as JSON for the site that the environment names.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

LEFT_OUT = {"django_migrations", "django_content_type", "auth_permission"}  # the program's own


def found() -> dict[str, Any]:
    """Counts of every table's rows, every column that isn't sealed, and every sealed text."""
    from django.apps import apps

    from devotional.lib.backups.copying import tables_left_out
    from devotional.reflections.keys import sealed_models

    tables: dict[str, list[list[str]]] = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table in LEFT_OUT or table in tables_left_out():
            continue
        columns = [field.attname for field in model._meta.concrete_fields]
        rows = model._base_manager.order_by("pk").values_list(*columns)
        tables[table] = sorted([spelled(value) for value in row] for row in rows)
    return {
        "tables": tables,
        "sealed": {
            f"{model.BOUND_NAME} {row.pk}": row.text
            for model in sealed_models()
            for row in model._base_manager.order_by("pk")
        },
    }


def spelled(value: Any) -> str:
    """Alike on both kinds of database."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return str(value)


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"
    sys.path.insert(0, str(Path.cwd()))
    django.setup()
    json.dump(found(), sys.stdout)
