"""`manage.py serve` from end to end: a process of its own, with its own folder and port."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

READY = re.compile(r"Devotional is running at http://127\.0\.0\.1:(\d+)")
PATIENCE = 60  # seconds; a start takes less than one here, more on a busy machine


class Server:
    """A started `serve`, its output so far, and the way to it."""

    def __init__(self, data: Path, port: int, **variables: str) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            env={"PATH": os.environ["PATH"], "DATA": str(data), "PORT": str(port)} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:  # ends where the process ends
            self.lines.append(line.rstrip("\n"))
            if READY.match(line):
                break

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the server, as a terminal or systemd would, and return its exit code."""
        self.process.send_signal(number)
        self.lines += self.process.communicate(timeout=PATIENCE)[0].splitlines()
        return self.process.returncode


@contextmanager
def running(data: Path, port: int, **variables: str) -> Iterator[Server]:
    server = Server(data, port, **variables)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate(timeout=PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(check: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.05)
    return False


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kept(data: Path) -> dict[str, bytes]:
    return {name: (data / name).read_bytes() for name in ("secret_key", "keyring", "static.stamp")}


def test_from_nothing_to_a_running_site_and_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, free_port()) as first:
        subjects = [line.partition(":")[0] for line in first.lines]
        assert subjects == ["data", "keys", "database", "static", "Devotional is running at http"]
        # It is said once connections are taken, so the first request is answered.
        assert first.get("/").status == 200
        assert first.stop(signal.SIGTERM) == 0
    made = kept(data)

    with running(data, free_port()) as second:
        subjects = [line.partition(":")[0] for line in second.lines]
        assert subjects == ["data", "database", "Devotional is running at http"]
        assert second.get("/").status == 200
        assert second.stop(signal.SIGINT) == 0

    assert kept(data) == made
    modes = {file.name: file.stat().st_mode & 0o077 for file in data.iterdir() if file.is_file()}
    assert modes == dict.fromkeys(modes, 0)
    assert {"devotional.sqlite3", "keyring", "secret_key"} < modes.keys()


def test_static_files_are_kept_for_good_and_closed_to_other_sites(tmp_path: Path) -> None:
    with running(tmp_path, free_port()) as server:
        manifest = json.loads((tmp_path / "static" / "staticfiles.json").read_text())
        style = next(name for name in manifest["paths"].values() if name.endswith(".css"))
        response = server.get(f"/static/{style}", **{"Accept-Encoding": "br"})

    assert response.status == 200
    assert response.headers["Content-Encoding"] == "br"
    assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Access-Control-Allow-Origin"] is None
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(tmp_path / "data", port) as server:
            assert server.process.wait(PATIENCE) == 1

    assert server.lines == [
        f"Port {port} is already in use. Stop what is running there, "
        f"or choose another one: PORT={port % 65535 + 1} make run"
    ]
    assert not (tmp_path / "data").exists()


def test_two_servers_need_two_folders(tmp_path: Path) -> None:
    with running(tmp_path / "one", free_port()) as one:
        with running(tmp_path / "one", free_port()) as same:
            assert same.process.wait(PATIENCE) == 1
        with running(tmp_path / "two", free_port()) as two:
            assert two.get("/").status == 200
        assert one.get("/").status == 200

    assert same.lines == [
        f"Another server is already running on the data folder {tmp_path / 'one'}. "
        "Stop it first, or give this one another folder with DATA=…"
    ]


def test_broken_content_is_named_and_the_site_runs(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "broken.md").write_text("---\nsummary: It has no title.\n---\n\nWords.\n")

    with running(tmp_path / "data", free_port(), CONTENT=str(content)) as server:
        assert [line for line in server.lines if "broken.md:" in line] != []
        assert server.get("/").status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path, free_port(), WORKERS="2") as server:
        main = server.process.pid
        assert eventually(lambda: len(children(main)) == 2)
        lost = children(main)[0]
        os.kill(lost, signal.SIGKILL)

        assert eventually(lambda: len({*children(main)} - {lost}) == 2)
        assert server.get("/").status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_with_the_main_process(tmp_path: Path) -> None:
    """Else they would go on on the port, unwatched, beside the next server."""
    with running(tmp_path, free_port()) as server:
        workers = children(server.process.pid)
        server.stop(signal.SIGKILL)

        assert workers != []
        assert eventually(lambda: not any(map(is_running, workers)))
        with running(tmp_path, server.port) as next_server:
            assert next_server.get("/").status == 200
