"""Indexes by reader, on PostgreSQL alone: ending one reader must not read everyone's rows.

SQLite searches these tables once for it, in its own process. PostgreSQL does so again for each row
that goes, to see that nothing names it any more. Models don't know of them: each index is a page
more to write for SQLite, at every save.
"""

from typing import Any

from django.db import migrations

INDEXES = {
    "devotional_operation_of_reader": "devotional_operation (reader_id)",
    "devotional_revision_of_reader": "devotional_revision (reader_id)",
}


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name, columns in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("devotional", "0007_group_planned_at")]
    operations = [migrations.RunPython(make, drop)]
