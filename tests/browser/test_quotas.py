"""A quota is used up while someone writes: they are told why, and the words wait on the device."""

import subprocess
import sys

from playwright.sync_api import Page, expect

from harness.site import ROOT, Site
from tests.browser import phrases
from tests.browser.actions import (
    KEPT,
    SAVED,
    agree,
    eventually,
    open_leaf,
    press,
    records,
    saved,
    state,
    wordings,
)
from tests.browser.conftest import NewReader

USE_UP = """
from devotional.readers import quotas
from devotional.readers.limits import may_try
assert may_try("new reader", "127.0.0.1", times=quotas.NEW_READERS, within=quotas.DAY,
               amount=quotas.NEW_READERS)
"""
NO_MORE_COPIES = """
from django.utils import timezone
from devotional.reflections.models import Reflection, Revision
from devotional.reflections.saving import COPIES_A_DAY
from devotional.reflections.wordings import keep_revision
one = Reflection.objects.get()
for number in range(COPIES_A_DAY):
    keep_revision(one, f"Copy {number}.", Revision.Kind.CONFLICT, timezone.now())
"""
ANOTHER_DAY = """
from devotional.readers.models import Attempts
Attempts.objects.all().delete()
"""


def on_the_server(site: Site, code: str) -> None:
    command = [sys.executable, "manage.py", "shell", "-c", code]
    subprocess.run(command, cwd=ROOT, env=site.environment(), check=True, timeout=60)


def is_on_device(page: Page, words: str) -> bool:
    return any(record.get("text") == words for record in records(page))


def test_who_is_one_too_many_today_is_told_and_saved_later(
    own_site: Site, someone: NewReader
) -> None:
    on_the_server(own_site, USE_UP)
    page = someone(own_site)
    box = open_leaf(page)
    box.fill("To begin with.")
    press(page, phrases.AGREE_AND_SAVE.name)
    expect(page.locator("#notice")).to_contain_text("from this network today")
    expect(state(page)).to_have_text(KEPT)
    assert box.input_value() == "To begin with."
    eventually(lambda: is_on_device(page, "To begin with."), True)
    on_the_server(own_site, ANOTHER_DAY)
    # By itself, as the same save; pressing only makes it sooner than the pause between two tries.
    press(page, phrases.AGREE_AND_SAVE.name)
    expect(state(page)).to_have_text(SAVED)
    eventually(lambda: records(page), [])


def test_a_text_too_many_beside_another_waits_for_a_choice(
    own_site: Site, someone: NewReader
) -> None:
    one = someone(own_site)
    box = agree(one)
    on_the_server(own_site, NO_MORE_COPIES)
    two = one.context.new_page()
    open_leaf(two).fill("From the second tab.")
    saved(two, "From the second tab.")
    box.fill("From the first tab.")
    expect(one.get_by_text("too often today to keep yours beside it")).to_be_visible()
    expect(one.locator(".both .words")).to_have_text("From the second tab.")
    expect(box).to_have_value("From the first tab.")
    eventually(
        lambda: {record.get("text") for record in records(one)} >= {"From the first tab."}, True
    )
    # Another box of the form isn't held up by it.
    one.locator("form.reflection textarea").nth(1).fill("Saved meanwhile.")
    expect(one.locator(".state").nth(1)).to_have_text(SAVED)
    press(one, phrases.KEEP_MINE)
    saved(one, "From the first tab.")
    eventually(lambda: records(one), [])
    assert "From the second tab." in " ".join(wordings(one))
