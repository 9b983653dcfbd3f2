"""What these tests need of a machine: programs of Debian's, and the powers to confine a process.

Without them a test is left out and says what to install; where CI is set it fails instead, since
`.ci/run` installs them.
"""

import ctypes
import os

import pytest

from harness.programs import MissingProgramError, program
from tests.conftest import in_ci


def tool(name: str) -> str:
    """The path of a program that a test can't do without."""
    try:
        return program(name)
    except MissingProgramError as missing:
        leave_out(str(missing))
        raise


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
