"""Programs of Debian's that tests and benches start, and the packages that hold them."""

import os
import shutil

PACKAGES = {
    "caddy": "caddy",
    "nginx": "nginx-light",
    "setpriv": "util-linux",
    "systemd-analyze": "systemd",
}
# Some stand where only root looks.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


class MissingProgramError(Exception):
    """A program isn't on this machine; the message says what to install."""


def program(name: str) -> str:
    """The path of a program. Raises MissingProgramError."""
    path = shutil.which(name, path=PLACES)
    if path is None:
        raise MissingProgramError(f"no {name} here: install the package `{PACKAGES[name]}`")
    return path
