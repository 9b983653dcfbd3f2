"""A crash of the browser runs a journey once more, in sight; in CI, so does any other failure."""

import pytest

JOURNEY = """
import pytest
from playwright.sync_api import Error

runs = []

@pytest.fixture
def page():
    runs.append("new")
    return len(runs)

@pytest.mark.browser
def test_it(page):
    if page <= {crashes}:
        raise Error({said!r})
"""


@pytest.mark.parametrize(
    ("crashes", "said", "ci", "outcome", "again", "workers"),
    [
        pytest.param(0, "", "", {"passed": 1}, False, 0, id="no-crash"),
        pytest.param(1, "Page.goto: Page crashed", "", {"passed": 1}, True, 1, id="in-a-worker"),
        pytest.param(1, "Frame.evaluate: Target crashed ", "", {"passed": 1}, True, 0, id="target"),
        pytest.param(2, "Page.goto: Page crashed", "", {"failed": 1}, True, 0, id="twice"),
        pytest.param(1, "Page.goto: Timeout.", "", {"failed": 1}, False, 0, id="other"),
        pytest.param(1, "Page.goto: Timeout.", "true", {"passed": 1}, True, 0, id="other-in-ci"),
        pytest.param(2, "Page.goto: Timeout.", "true", {"failed": 1}, True, 0, id="twice-in-ci"),
        pytest.param(0, "", "true", {"passed": 1}, False, 0, id="nothing-in-ci"),
    ],
)
def test_runs_again_once_and_says_so(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    crashes: int,
    said: str,
    ci: str,
    outcome: dict[str, int],
    again: bool,
    workers: int,
) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makepyfile(test_journey=JOURNEY.format(crashes=crashes, said=said))
    pytester.makeini("[pytest]\nmarkers = browser")
    pytester.makeconftest("from tests.second_try import *")
    result = pytester.runpytest_inprocess(
        "-p", "no:django", "-p", "no:cacheprovider", f"-n{workers}"
    )
    assert result.parseoutcomes() == outcome
    told = [line for line in result.outlines if line.startswith("test_journey.py::test_it: ")]
    assert len(told) == (1 if again else 0)
    assert all(line.startswith("test_journey.py::test_it: ") for line in told)
    assert (said.strip() in "".join(told)) or not again
    assert f"1 {next(iter(outcome))} in" in result.outlines[-1]
