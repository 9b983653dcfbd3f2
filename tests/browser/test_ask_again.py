"""A tap in the panel, and the phone's own calendar remembers."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewReader, Site

pytestmark = pytest.mark.only_on("sqlite", "the calendar file asks no database")

END = "/end/the-continual-pursuit-of-breakthrough/"


def download(page: Page, link: str) -> tuple[str, date]:
    """The name of the file that comes, and the day it holds."""
    with page.expect_download() as found:
        page.get_by_role("link", name=link).click()
    entry: Any = Calendar.from_ical(Path(found.value.path()).read_bytes()).walk("VEVENT")[0]
    assert str(entry["summary"]) == "Time to come back"
    assert "/read/the-continual-pursuit-of-breakthrough/" in str(entry["description"])
    start: datetime = entry["dtstart"].dt
    assert start.tzinfo is None
    return found.value.suggested_filename, start.date()


def test_the_calendar_remembers(site: Site, someone: NewReader) -> None:
    """Where it is tomorrow already the week is counted from there; no cookie, nothing sent."""
    page = someone(site)
    tomorrow = datetime.now() + timedelta(days=1)  # noqa: DTZ005  # what the phone shows
    page.clock.set_fixed_time(tomorrow)
    page.goto(END)
    expect(page.get_by_text("Remind me in my calendar:")).to_be_visible()
    week = tomorrow.date() + timedelta(days=7)
    assert download(page, "in a week") == ("come-back.ics", week)
    assert download(page, "in a week") == ("come-back.ics", week)
    expect(page.get_by_text("Open the file to add it to your calendar.")).to_be_visible()
    assert week < download(page, "a month")[1] < download(page, "three months")[1]
    assert page.context.cookies() == []


def test_without_a_script(site: Site, someone: NewReader) -> None:
    """The day is the server's then, and the file the same."""
    page = someone(site, javascript=False)
    page.goto(END)
    name, day = download(page, "in a week")
    away = day - datetime.now().date()  # noqa: DTZ005  # to within a day
    assert name == "come-back.ics"
    assert timedelta(days=6) <= away <= timedelta(days=8)
