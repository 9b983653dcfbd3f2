"""Ways to make a PostgreSQL database unwritable, each with the way back: for B9 and its tests.

A full disk is a tablespace on a small tmpfs, where mounting is permitted and the server is on this
machine and ours to command.
"""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from harness.databases import command, session_at
from harness.faults import LINUX, Fault
from harness.postgresql import user
from harness.site import Site
from harness.waiting import PATIENCE

DISK = 32  # megabytes: the database and some room


def lock(site: Site, mode: str = "EXCLUSIVE") -> Fault:
    """Another session holds the reflections; as ACCESS EXCLUSIVE nobody reads them either."""
    holder: list[psycopg.Connection[Any]] = []

    def begin() -> None:
        session = session_at(site.database.address)
        session.execute(f"LOCK TABLE devotional_reflection IN {mode} MODE".encode())
        holder.append(session)

    def end() -> None:
        holder.pop().close()

    return Fault(f"lock held by another ({mode.lower()})", begin, end)


def read_only(site: Site) -> Fault:
    """Every session that begins from here on may only read; those that there are, are ended."""
    name = site.database.name

    def begin() -> None:
        command(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        end_sessions(name)

    def end() -> None:
        command(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')

    return Fault("database read-only while it runs", begin, end)


def gone(site: Site) -> Fault:
    """The server ends all sessions and takes no new ones, as one that restarts."""
    name = site.database.name

    def begin() -> None:
        command(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        end_sessions(name)

    def end() -> None:
        command(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    return Fault("database server gone", begin, end)


def restarted(site: Site) -> Fault:
    """All sessions are ended, and new ones are taken at once: nobody need even notice."""

    def nothing() -> None:
        pass

    return Fault("all sessions ended", lambda: end_sessions(site.database.name), nothing)


def end_sessions(name: str) -> None:
    command(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608  # our own


@contextlib.contextmanager
def small_disk() -> Iterator[Path | None]:
    """A folder for a tablespace on a small disk of its own; None where that can't be had."""
    owner = user()
    if not (LINUX and owner and shutil.which("mount")):
        yield None
        return
    place = Path(tempfile.mkdtemp(prefix="devotional-disk-"))
    options = f"size={DISK}m,mode=0700"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, timeout=PATIENCE).returncode != 0:
        place.rmdir()
        yield None
        return
    try:
        shutil.chown(place, owner)
        folder = place / "kept"
        folder.mkdir(mode=0o700)
        shutil.chown(folder, owner)
        yield folder
    finally:
        subprocess.run(["umount", str(place)], check=True, timeout=PATIENCE)
        place.rmdir()


@contextlib.contextmanager
def kept_on(disk: Path, site: Site) -> Iterator[Fault]:
    """Keep the rows of `site`, which has not been started, on `disk`; the fault that it is full."""
    space = f"space_{site.database.name}"
    command(f"CREATE TABLESPACE \"{space}\" LOCATION '{disk}'")
    site.database.begin(tablespace=space)
    ballast = disk.parent / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    try:
        yield Fault("disk full (tablespace on tmpfs)", fill, ballast.unlink)
    finally:
        site.database.drop()
        command(f'DROP TABLESPACE "{space}"')
