"""What these tests need of a machine: programs of Debian's, and the powers to confine a process.

Without them a test is left out and says what to install; where CI is set it fails instead, since
`.ci/run` installs them.
"""

import ctypes
import os
import shutil

import pytest

from tests.conftest import in_ci

PACKAGES = {
    "caddy": "caddy",
    "nginx": "nginx-light",
    "setpriv": "util-linux",
    "systemd-analyze": "systemd",
}
# Some stand where only root looks.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def tool(name: str) -> str:
    """The path of a program that a test can't do without."""
    path = shutil.which(name, path=PLACES)
    if path is None:
        leave_out(f"no {name} here: install the package `{PACKAGES[name]}`")
    return str(path)


def need_seccomp() -> None:
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        leave_out("no libseccomp here: install the package `libseccomp2`")


def need_root() -> None:
    if os.geteuid() != 0:
        leave_out("only root can become the user that a service runs as")


def leave_out(reason: str) -> None:
    if in_ci():
        pytest.fail(reason)
    pytest.skip(reason)
