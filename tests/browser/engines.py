"""Fixtures for journeys that hold in every engine: the engines, and people's browsers in them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from harness.site import ROOT, Site
from tests.browser.drivers.chromium import ChromiumEngine
from tests.browser.drivers.driver import (
    COMMAND,
    Driver,
    DriverError,
    Engine,
    MissingEngineError,
)
from tests.browser.drivers.firefox import FirefoxEngine
from tests.browser.drivers.page import Page
from tests.browser.drivers.webkit import WebKitEngine
from tests.browser.relay import Relay
from tests.conftest import in_ci

NAMES = ("chromium", "firefox", "webkit")
PHONE = (390, 844)
WIDE = (1280, 900)


class NewPerson(Protocol):
    """Makes a fresh browser, open on nothing yet: `new_person()` is one person's page."""

    def __call__(self, *, size: tuple[int, int] = PHONE, at: str = "") -> Page: ...


def start_engine(
    name: str, folder: Path, request: pytest.FixtureRequest, command: float = COMMAND
) -> Engine:
    """Start an engine by its name. A machine without it is told what to install.

    Then a test of it is left out; but nothing may be left out in CI.
    """
    try:
        if name == ChromiumEngine.name:
            playwright = request.getfixturevalue("playwright")
            return ChromiumEngine(folder, playwright, command=command)
        if name == FirefoxEngine.name:
            return FirefoxEngine(folder, command=command)
        return WebKitEngine(folder, command=command)
    except MissingEngineError as missing:
        if in_ci():
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="package", params=NAMES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Each engine in turn, the same for all journeys in it."""
    running = start_engine(request.param, tmp_path_factory.mktemp(request.param), request)
    yield running
    running.close()


@pytest.fixture
def new_person(engine: Engine, site: Site, request: pytest.FixtureRequest) -> Iterator[NewPerson]:
    """Makes one person's browser after another, with cookies and storage of its own.

    Where the test fails, what each of them shows is photographed into `test-results/`.
    """
    drivers: list[Driver] = []

    def new(*, size: tuple[int, int] = PHONE, at: str = "") -> Page:
        driver = engine.new_driver(*size)
        drivers.append(driver)
        return Page(driver, at or site.url)

    yield new
    for number, driver in enumerate(drivers):
        if getattr(request.node, "failed", False):
            with suppress(DriverError):  # one that stands still can't be photographed
                keep_picture(f"{request.node.name}-{number}", driver.screenshot())
        driver.close()


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    """The same site by a network that can be taken away."""
    between = Relay(site.port)
    yield between
    between.cut()


def keep_picture(name: str, png: bytes) -> Path:
    """Write a picture into `test-results/`, for whoever looks into a failure."""
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    file = folder / f"{re.sub(r'\W+', '-', name)}.png"
    file.write_bytes(png)
    return file
