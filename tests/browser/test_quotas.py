"""A quota is used up while someone writes: they are told why, and the words wait on the device."""

import subprocess
import sys

from playwright.sync_api import expect

from harness.site import ROOT, Site
from tests.browser.actions import KEPT, SAVED, eventually, open_leaf, press, records, state
from tests.browser.conftest import NewReader

USE_UP = """
from devotional.readers import quotas
from devotional.readers.limits import may_try
assert may_try("new reader", "127.0.0.1", times=quotas.NEW_READERS, within=quotas.DAY,
               amount=quotas.NEW_READERS)
"""
ANOTHER_DAY = """
from devotional.readers.models import Attempts
Attempts.objects.all().delete()
"""


def on_the_server(site: Site, code: str) -> None:
    command = [sys.executable, "manage.py", "shell", "-c", code]
    subprocess.run(command, cwd=ROOT, env=site.environment(), check=True, timeout=60)


def test_who_is_one_too_many_today_is_told_and_saved_later(
    own_site: Site, someone: NewReader
) -> None:
    on_the_server(own_site, USE_UP)
    page = someone(own_site)
    box = open_leaf(page)
    box.fill("To begin with.")
    press(page, "Agree and save")
    expect(page.locator("#notice")).to_contain_text("from this network today")
    expect(state(page)).to_have_text(KEPT)
    assert box.input_value() == "To begin with."
    eventually(lambda: {record.get("text") for record in records(page)} >= {"To begin with."}, True)
    on_the_server(own_site, ANOTHER_DAY)
    # By itself, as the same save; pressing only makes it sooner than the pause between two tries.
    press(page, "Agree and save")
    expect(state(page)).to_have_text(SAVED)
    eventually(lambda: records(page), [])
