"""A started `serve`: a process of its own, with its own folder and port."""

import http.client
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import shared
from harness.databases import Database
from harness.first_start import LONGEST
from harness.processes import kill_group, start
from harness.site import free_port as free_port  # the tests of `serve` name it from here
from harness.waiting import PATIENCE as PATIENCE
from harness.waiting import eventually as eventually

READY = re.compile(r"Devotional is running at http://127\.0\.0\.1:(\d+)")


def environment(data: Path) -> dict[str, str]:
    """All that a process needs to find the site of this data folder."""
    return {"PATH": os.environ["PATH"], "DATA": str(data)} | Database(data).variables


class Server:
    """A started `serve`, its output so far, and the way to it."""

    def __init__(
        self, data: Path, port: int, *, code: Path | str | None = None, **variables: str
    ) -> None:
        self.port = port
        handle, name = tempfile.mkstemp(prefix="serve-", suffix=".log", dir=shared.folder())
        os.close(handle)
        self.log = Path(name)
        self.process = start(
            [sys.executable, "manage.py", "serve"],
            output=self.log,
            cwd=code,
            env=environment(data) | {"PORT": str(port)} | variables,
        )
        if not eventually(self.has_begun, LONGEST):
            kill_group(self.process)
            raise AssertionError(self.lines)

    @property
    def lines(self) -> list[str]:
        """All that it has printed so far."""
        return self.log.read_text().splitlines()

    def has_begun(self) -> bool:
        """Whether it has said that it runs, or has ended."""
        return self.process.poll() is not None or any(map(READY.search, self.lines))

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the server, as a terminal or systemd would, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def copy(data: Path, to: Path) -> Path:
    """A site that is stopped, once more: its folder, and its database where that is elsewhere."""
    Database(to).copy_of(data)
    return Path(shutil.copytree(data, to))


@contextmanager
def running(
    data: Path, port: int, *, code: Path | str | None = None, **variables: str
) -> Iterator[Server]:
    """`serve`, of a copy of the code at `code` if that is given, killed at the end."""
    server = Server(data, port, code=code, **variables)
    try:
        yield server
    finally:
        kill_group(server.process)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
