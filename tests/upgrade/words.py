"""Every text in a database, opened with the code of today: `python -m tests.upgrade.words`."""

import json
import os

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"
    django.setup()

    from devotional.reflections.models import Reading, Reflection, Revision

    kept = {
        "reflections": {
            str(row.pk): [str(row.reader_id), row.section, row.prompt, row.version, row.text]
            for row in Reflection.objects.all()
        },
        "revisions": {
            str(row.pk): [str(row.reader_id), str(row.reflection_id), row.kind, row.text]
            for row in Revision.objects.all()
        },
        "readings": sorted(str(row.pk) for row in Reading.objects.all()),
    }
    print(json.dumps(kept))


if __name__ == "__main__":
    main()
