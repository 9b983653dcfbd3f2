"""B9: disk full, read-only, locked: 503 with Retry-After, nothing acknowledged lost, and it works
again by itself."""

from collections.abc import Iterator

from bench.reliability.report import Options, Row
from harness import faults_postgresql
from harness.databases import SERVER
from harness.experiments.unwritable import LOCKED, go_through
from harness.faults import (
    Fault,
    full_disk,
    lock,
    obey_permissions,
    read_only,
    read_only_from_the_start,
    small_disk,
)
from harness.site import Site


def run(options: Options) -> Iterator[Row]:
    yield from run_on_postgresql(options) if SERVER else run_on_sqlite(options)


def run_on_postgresql(options: Options) -> Iterator[Row]:
    site = Site(options.folder / "full")
    with faults_postgresql.small_disk() as disk:
        if disk is not None:
            with faults_postgresql.kept_on(disk, site) as fault:
                yield tried(site, fault, 0)
    for name, fault_of in (
        ("read-only", faults_postgresql.read_only),
        ("gone", faults_postgresql.gone),
    ):
        site = Site(options.folder / name)
        yield tried(site, fault_of(site), 0)
    for mode in ("EXCLUSIVE", "ACCESS EXCLUSIVE"):
        site = Site(options.folder / mode)
        yield tried(site, faults_postgresql.lock(site, mode), LOCKED)


def run_on_sqlite(options: Options) -> Iterator[Row]:
    with small_disk(options.folder) as disk:
        site = Site(options.folder / "full", data=disk)
        yield tried(site, full_disk(site, disk), 0)
    site = Site(options.folder / "read-only")
    obey_permissions(site)
    yield tried(site, read_only(site), 0)
    site = Site(options.folder / "read-only-start")
    obey_permissions(site)
    yield tried(site, read_only_from_the_start(site), 0)
    for kind in ("IMMEDIATE", "EXCLUSIVE"):
        site = Site(options.folder / kind)
        yield tried(site, lock(site, kind), LOCKED)


def tried(site: Site, fault: Fault, seconds: float) -> Row:
    site.start()
    try:
        course = go_through(site, fault, seconds=seconds)
    finally:
        site.stop()
    name = f"{fault.name}, {seconds:.0f} s" if seconds else fault.name
    return Row("B9", name, str(course), course.clean)
