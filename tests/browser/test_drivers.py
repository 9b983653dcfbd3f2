"""What the drivers promise whoever writes a journey: they end, and say what is missing."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.site import ROOT
from tests.browser.drivers import webkit
from tests.browser.drivers.driver import DriverError
from tests.browser.engines import NAMES, PHONE, start_engine

SECONDS = 3.0  # that a command may take here
STARTS_AND_DIES = """
import os, pathlib, signal, sys
from tests.browser.drivers import processes
print(processes.start(["sleep", "60"], pathlib.Path(sys.argv[1])).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
PACKAGES = {"chromium": "chromium", "firefox": "firefox-esr", "webkit": "webkit2gtk-driver"}


def is_gone(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process and all that it started have ended."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_that_stands_still_is_an_error_in_time(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """And it ends with its engine, though it hears no signal that asks it to."""
    engine = start_engine(name, tmp_path, request, command=SECONDS)
    driver = engine.new_driver(*PHONE)
    assert driver.evaluate("(a, b) => a + b", 1, 2) == 3
    os.killpg(driver.process.pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(DriverError):
        driver.evaluate("() => 1")
    assert time.monotonic() - began < 4 * SECONDS
    driver.close()
    engine.close()
    end = time.monotonic() + 10
    while not is_gone(driver.process):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """Also where that one is killed, and can put nothing in order."""
    started = subprocess.run(
        [sys.executable, "-c", STARTS_AND_DIES, str(tmp_path / "log")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert started.returncode == -signal.SIGKILL
    process = Path("/proc") / started.stdout.decode().strip()
    end = time.monotonic() + 10
    # Whoever inherits it may leave its name in the table for a while.
    while process.exists() and "\nState:\tZ" not in (process / "status").read_text():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("name", NAMES)
def test_an_error_in_the_page_is_an_error_of_the_driver(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    engine = start_engine(name, tmp_path, request)
    driver = engine.new_driver(*PHONE)
    try:
        with pytest.raises(DriverError, match="no such thing"):
            driver.evaluate("() => { throw new Error('no such thing'); }")
    finally:
        driver.close()
        engine.close()


@pytest.mark.parametrize(("name", "package"), PACKAGES.items(), ids=PACKAGES)
@pytest.mark.parametrize("in_ci", [True, False], ids=["CI", "elsewhere"])
def test_who_lacks_an_engine_is_told_what_to_install(
    name: str,
    package: str,
    in_ci: bool,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A test without its engine is left out, and fails in CI."""
    request.getfixturevalue("playwright")  # has a program of its own on the PATH
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(webkit, "BROWSERS", str(tmp_path / "*"))
    monkeypatch.setenv("CI", "true" if in_ci else "")
    outcome = pytest.fail.Exception if in_ci else pytest.skip.Exception
    with pytest.raises(outcome, match=re.escape(f"install the package `{package}`")):
        start_engine(name, tmp_path, request)
