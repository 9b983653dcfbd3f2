"""A browser that stands still ends its journey, red and in time, and no journey after it."""

import pytest

from harness.site import ROOT
from tests.browser.watchdog import GRACE

JOURNEYS = """
import os
import signal

import pytest

from tests.browser import watchdog

pytestmark = [pytest.mark.browser, pytest.mark.flaky(reruns=1)]


@pytest.mark.timeout(100)
def test_begins(browser):
    browser.new_page().close()


@pytest.mark.timeout({grace} + 6)
def test_stands_still(browser):
    page = browser.new_page()
    page.goto("data:text/html,<title>Here</title>")
    {stop}
    page.evaluate("while (true) {{}}")


@pytest.mark.timeout(100)
def test_goes_on(browser):
    page = browser.new_page()
    page.goto("data:text/html,<title>There</title>")
    assert page.title() == "There"
"""
STOPPED = "os.killpg(watchdog.watched[0].pid, signal.SIGSTOP)"


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "stop", [pytest.param(STOPPED, id="stopped"), pytest.param("", id="page-busy")]
)
def test_a_browser_that_stands_still_is_killed(pytester: pytest.Pytester, stop: str) -> None:
    pytester.makeconftest("from tests.browser.conftest import *")
    pytester.makeini(f"[pytest]\nmarkers = browser\nrerun_except = Timeout\npythonpath = {ROOT}")
    pytester.makepyfile(test_journeys=JOURNEYS.format(grace=GRACE, stop=stop))
    result = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:xdist")
    assert result.parseoutcomes() == {"failed": 1, "passed": 2}
    result.stdout.fnmatch_lines(
        [
            "E *StoodStillError: Timeout*does not answer*",
            "FAILED test_journeys.py::test_stands_still*",
        ]
    )
