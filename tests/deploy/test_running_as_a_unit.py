"""The site as its unit starts it: it runs within the sandbox, and writes nothing but its state."""

import http.client
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.first_start import add_static_files
from harness.http_client import Page
from harness.server import PATIENCE
from harness.visitor import NAME, SITE, Forwarded
from tests.deploy import confined
from tests.deploy.installed import USER, Installed, install, wait_until_ready
from tests.deploy.test_recipes import MANAGE, lines_of
from tests.deploy.tools import need_root, need_seccomp, tool
from tests.deploy.units import SERVICES, moved

WORDS = "What I would lay aside is the hurry."


@pytest.fixture
def installed() -> Iterator[Installed]:
    """Not in pytest's own folders: they are closed to every other user."""
    need_root()
    need_seccomp()
    for name in ("setpriv", "systemd-analyze"):
        tool(name)
    if not confined.is_possible():
        pytest.skip("this kernel lets nobody make a mount namespace")
    root = Path(tempfile.mkdtemp(prefix="devotional-installed-"))
    root.chmod(0o755)
    yield install(root)
    shutil.rmtree(root)


@pytest.fixture
def collected(installed: Installed) -> None:
    """Its static files, for a test that isn't about a first start."""
    add_static_files(installed.data)
    for path in installed.data.rglob("*"):
        os.chown(path, USER, USER)


@pytest.fixture
def running(installed: Installed) -> Iterator[subprocess.Popen[str]]:
    process = installed.start("devotional.service")
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=PATIENCE)


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    return process.returncode


def test_the_site_writes_its_state_and_nothing_else(
    installed: Installed, running: subprocess.Popen[str]
) -> None:
    before = installed.fingerprint()
    assert [line.partition(":")[0] for line in wait_until_ready(running)] == [
        *("data", "database", "keys", "static", "Devotional is running at http")
    ]
    plain = http.client.HTTPConnection("127.0.0.1", installed.port, timeout=PATIENCE)
    plain.request("GET", "/privacy/", headers={"Host": NAME})
    response = plain.getresponse()
    location = response.getheader("Location")
    assert (response.status, location) == (301, f"{SITE}/privacy/")
    plain.close()

    device = Forwarded(installed.port)
    page = Page(device)
    assert page.save(WORDS).status == 200
    assert set(device.cookies) == {"__Host-reader"}
    for path in ("/", "/read/the-continual-pursuit-of-breakthrough/", "/journal/", "/privacy/"):
        assert device.get(path).status == 200
    assert device.get("/journal/").html.count(WORDS) == 1
    device.close()
    assert stop(running) == 0

    assert installed.fingerprint() == before
    assert {file.name for file in installed.keys.iterdir()} == {"keyring"}
    assert not (installed.data / "keyring").exists()
    for file in [*installed.data.iterdir(), *installed.keys.iterdir()]:
        status = file.stat()
        assert (status.st_uid, stat.S_IMODE(status.st_mode) & 0o077) == (USER, 0), file

    again = installed.start("devotional.service")
    assert [line.partition(":")[0] for line in wait_until_ready(again)] == [
        *("data", "database", "Devotional is running at http")
    ]
    assert page.text() == WORDS
    device.close()
    assert stop(again) == 0


def test_commands_run_beside_the_site(
    installed: Installed, collected: None, running: subprocess.Popen[str]
) -> None:
    """The nightly service, and a rotation of the keys by hand; the site takes the new one up."""
    wait_until_ready(running)
    device = Forwarded(installed.port)
    page = Page(device)
    assert page.save(WORDS).status == 200
    for unit in SERVICES:
        if unit.name != "devotional.service":
            nightly = installed.start(unit.name)
            said, _ = nightly.communicate(timeout=PATIENCE)
            assert nightly.returncode == 0, (unit.name, said)

    ring = installed.keys / "keyring"
    keys = ring.read_text().count("=")
    script = for_this_user(installed)
    for line in lines_of(MANAGE):  # as docs/deploying.md has them, one of which rotates
        done = by_hand(script, *shlex.split(line)[1:])
        assert done.returncode == 0, (line, done.stdout + done.stderr)
    assert ring.read_text().count("=") == keys + 1
    assert ring.stat().st_uid == USER
    assert page.text() == WORDS
    assert page.save(WORDS + " Again.").status == 200
    device.close()


def for_this_user(installed: Installed) -> Path:
    """`deploy/manage`, for the user of these tests."""
    script = installed.source / "deploy/manage"
    text = moved(script.read_text(), {"/etc/devotional.env": installed.env_file})
    capability = confined.needed_capability(USER)
    kept = f" --inh-caps=+{capability} --ambient-caps=+{capability}" if capability else ""
    theirs, ours = "--reuid=devotional --regid=devotional", f"--reuid={USER} --regid={USER}{kept}"
    assert text.count(theirs) == 1
    script.write_text(text.replace(theirs, ours))
    return script


def by_hand(script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script), *words],
        env=os.environ | {"SITE_URL": "nonsense of whoever is root"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


PROBE = """
import ctypes, mmap, os, socket, sys
def refused(what):
    try:
        what()
    except OSError as error:
        return error.strerror
    return "allowed"
print(os.getuid(), os.getgid(), os.getgroups())
print(refused(lambda: open(sys.argv[1] + "/new", "w")))
print(refused(lambda: open("/tmp/devotional-probe", "w")))
print(refused(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)))
print(refused(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)))
print(refused(lambda: os.chroot("/")))
print(refused(lambda: os.unshare(os.CLONE_NEWUSER)))
print(refused(lambda: os.sched_setaffinity(0, {0})))
print(sorted(name for name in os.listdir("/proc") if not name.isdigit()))
os.umask(mask := os.umask(0)); print(oct(mask))
status = open("/proc/self/status").read()
print([line.split()[1] for line in status.splitlines() if line.startswith("NoNewPrivs")])
open(sys.argv[2] + "/new", "w").close()
"""


def test_the_sandbox_holds(installed: Installed) -> None:
    """Else it would prove nothing that the site runs in it."""
    words = [sys.executable, "-c", PROBE, str(installed.source), str(installed.data)]
    said, _ = installed.start("devotional.service", words).communicate(timeout=PATIENCE)
    assert said.splitlines() == [
        f"{USER} {USER} []",
        "Read-only file system",
        "Read-only file system",
        "Permission denied",
        "Operation not permitted",
        "Operation not permitted",
        "Operation not permitted",
        "Operation not permitted",
        "['self', 'thread-self']",
        "0o77",
        "['1']",
    ]
    assert (installed.data / "new").exists()


def test_without_its_folders_it_says_so_in_one_line(installed: Installed) -> None:
    installed.data.chmod(0o500)
    process = installed.start("devotional.service")
    said, _ = process.communicate(timeout=PATIENCE)
    assert said == f"The data folder {installed.data} can't be written by this user.\n"
    assert process.returncode == 1
