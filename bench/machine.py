"""What figures were measured on: the parts that matter to them, and nothing that names anyone."""

import os
import platform
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from harness.site import ROOT

TOOLS = {"nginx": "-v", "wrk": "-v", "chromium": "--version"}


def about() -> str:
    """Some lines to print above the figures."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("django", "granian"))
    tools = ", ".join(filter(None, (said_by(name, flag) for name, flag in TOOLS.items())))
    return "\n".join(
        [
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}",
            f"{cores()} cores of {processor()}, {memory()}, {platform.system()} "
            f"{platform.release().partition('-')[0]}",
            f"Python {platform.python_version()}, {packages}, SQLite {sqlite3.sqlite_version}",
            tools or "no nginx, wrk or chromium",
            f"load before the start: {os.getloadavg()[0]:.1f} (of {cores()})",
        ]
    )


def cores() -> int:
    return len(os.sched_getaffinity(0))


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB of memory"


def commit() -> str:
    """The commit that was measured, and whether something was changed since."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return "unknown"
    changed = git("status", "--porcelain", "--untracked-files=no")
    return git("rev-parse", "--short=10", "HEAD") + (" with changes" if changed else "")


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def said_by(name: str, flag: str) -> str:
    """The first words of a tool about itself, such as "nginx 1.22.1"; empty where it is missing."""
    if shutil.which(name) is None:
        return ""
    done = subprocess.run([name, flag], capture_output=True, text=True, check=False)
    words = (done.stdout + done.stderr).replace("/", " ").replace("debian", "").split()
    number = next((word for word in words if word[:1].isdigit()), "")
    return f"{name} {number}"
