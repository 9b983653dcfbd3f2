"""The site as docs/deploying.md installs it, in a folder of a test: source, variables, units.

The source belongs to root and the state to the service's user, each in the place that the unit
names, below the test's own root.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from harness.server import PATIENCE, READY
from harness.site import ROOT, free_port
from tests.deploy import confined
from tests.deploy.units import DEPLOY, moved, settings_in, variables_in

USER = 64_321  # nobody's on any machine
SOURCE = ("content", "deploy", "devotional", "manage.py", "static", "templates")


@dataclass(frozen=True)
class Installed:
    root: Path
    port: int

    @property
    def source(self) -> Path:
        return self.root / "opt/devotional"

    @property
    def data(self) -> Path:
        return self.root / "var/lib/devotional"

    @property
    def keys(self) -> Path:
        return self.root / "var/lib/devotional-keys"

    @property
    def env_file(self) -> Path:
        return self.root / "etc/devotional.env"

    def unit(self, name: str) -> dict[str, list[str]]:
        text = (DEPLOY / name).read_text()
        places = {"/opt/devotional": self.source, "/etc/devotional.env": self.env_file}
        return settings_in(moved(text, places))

    def start(self, name: str, words: list[str] | None = None) -> subprocess.Popen[str]:
        """Start what the unit `name` starts, or `words` in its place, as the unit would."""
        unit = self.unit(name)
        return subprocess.Popen(
            confined.command(
                unit, USER, [self.data, self.keys], words or unit["ExecStart"][0].split()
            ),
            cwd=unit["WorkingDirectory"][0],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
            | variables_in(Path(unit["EnvironmentFile"][0]).read_text()),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def fingerprint(self) -> dict[str, str]:
        """Every file of the source and what is in it."""
        return {
            str(file.relative_to(self.source)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(self.source.rglob("*"))
            if file.is_file() and ".venv" not in file.parts
        }


def install(root: Path) -> Installed:
    """Lay everything out below `root`."""
    here = Installed(root, free_port())
    here.source.mkdir(parents=True)
    for name in SOURCE:
        part = ROOT / name
        if part.is_dir():
            shutil.copytree(part, here.source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(part, here.source / name)
    (here.source / ".venv").symlink_to(sys.prefix)
    for folder in (here.data, here.keys):  # what StateDirectory= does
        folder.mkdir(parents=True, mode=0o700)
        os.chown(folder, USER, USER)
    here.env_file.parent.mkdir()
    places = {"/var/lib/devotional": here.data, "/var/lib/devotional-keys": here.keys}
    text = moved((DEPLOY / "devotional.env").read_text(), places)
    here.env_file.write_text(f"{text}\nPORT='{here.port}'\n")
    return here


def wait_until_ready(process: subprocess.Popen[str]) -> list[str]:
    """The lines that the server says until it takes connections, or until it ends."""
    lines = []
    assert process.stdout is not None
    too_late = threading.Timer(PATIENCE, process.kill)
    too_late.start()
    try:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if READY.match(line):
                break
    finally:
        too_late.cancel()
    return lines
