"""A run of the tests that is killed hard leaves no server behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.databases import ROOT
from harness.first_start import LONGEST, made
from harness.server import children, is_running
from harness.waiting import PATIENCE, eventually

# As a process of a run does it, which then is in the midst of a test.
RUN = """
import sys
from pathlib import Path
from harness.site import Site

folder = Path(sys.argv[1])
site = Site(folder)
site.start()
(folder / "pid").write_text(f"{site.process.pid}\\n")
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends them")
def test_a_server_ends_with_the_run_that_started_it(tmp_path: Path) -> None:
    made()  # which takes longest, and isn't what is waited for below
    told = tmp_path / "pid"
    run = subprocess.Popen([sys.executable, "-c", RUN, tmp_path], cwd=ROOT, stdin=subprocess.PIPE)
    try:
        assert eventually(lambda: run.poll() is not None or told.exists(), LONGEST)
        assert eventually(told.read_text)
        server = int(told.read_text())
        assert eventually(lambda: children(server))
        processes = [server, *children(server)]
        run.kill()
        run.wait(PATIENCE)
        assert eventually(lambda: not any(map(is_running, processes)))
    finally:
        run.kill()
        run.communicate(timeout=PATIENCE)
