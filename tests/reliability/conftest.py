"""Running sites for the tests of what must never be lost: real server, real files, real signals."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.http_client import Device, Page
from harness.site import Site

SEED = 20_260_101  # the schedules of the suite are the same each time; the bench draws its own

type NewPage = Callable[..., Page]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One running site for all tests that do not break it; each has readers of its own."""
    running = Site(tmp_path_factory.mktemp("site"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A site that a test may start, kill and break."""
    one = Site(tmp_path)
    yield one
    one.stop()


@pytest.fixture
def new_page(site: Site) -> Iterator[NewPage]:
    """Makes the form of one section in a browser: a new one, or another one of `like`'s reader."""
    devices: list[Device] = []

    def new(*, like: Page | None = None, written: str = "") -> Page:
        device = Device(site.port)
        devices.append(device)
        page = Page(device)
        if like is not None:
            device.cookies |= like.device.cookies
        if written:
            assert page.save(written).status == 200
        return page

    yield new
    for device in devices:
        device.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The form of someone who has written once."""
    return new_page(written="The words that it began with, once.")
