"""The site of version 0007 as it was kept: a backup with something in every table, and its ring."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.databases import ROOT, Database
from harness.waiting import PATIENCE

KEPT = Path(__file__).parent / "from_0007"


def words() -> Any:
    """Cookies, the number of rows by table, and what each sealed row must say."""
    return json.loads((KEPT / "words.json").read_text())


def backup_in(folder: Path) -> Path:
    file = folder / "site.backup"
    file.write_bytes(gzip.decompress((KEPT / "site.backup.gz").read_bytes()))
    return file


def new_machine(data: Path) -> Path:
    """A data folder with the key ring, an empty database, and a clock that is known to be right.

    What is kept here grows older from day to day, and must not be taken for a clock that is ahead.
    """
    data.mkdir(mode=0o700)
    Database(data).begin_empty()
    shutil.copyfile(KEPT / "keyring", data / "keyring")
    (data / "keyring").chmod(0o600)
    (data / "clock").write_text(f"{datetime.now(UTC).isoformat()}\n")
    return data


def environment(data: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DATA": str(data)} | Database(data).variables


def manage(data: Path, *words: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=ROOT,
        env=environment(data),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def done(data: Path, *words: str | Path) -> str:
    """What a command says that goes well."""
    said = manage(data, *words)
    assert (said.returncode, said.stderr) == (0, ""), said
    return said.stdout


def refused(data: Path, *words: str | Path) -> str:
    """The one line of a command that doesn't."""
    said = manage(data, *words)
    assert (said.returncode, said.stdout) == (1, ""), said
    (line,) = said.stderr.splitlines()
    return line


def everything(data: Path) -> Any:
    """All rows by table, and what the sealed ones say (`everything.py`)."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.upgrade.everything"],
        cwd=ROOT,
        env=environment(data),
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    return json.loads(said.stdout)
