"""`python -m harness.postgresql COMMAND …`: run a command beside a PostgreSQL server of its own.

The server lives in a temporary folder, listens on this machine alone, and is gone afterwards. It is
as fast as one may be that nobody will ever restart after a crash. The command finds its address in
TEST_DATABASE_URL. Where that is set already, that server is used, and none is started. With
`--else-leave-out` before it, the command is left out where there is no server to start, and that is
said; with CI set it fails all the same.

PostgreSQL refuses to run as root, so root starts it as another user.
"""

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg

from harness.processes import ask_for_end
from harness.site import free_port
from harness.waiting import PATIENCE, eventually

ADDRESS = "TEST_DATABASE_URL"
LEAVE_OUT = "--else-leave-out"
NEEDED = (
    "The tests on PostgreSQL need its server (on Debian: apt install postgresql), "
    f"or {ADDRESS}=postgres://… of a role that may create databases."
)
USERS = ("postgres", "nobody")  # whom root starts it as: the first that is there
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")  # where distributions keep versions
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


def programs() -> Path | None:
    """The folder of the newest PostgreSQL here, with `initdb` and `postgres`."""
    found = [
        folder
        for pattern in FOLDERS
        for folder in Path("/").glob(pattern[1:])
        if (folder / "initdb").exists()
    ]
    if found:
        return max(found, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))])
    path = shutil.which("initdb")
    return Path(path).resolve().parent if path else None


def user() -> str | None:
    """Whom to start the server as; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS if name in known)


@contextlib.contextmanager
def server(folder: Path, found: Path) -> Iterator[str]:
    """A running server in `folder`; its address, with a role that may do everything."""
    data, word, port, runs_as = folder / "data", secrets.token_urlsafe(16), free_port(), user()
    password = folder / "password"
    password.write_text(word)
    if runs_as:
        for path in (folder, password):
            shutil.chown(path, runs_as)

    def run(program: str, *words: str) -> None:
        subprocess.run(
            [found / program, f"--pgdata={data}", *words],
            user=runs_as,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=(folder / "said").open("a"),
            stderr=subprocess.STDOUT,
            check=True,
            timeout=PATIENCE,
        )

    run(
        "initdb",
        *("--username=tests", f"--pwfile={password}", "--auth=scram-sha-256"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
    )
    settings = "".join(f"{name} = '{value}'\n" for name, value in FAST.items())
    with (data / "postgresql.conf").open("a") as file:
        file.write(f"{settings}port = {port}\n")
    address = f"postgres://tests:{word}@127.0.0.1:{port}/postgres"
    with (folder / "said").open("a") as said:
        process = subprocess.Popen(
            [found / "postgres", "-D", data],
            user=runs_as,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a terminal's ^C isn't for it
            preexec_fn=partial(ask_for_end, signal.SIGQUIT),  # no threads here
        )
    try:
        if not eventually(lambda: process.poll() is not None or answers(address)):
            raise subprocess.TimeoutExpired(process.args, PATIENCE)
        if process.returncode is not None:
            raise subprocess.CalledProcessError(process.returncode, [found / "postgres"])
        yield address
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing of it is to last
        process.wait(PATIENCE)


def answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def main(command: list[str]) -> int:
    may_be_left_out = command[:1] == [LEAVE_OUT]
    command = command[may_be_left_out:]
    if os.environ.get(ADDRESS):
        return subprocess.call(command)
    found = programs()
    if found is None:
        is_left_out = may_be_left_out and not in_ci()
        print("Left out." if is_left_out else "Can't be run.", NEEDED, file=sys.stderr)
        return 0 if is_left_out else 1
    # A terminal's ^C reaches the command as well, which ends by it and so ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="devotional-postgresql-") as folder:
        try:
            with server(Path(folder), found) as address:
                return subprocess.call(command, env=os.environ | {ADDRESS: address})
        except subprocess.CalledProcessError as error:
            said = Path(folder, "said").read_text()
            print(f"{Path(error.cmd[0]).name} did not work:\n{said}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
