"""Ways to make a database unwritable, each with the way back: for B9 and its tests.

A full disk is a small tmpfs where mounting is permitted, else a limit on the size of files. Root
ignores permissions, so the server is then started without the capability to do so.
"""

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.site import Site
from harness.waiting import PATIENCE

DISK = 16  # megabytes of the small disk: the static files, the database and some room
LINUX = sys.platform == "linux"

# prctl(PR_CAPBSET_DROP, …) of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, then the command itself.
AS_ANYONE = (
    "import ctypes, os, sys; drop = ctypes.CDLL(None).prctl; "
    "assert drop(24, 1, 0, 0, 0) == 0 and drop(24, 2, 0, 0, 0) == 0; "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a running site."""

    name: str
    begin: Callable[[], None]
    end: Callable[[], None]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A data folder on a small disk of its own; None where mounting is not permitted."""
    place = folder / "disk"
    place.mkdir()
    size = f"size={DISK}m,mode=0700"
    mounted = (
        LINUX
        and os.geteuid() == 0
        and shutil.which("mount") is not None
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)],
            capture_output=True,
            timeout=PATIENCE,
        ).returncode
        == 0
    )
    if not mounted:
        yield None
        return
    try:
        yield place / "data"
    finally:
        subprocess.run(["umount", str(place)], check=True, timeout=PATIENCE)


def full_disk(site: Site, disk: Path | None) -> Fault:
    """No byte left where the data folder lies. `disk` is what `small_disk` gave."""
    if disk is None:
        return limited_files(site)
    ballast = disk.parent / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    return Fault("disk full (tmpfs)", fill, ballast.unlink)


def limited_files(site: Site) -> Fault:
    """No file of the server may grow beyond what the database has now."""
    limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def begin() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        for pid in processes(site):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (site.database.file.stat().st_size, hard))

    def end() -> None:
        for pid in processes(site):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    return Fault("disk full (RLIMIT_FSIZE)", begin, end)


def processes(site: Site) -> list[int]:
    """The server and its workers."""
    assert site.process is not None
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == site.process.pid:
                found.append(int(entry.name))
    return found


def obey_permissions(site: Site) -> None:
    """Let the next start be one to which permissions apply, also where we are root."""
    if os.geteuid() == 0:
        site.prefix = [sys.executable, "-c", AS_ANYONE]


def read_only(site: Site) -> Fault:
    """The database file and its folder lose their permission to be written."""

    def begin() -> None:
        site.database.file.chmod(0o400)
        site.data.chmod(0o500)

    def end() -> None:
        site.data.chmod(0o700)
        site.database.file.chmod(0o600)

    return Fault("database read-only while it runs", begin, end)


def read_only_from_the_start(site: Site) -> Fault:
    """The server starts on a file that it may not write, which is mended later."""

    def begin() -> None:
        site.stop()
        site.database.file.chmod(0o400)
        site.start()

    return Fault(
        "database read-only since the start", begin, lambda: site.database.file.chmod(0o600)
    )


def lock(site: Site, kind: str = "IMMEDIATE") -> Fault:
    """Another connection holds the lock of writers until the end, or as EXCLUSIVE all of it.

    Under the second nobody can even be told apart: with a rollback journal it stops readers too.
    """
    holder: list[sqlite3.Connection] = []

    def begin() -> None:
        connection = sqlite3.connect(site.database.file, isolation_level=None, timeout=10)
        connection.execute(f"BEGIN {kind}")
        holder.append(connection)

    def end() -> None:
        connection = holder.pop()
        connection.execute("ROLLBACK")
        connection.close()

    return Fault(f"lock held by another ({kind.lower()})", begin, end)
