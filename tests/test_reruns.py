"""A journey runs again once at most, in sight, and three in a run: what pyproject.toml says."""

import tomllib

import pytest

from harness.site import ROOT

ADDOPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"][
    "addopts"
]

JOURNEYS = """
import pytest

runs = {}

@pytest.mark.flaky(reruns=1)
@pytest.mark.parametrize("number", range(5))
def test_journey(number):
    runs[number] = runs.get(number, 0) + 1
    assert runs[number] > 1, f"the first run of {number}"

def test_other():
    raise AssertionError("never again")
"""


@pytest.mark.parametrize("processes", ["0", "2"])
def test_the_fourth_journey_that_fails_is_not_run_again(
    pytester: pytest.Pytester, processes: str
) -> None:
    pytester.makepyfile(test_it=JOURNEYS)
    result = pytester.runpytest_inprocess("-p", "no:django", f"-n{processes}", *ADDOPTS)
    assert result.parseoutcomes() == {"passed": 3, "failed": 3, "rerun": 3}
    shown = [line for line in result.outlines if line.startswith("RERUN test_it.py::test_journey")]
    assert len(shown) == 3
    assert result.ret == pytest.ExitCode.TESTS_FAILED
