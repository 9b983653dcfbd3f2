"""Runs a command as a service of ours would run it, on a machine without systemd.

What a unit asks of the kernel is asked here by hand: a user of its own without capabilities, every
folder read-only but those of StateDirectory, a /proc of its own processes alone, no new privileges,
no memory that is both written and run, and the unit's very filter of system calls and of address
families, loaded last. Left out: what hides other parts of the machine (homes, devices, IPC), since
the Python of a test may live in one of them.

    command(unit, user, state, words)     the words to start, as root
    python confined.py CONFINEMENT …      what they start, inside

Needs root, libseccomp and a kernel that lets root make a mount namespace. Knows nothing of pytest.
"""

import ctypes
import errno
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_MDWE, PR_GET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 66, 1
ALLOW = 0x7FFF0000
ERRNO = 0x00050000
EQUAL, MASKED_EQUAL = 4, 7  # of libseccomp's comparisons
NAMESPACES = 0x7E020000  # the flags of clone() that make one

libc = ctypes.CDLL(None, use_errno=True)


class Comparison(ctypes.Structure):
    """One argument of a system call and what it must be: libseccomp's `scmp_arg_cmp`."""

    _fields_ = [
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    ]


@dataclass(frozen=True)
class Confinement:
    """What is asked of the kernel, as it goes from one stage to the next."""

    user: int
    capability: str  # empty: none
    state: list[str]  # the folders that can be written
    calls: list[str]
    families: list[str]  # as in AF_INET
    namespaces: bool  # whether it may make some
    umask: int


def command(
    unit: dict[str, list[str]], user: int, state: Sequence[Path], words: Sequence[str]
) -> list[str]:
    """The words to start `words` as `unit` (see `units.settings_in`) would."""
    confinement = Confinement(
        user=user,
        capability=needed_capability(user),
        state=[str(folder) for folder in state],
        calls=sorted(allowed_calls(unit["SystemCallFilter"])),
        families=unit["RestrictAddressFamilies"][0].split(),
        namespaces=unit["RestrictNamespaces"] != ["yes"],
        umask=int(unit["UMask"][0], 8),
    )
    here = str(Path(__file__).resolve())
    return [sys.executable, here, "outside", json.dumps(asdict(confinement)), *words]


def allowed_calls(filters: Sequence[str]) -> set[str]:
    """The system calls that a unit's lines of SystemCallFilter= leave."""
    allowed: set[str] = set()
    for line in filters:
        calls = {call for name in line.lstrip("~").split() for call in calls_of(name)}
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed | set(calls_of("@default"))


@functools.cache
def calls_of(name: str) -> frozenset[str]:
    """The calls of a set such as `@system-service`, as this machine's systemd knows them."""
    if not name.startswith("@"):
        return frozenset({name})
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", name],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    words = [line.strip() for line in listed.splitlines()[1:]]
    return frozenset(call for word in words if word and word[0] != "#" for call in calls_of(word))


def is_possible() -> bool:
    """Whether the kernel lets us: in most containers it doesn't, and nothing can be installed."""
    tried = subprocess.run(
        ["unshare", "--mount", "true"], capture_output=True, check=False, timeout=60
    )
    return tried.returncode == 0 and libc.prctl(PR_GET_MDWE, 0, 0, 0, 0) >= 0


@functools.cache
def needed_capability(user: int) -> str:
    """Empty; or the power to read what is closed, where Python lies in somebody's home."""
    probe = [*becoming(user, ""), sys.executable, str(Path(__file__).resolve()), "probe"]
    seen = subprocess.run(probe, capture_output=True, check=False, timeout=60).returncode == 0
    return "" if seen else "dac_read_search"


def becoming(user: int, capability: str) -> list[str]:
    kept = f"-all,+{capability}" if capability else "-all"
    return [
        "setpriv",
        *(f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"),
        *(f"--inh-caps={kept}", f"--ambient-caps={kept}", f"--bounding-set={kept}"),
        "--",
    ]


def outside(confinement: Confinement, words: Sequence[str]) -> None:
    """As root: make the file system read-only but for the state, and become the user."""
    os.unshare(os.CLONE_NEWNS)
    mount("--make-rprivate", "/")
    for folder in confinement.state:
        mount("--bind", folder, folder)
    for place in mounts():
        if place not in confinement.state and not place.startswith(("/proc", "/sys", "/dev")):
            # One that lies under another can't be reached, so it need not be changed.
            mount("-o", "remount,bind,ro", place, must=place == "/")
    mount("-t", "proc", "-o", "hidepid=invisible,subset=pid", "proc", "/proc")
    become = becoming(confinement.user, confinement.capability)
    here = str(Path(__file__).resolve())
    inside_words = [sys.executable, here, "inside", json.dumps(asdict(confinement)), *words]
    os.execvp(become[0], [*become, *inside_words])  # noqa: S606


def mount(*words: str, must: bool = True) -> None:
    subprocess.run(["mount", *words], check=must, capture_output=not must, timeout=60)


def mounts() -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        yield line.split()[4].replace("\\040", " ")


def inside(confinement: Confinement, words: Sequence[str]) -> None:
    """As the user: give up what systemd takes away last, and become the command."""
    os.umask(confinement.umask)
    if libc.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_MDWE")
    families = [getattr(socket, name) for name in confinement.families]
    calls = set(confinement.calls)
    rules = {"socket": [Comparison(0, EQUAL, family, 0) for family in families]}
    absent = set()
    if not confinement.namespaces:  # as systemd does it: clone3() can't be looked into
        calls -= {"unshare", "setns", "clone3"}
        absent = {"clone3"}
        rules["clone"] = [Comparison(0, MASKED_EQUAL, NAMESPACES, 0)]
    # Becoming the user has undone what was asked for before; see `harness.processes`.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    load_filter(calls, rules, absent)
    os.execv(words[0], list(words))  # noqa: S606


def load_filter(
    calls: Iterable[str], rules: dict[str, list[Comparison]], absent: Iterable[str]
) -> None:
    """Let `calls` through, those in `rules` only where one of their comparisons holds.

    `absent` ones are answered as by a kernel that doesn't have them, every other with EPERM, as
    `SystemCallErrorNumber=` says.
    """
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    seccomp.seccomp_rule_add_array.argtypes = [
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint),
        ctypes.POINTER(Comparison),
    ]
    context = seccomp.seccomp_init(ERRNO | errno.EPERM)

    def add(action: int, name: str, comparison: Comparison | None = None) -> None:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # of another architecture
        compared = None if comparison is None else ctypes.pointer(comparison)
        count = 0 if comparison is None else 1
        if (said := seccomp.seccomp_rule_add_array(context, action, number, count, compared)) != 0:
            raise OSError(-said, f"a rule for {name}")

    for name in calls:
        for comparison in rules.get(name, [None]):
            add(ALLOW, name, comparison)
    for name in absent:
        add(ERRNO | errno.ENOSYS, name)
    if (said := seccomp.seccomp_load(context)) != 0:
        raise OSError(-said, "the filter")


if __name__ == "__main__":
    stage = sys.argv[1]
    if stage != "probe":
        asked = Confinement(**json.loads(sys.argv[2]))
        {"outside": outside, "inside": inside}[stage](asked, sys.argv[3:])
