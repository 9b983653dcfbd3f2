"""A site that was started once, for tests that are about something later."""

from pathlib import Path

import pytest

from harness.first_start import lay_out
from harness.server import copy, free_port, running


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its data folder."""
    folder = tmp_path_factory.mktemp("started") / "data"
    lay_out(folder)
    with running(folder, free_port()) as server:
        assert server.stop() == 0
    return folder


@pytest.fixture
def data(started: Path, tmp_path: Path) -> Path:
    """A copy of it for each test."""
    return copy(started, tmp_path / "data")
