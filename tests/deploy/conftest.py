"""A site as it stands behind a proxy: by https for its readers, on this machine for the proxy."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.first_start import lay_out
from harness.server import Server, running
from harness.site import ROOT, free_port
from harness.visitor import SITE

VARIABLES = {"SITE_URL": SITE, "TRUSTED_PROXIES": "1", "HSTS_SECONDS": "3600"}


@dataclass(frozen=True)
class Place:
    """Where the site is, and how to start it, any number of times."""

    data: Path
    content: Path
    port: int

    def running(self) -> contextlib.AbstractContextManager[Server]:
        return running(self.data, self.port, CONTENT=str(self.content), **VARIABLES)


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A folder for the site that all of these tests share, and a port."""
    folder = tmp_path_factory.mktemp("behind")
    content = Path(shutil.copytree(ROOT / "content", folder / "content"))
    lay_out(folder / "data")
    return Place(folder / "data", content, free_port())


@pytest.fixture(scope="module")
def site(place: Place) -> Iterator[Place]:
    """It runs. Each test has readers of its own."""
    with place.running() as server:
        yield place
        assert server.stop() == 0
