"""How many queries a page of a reader asks, on a data folder as it is: `count(site)`.

In a process of its own, with the site's folder and keys.
"""

import json
import os
import subprocess
import sys

from harness.http_client import DEVOTIONAL
from harness.population import JOURNAL_PATH, PANEL_PATH, PROMPT, SECTION
from harness.site import ROOT, Site
from harness.waiting import PATIENCE

WRITER = 5  # the number of a reader whom nobody else needs


def count(site: Site) -> dict[str, int]:
    """The number of queries for `panel`, `save` and `journal`."""
    done = subprocess.run(
        [sys.executable, "-m", "harness.query_counts"],
        cwd=ROOT,
        env=site.environment() | {"DJANGO_SETTINGS_MODULE": "devotional.settings"},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from harness.html_forms import Fields
    from harness.population import token_of

    client = Client(headers={"origin": settings.SITE_URL, "host": settings.SITE_URL[7:]})
    client.cookies[settings.READER_COOKIE_NAME] = token_of(WRITER)
    counted = {}
    for name, path in (("panel", PANEL_PATH), ("journal", JOURNAL_PATH)):
        client.get(path)  # the first visit of a day is noted
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counted[name] = len(queries)
    form = Fields(client.get(PANEL_PATH).content.decode()).values
    form = {name: value for name, value in form.items() if not name.startswith("text-")}
    form |= {f"text-{PROMPT}": "Some words more."}
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(
            f"/reflect/{DEVOTIONAL}/{SECTION}/", form, headers={"hx-request": "true"}
        )
        assert answer.status_code == 200, answer.status_code
    counted["save"] = len(queries)
    json.dump(counted, sys.stdout)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"
    main()
