"""What hangs on real processes runs once more where it failed, in sight of whoever reads the log.

A journey in which the browser itself crashed says nothing about the site, so it does anywhere. In
CI, on a machine that others load, so does any journey and any test of a running server. Which did,
and why, stands in the summary, so that nothing is hidden; what fails twice has failed.
"""

import os
import re
from collections.abc import Iterator

import pytest
from _pytest.runner import runtestprotocol

CRASH = re.compile(r"\b(?:page|target) crashed", re.IGNORECASE)
RUNNING_SERVERS = {"running", "reliability"}  # folders of tests
RAN_AGAIN = "ran again"

crash = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    if call.excinfo and type(call.excinfo.value).__module__.startswith("playwright."):
        said = str(call.excinfo.value)
        if CRASH.search(said):
            item.stash.setdefault(crash, said.splitlines()[0].strip())
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    journey = item.get_closest_marker("browser") is not None
    if not journey and not RUNNING_SERVERS & set(item.path.parts):
        return None
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    why = reason(item, reports)
    if why:
        item.user_properties.append((RAN_AGAIN, why))
        if crash in item.stash:
            del item.stash[crash]
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def reason(item: pytest.Item, reports: list[pytest.TestReport]) -> str:
    """Why the test is to run once more, in a line; empty where it is not."""
    failed = [report for report in reports if report.failed]
    if not failed:
        return ""
    if crash in item.stash:
        return item.stash[crash]
    if os.environ.get("CI"):
        return first_line_of(failed[0])
    return ""


def first_line_of(report: pytest.TestReport) -> str:
    where = getattr(report.longrepr, "reprcrash", None)
    if where is None:
        return str(report.longrepr).strip().splitlines()[-1]
    return f"line {where.lineno}: {where.message.splitlines()[0]}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    again = {
        report.nodeid: said
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, said in getattr(report, "user_properties", ())
        if name == RAN_AGAIN
    }
    if again:
        terminalreporter.section("ran again, since the first run failed")
        for nodeid, said in sorted(again.items()):
            terminalreporter.line(f"{nodeid}: {said}")
