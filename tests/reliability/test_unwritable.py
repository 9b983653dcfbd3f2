"""A database that can't be written: said with 503, nothing lost, and over by itself (B9, W8)."""

from pathlib import Path

import pytest

from harness import faults_postgresql
from harness.experiments.unwritable import LOCKED, go_through
from harness.faults import (
    LINUX,
    full_disk,
    lock,
    obey_permissions,
    read_only,
    read_only_from_the_start,
    small_disk,
)
from harness.site import Site

ON_SQLITE = pytest.mark.only_on("sqlite", "spoils its file")
ON_POSTGRESQL = pytest.mark.only_on("postgresql", "the same promise, by its own means")

pytestmark = pytest.mark.skipif(not LINUX, reason="mounts, capabilities and limits of Linux")


@ON_SQLITE
def test_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        site = Site(tmp_path / "site", data=disk)
        site.start()
        try:
            course = go_through(site, full_disk(site, disk))
        finally:
            site.stop()
    assert course.clean, course


@ON_SQLITE
def test_read_only_file(own_site: Site) -> None:
    obey_permissions(own_site)
    own_site.start()
    course = go_through(own_site, read_only(own_site))
    assert course.clean, course


@ON_SQLITE
def test_read_only_file_since_the_start(own_site: Site) -> None:
    """A connection that was opened to read only must not be kept for ever."""
    obey_permissions(own_site)
    own_site.start()
    course = go_through(own_site, read_only_from_the_start(own_site))
    assert course.clean, course


@ON_SQLITE
@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
def test_lock_held_15_s(kind: str, site: Site) -> None:
    course = go_through(site, lock(site, kind), seconds=LOCKED)
    assert course.clean, course


@ON_POSTGRESQL
def test_full_disk_of_the_server(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with faults_postgresql.small_disk() as disk:
        if disk is None:
            pytest.skip("needs to mount a small disk, and a server of this machine's own")
        with faults_postgresql.kept_on(disk, site) as fault:
            site.start()
            try:
                course = go_through(site, fault)
            finally:
                site.stop()
    assert course.clean, course


@ON_POSTGRESQL
def test_read_only_server(own_site: Site) -> None:
    own_site.start()
    course = go_through(own_site, faults_postgresql.read_only(own_site))
    assert course.clean, course


@ON_POSTGRESQL
def test_server_gone(own_site: Site) -> None:
    own_site.start()
    course = go_through(own_site, faults_postgresql.gone(own_site))
    assert course.clean, course


@ON_POSTGRESQL
def test_server_restarted(own_site: Site) -> None:
    """Connections that are dead are found out before a reader meets one."""
    own_site.start()
    course = go_through(own_site, faults_postgresql.restarted(own_site))
    assert (course.refusals, course.lost, course.pages_failed) == (0, 0, 0), course


@ON_POSTGRESQL
@pytest.mark.parametrize("mode", ["EXCLUSIVE", "ACCESS EXCLUSIVE"])
def test_table_lock_held_15_s(mode: str, site: Site) -> None:
    course = go_through(site, faults_postgresql.lock(site, mode), seconds=LOCKED)
    assert course.clean, course
