"""The host's pages in a browser, under the policy that all pages have (S8)."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from harness.site import ROOT
from tests.browser import phrases
from tests.browser.conftest import NewReader
from tests.browser.page_checks import accessible
from tests.browser.sign_in_actions import SiteWithMail

PASSWORD = "a door on two hinges"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_host_looks_around_and_closes_a_group(
    javascript: bool, someone: NewReader, site_with_mail: SiteWithMail
) -> None:
    """Signs in, sees the texts, finds the group by a part of its name, closes it, signs out."""
    site, _mailbox = site_with_mail
    made = [sys.executable, "manage.py", "make_host", "sam"]
    subprocess.run(made, input=PASSWORD, text=True, cwd=ROOT, env=site.environment(), check=True)
    leader = someone(site)
    leader.goto("/groups/new/")
    leader.locator("[name=name]").fill("Hebron")
    leader.locator("[name=first_name]").fill("Lea")
    leader.locator("main form button").last.click()
    leader.wait_for_url("**/groups/**")

    page = someone(site, javascript=javascript, wide=True)
    page.goto("/host-desk/")
    page.get_by_label(phrases.NAME).fill("sam")
    page.get_by_label(phrases.PASSWORD).fill("wrong")
    page.get_by_role("button", name=phrases.SIGN_IN).click()
    expect(page.get_by_role("alert")).to_have_text("That name and password don’t match.")
    page.get_by_label(phrases.PASSWORD).fill(PASSWORD)
    page.get_by_role("button", name=phrases.SIGN_IN).click()
    expect(page.get_by_role("cell", name="OK")).to_be_visible()
    if javascript:
        accessible(page)
    page.get_by_role("link", name=phrases.GROUPS).click()
    page.get_by_label(phrases.SEARCH).fill("hebr")
    page.get_by_role("button", name=phrases.SEARCH).click()
    expect(page.get_by_role("cell", name="Hebron").first).to_be_visible()
    if javascript:
        accessible(page)
    page.locator("#result_list tbody a").first.click()
    if javascript:
        accessible(page)
    page.get_by_role("link", name="Close this group").click()
    if javascript:
        accessible(page)
    page.get_by_role("button", name="Close this group").click()
    expect(page.get_by_text("The group is closed.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    page.goto("/host-desk/")
    expect(page.get_by_role("button", name=phrases.SIGN_IN)).to_be_visible()
