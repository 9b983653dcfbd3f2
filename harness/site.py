"""The server as a host runs it: `manage.py serve` with a data folder and a port of its own.

Browser journeys, the tests of reliability and the bench all start it from here, and end what they
started and nothing else. Needs neither pytest nor Django.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import ClassVar

from harness.databases import ROOT as ROOT
from harness.databases import Database
from harness.first_start import LONGEST, lay_out
from harness.processes import kill_group, wait_for_group
from harness.processes import start as start_process
from harness.waiting import eventually

STOPPED = 30  # seconds for a server to end by itself


class Site:
    """A site that can be started, stopped and killed, any number of times, on the same folder."""

    usual: ClassVar[dict[str, str]] = {}  # variables of every site of this process

    def __init__(self, folder: Path, *, data: Path | None = None) -> None:
        self.data = data or folder / "data"
        self.content = folder / "content"
        shutil.copytree(ROOT / "content", self.content)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.extra: dict[str, str] = {}
        self.prefix: list[str] = []  # a command to run the server under

    @property
    def database(self) -> Database:
        return Database(self.data)

    def environment(self) -> dict[str, str]:
        """What the server runs with, and whoever wants to read its data folder."""
        env = os.environ | {
            "DATA": str(self.data),
            "CONTENT": str(self.content),
            "PORT": str(self.port),
            "SITE_URL": self.url,
            "SITE_OPERATOR": "Sam at the chapel",
            "SITE_CONTACT": "sam@example.org",
        }
        # What the process that tests has set for itself; a site's own are in `extra`.
        for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "ADMIN_PATH"):
            env.pop(name, None)
        return env | self.database.variables | self.usual | self.extra

    def start(self) -> None:
        if not self.data.exists():
            lay_out(self.data, with_host="ADMIN_PATH" in self.extra)
        self.process = start_process(
            [*self.prefix, sys.executable, "manage.py", "serve"],
            output=self.log,
            cwd=ROOT,
            env=self.environment(),
        )
        if not eventually(self.answers, LONGEST):
            raise AssertionError(f"the server does not answer:\n{self.log.read_text()}")

    def answers(self) -> bool:
        """Whether it takes requests; raises where it has ended."""
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the server did not start:\n{self.log.read_text()}")
        try:
            urllib.request.urlopen(self.url, timeout=10).close()  # noqa: S310  # our own
        except OSError:
            return False
        return True

    def stop(self) -> bool:
        """Ask it to stop, and wait. Whether it did so by itself."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return True
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOPPED)
        except subprocess.TimeoutExpired:
            kill_group(process)
            return False
        wait_for_group(process.pid)
        return True

    def kill(self) -> None:
        """Stop it as a power cut would: every process of it, at once."""
        process, self.process = self.process, None
        if process is not None:
            kill_group(process)


def free_port() -> int:
    """A port that nothing else is given by chance while the server is on its way to it.

    Below those that the system hands out: there, another process may be given it meanwhile, and
    whoever asks whether the server answers may be, too, and so hear its own question.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
