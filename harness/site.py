"""The server as a host runs it: `manage.py serve` with a data folder and a port of its own.

Browser journeys, the tests of reliability and the bench all start it from here, and end what they
started and nothing else. Needs neither pytest nor Django.
"""

import atexit
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from harness.databases import ROOT as ROOT
from harness.databases import Database


class Site:
    """A site that can be started, stopped and killed, any number of times, on the same folder."""

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
        for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL"):
            env.pop(name, None)
        return env | self.database.variables | self.extra

    def start(self) -> None:
        if not self.data.exists():
            lay_out(self.data)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait()
        put_by(self.data)

    def wait(self) -> None:
        for _ in range(600):
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the server did not start:\n{self.log.read_text()}")
            try:
                urllib.request.urlopen(self.url, timeout=2).close()  # noqa: S310  # our own
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the server does not answer:\n{self.log.read_text()}")

    def stop(self) -> bool:
        """Ask it to stop, and wait. Whether it did so by itself."""
        return self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it as a power cut would: every process of it, at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> bool:
        ended = True
        if self.process is not None and self.process.poll() is None:
            group = self.process.pid
            if number is signal.SIGKILL:
                os.killpg(group, number)
            else:
                self.process.send_signal(number)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                ended = False
                os.killpg(group, signal.SIGKILL)
                self.process.wait(timeout=10)
            wait_for_group(group)
        self.process = None
        return ended


# Collecting static files, most of it compressing them, is three quarters of a first start. So the
# sites of one process share what the first of them collected; `serve` sees by its stamp whether it
# is still what it would collect itself.
COLLECTED = ("static", "static.stamp")
put_by_in: list[Path] = []


def put_by(data: Path) -> None:
    if not put_by_in and (data / COLLECTED[1]).exists():
        folder = Path(tempfile.mkdtemp(prefix="devotional-static-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        copy_collected(data, folder)
        put_by_in.append(folder)


def lay_out(data: Path) -> None:
    for folder in put_by_in:
        data.mkdir(mode=0o700, parents=True)
        copy_collected(folder, data)


def copy_collected(data: Path, to: Path) -> None:
    shutil.copytree(data / COLLECTED[0], to / COLLECTED[0])
    shutil.copy2(data / COLLECTED[1], to / COLLECTED[1])


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


def wait_for_group(group: int) -> None:
    """Wait for the workers as well: until the last is gone, the data folder is still held."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
