"""A journey in which the browser itself crashed says nothing about the site: it runs once more.

Which journeys did so stands in the summary, so that nothing is hidden; a second crash fails, and
so does, at once, whatever failed without a crash.
"""

import re
from collections.abc import Iterator

import pytest
from _pytest.runner import runtestprotocol

CRASH = re.compile(r"\b(?:page|target) crashed", re.IGNORECASE)
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
    if item.get_closest_marker("browser") is None:
        return None
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if crash in item.stash and any(report.failed for report in reports):
        item.user_properties.append((RAN_AGAIN, item.stash[crash]))
        del item.stash[crash]
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    again = {
        report.nodeid: said
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, said in getattr(report, "user_properties", ())
        if name == RAN_AGAIN
    }
    if again:
        terminalreporter.section("ran again, since the browser itself crashed")
        for nodeid, said in sorted(again.items()):
            terminalreporter.line(f"{nodeid}: {said}")
