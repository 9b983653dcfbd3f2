"""A started `serve`: a process of its own, with its own folder and port."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.databases import Database
from harness.site import free_port as free_port  # the tests of `serve` name it from here

READY = re.compile(r"Devotional is running at http://127\.0\.0\.1:(\d+)")
PATIENCE = 60  # seconds; a start takes less than one here, more on a busy machine


def environment(data: Path) -> dict[str, str]:
    """All that a process needs to find the site of this data folder."""
    return {"PATH": os.environ["PATH"], "DATA": str(data)} | Database(data).variables


class Server:
    """A started `serve`, its output so far, and the way to it."""

    def __init__(
        self, data: Path, port: int, *, code: Path | str | None = None, **variables: str
    ) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=code,
            env=environment(data) | {"PORT": str(port)} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:  # ends where the process ends
            self.lines.append(line.rstrip("\n"))
            if READY.search(line):
                break

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
        self.lines += self.process.communicate(timeout=PATIENCE)[0].splitlines()
        return self.process.returncode


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
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate(timeout=PATIENCE)


def eventually(check: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.05)
    return False


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
