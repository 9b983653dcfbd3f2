"""A database that can't be written: said with 503, nothing lost, and over by itself (B9, W8)."""

from pathlib import Path

import pytest

from tests.bench.reliability.b9_unwritable import LOCKED, go_through
from tests.bench.reliability.faults import (
    LINUX,
    full_disk,
    lock,
    obey_permissions,
    read_only,
    read_only_from_the_start,
    small_disk,
)
from tests.site import Site

pytestmark = pytest.mark.skipif(not LINUX, reason="mounts, capabilities and limits of Linux")


def test_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        site = Site(tmp_path / "site", data=disk)
        site.start()
        try:
            course = go_through(site, full_disk(site, disk))
        finally:
            site.stop()
    assert course.clean, course


def test_read_only_file(own_site: Site) -> None:
    obey_permissions(own_site)
    own_site.start()
    course = go_through(own_site, read_only(own_site))
    assert course.clean, course


def test_read_only_file_since_the_start(own_site: Site) -> None:
    """A connection that was opened to read only must not be kept for ever."""
    obey_permissions(own_site)
    own_site.start()
    course = go_through(own_site, read_only_from_the_start(own_site))
    assert course.clean, course


@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
def test_lock_held_15_s(kind: str, own_site: Site) -> None:
    own_site.start()
    course = go_through(own_site, lock(own_site, kind), seconds=LOCKED)
    assert course.clean, course
