"""The servers beside the site: the twin under the very same server, and nginx with files.

Each listens on 127.0.0.1 at a port of its own and is ended by its process, with all its workers.
Here too: how much memory a server and its workers hold.
"""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.processes import wait_for_group
from harness.site import ROOT, Site, free_port

WORKERS, THREADS = 1, 8  # as `serve` starts it on SQLite where the host says nothing
PATIENCE = 60  # seconds for a start

NGINX = """
{user}
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} reuseport;
    root {folder}/files;
{locations}
  }}
}}
"""
LEFT_OUT = {"content-length", "content-type", "connection", "date", "server", "etag"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One reply of the site, for nginx to send from the disk."""

    body: bytes
    headers: Mapping[str, str]


@contextmanager
def twin(site: Site) -> Iterator[str]:
    """The twin on the folder of a site that has been started; the scheme and host of it."""
    port = free_port()
    command = [sys.executable, "-m", "devotional.lib.web_server", f"--port={port}"]
    command += ["--host=127.0.0.1", f"--workers={WORKERS}", f"--threads={THREADS}"]
    command += ["bench.load.twin:application"]
    with running(command, port, "/empty/", site.environment() | {"PORT": str(port)}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def nginx(folder: Path, replies: Mapping[str, Stored]) -> Iterator[str]:
    """nginx with two workers, sending `replies` by path with the headers that the site has."""
    folder = folder / "nginx"
    (folder / "files").mkdir(parents=True)
    locations = []
    for number, (path, reply) in enumerate(replies.items()):
        (folder / "files" / str(number)).write_bytes(reply.body)
        lines = [f'default_type "{reply.headers["content-type"]}";', f"try_files /{number} =404;"]
        for name, value in reply.headers.items():
            if name.lower() not in LEFT_OUT:
                quoted = value.replace('"', '\\"')
                lines.append(f'add_header {name} "{quoted}";')
        locations.append(f"location = {path} {{ {' '.join(lines)} }}")
    port = free_port()
    (folder / "nginx.conf").write_text(
        NGINX.format(
            user="user root;" if os.geteuid() == 0 else "",
            workers=WORKERS,
            folder=folder,
            port=port,
            locations="\n".join(locations),
        )
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    with running(command, port, "/", dict(os.environ)):
        yield f"http://127.0.0.1:{port}"


def has_nginx() -> bool:
    return shutil.which("nginx") is not None


@contextmanager
def running(
    command: list[str], port: int, path: str, environment: Mapping[str, str]
) -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(port, path, process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)
        wait_for_group(process.pid)


def wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended by itself")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer")


def resident(pid: int) -> int:
    """Bytes of memory that a process and all below it hold, what they share counted for each."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident(int(child)) for child in children)
