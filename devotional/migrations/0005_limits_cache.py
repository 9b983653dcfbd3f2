"""The table in which allauth counts attempts: Django makes a cache's own, so that it fits it."""

from typing import Any

from django.core.management import call_command
from django.db import migrations


def make(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("devotional", "0004_journal")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
