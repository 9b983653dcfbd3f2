from typing import Any

from django.db import migrations, models

import devotional.readers.models


def by_the_last_visit(apps: Any, schema_editor: Any) -> None:
    """No key was shown later than its reader was here; which of their keys it was, nobody knows."""
    database = schema_editor.connection.alias  # a backup is migrated beside the site's own
    readers = apps.get_model("devotional", "Reader").objects.using(database)
    seen_on = readers.filter(pk=models.OuterRef("reader")).values("seen_on")
    keys = apps.get_model("devotional", "DeviceToken").objects.using(database)
    keys.update(used_on=models.Subquery(seen_on))


class Migration(migrations.Migration):
    dependencies = [
        ("devotional", "0008_indexes_on_postgresql"),
    ]

    operations = [
        migrations.AddField(
            model_name="devicetoken",
            name="used_on",
            field=models.DateField(
                default=devotional.readers.models.today,
                help_text="The day when it was last shown; it ends by it.",
            ),
        ),
        migrations.RunPython(by_the_last_visit, migrations.RunPython.noop),
    ]
