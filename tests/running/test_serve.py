"""`manage.py serve` from end to end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from devotional.lib.web_server import STOP_SECONDS
from harness.databases import SERVER, Database
from harness.server import (
    PATIENCE,
    Server,
    children,
    copy,
    eventually,
    free_port,
    is_running,
    running,
)


def kept(data: Path) -> dict[str, bytes]:
    return {name: (data / name).read_bytes() for name in ("secret_key", "keyring", "static.stamp")}


def test_from_nothing_to_a_running_site_and_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    Database(data).begin_empty()
    with running(data, free_port()) as first:
        subjects = [line.partition(":")[0] for line in first.lines]
        assert subjects == ["data", "database", "keys", "static", "Devotional is running at http"]
        assert first.lines[1].endswith(" migrations applied")
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
    assert {"keyring", "secret_key"} < modes.keys()
    assert ("devotional.sqlite3" in modes) is (SERVER == "")


def test_static_files_are_kept_for_good_and_closed_to_other_sites(data: Path) -> None:
    with running(data, free_port()) as server:
        manifest = json.loads((data / "static" / "staticfiles.json").read_text())
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


def test_two_servers_need_two_folders(data: Path, started: Path, tmp_path: Path) -> None:
    with running(data, free_port()) as one:
        with running(data, free_port()) as same:
            assert same.process.wait(PATIENCE) == 1
        with running(copy(started, tmp_path / "two"), free_port()) as two:
            assert two.get("/").status == 200
        assert one.get("/").status == 200

    assert same.lines == [
        f"Another server is already running on the data folder {data}. "
        "Stop it first, or give this one another folder with DATA=…"
    ]


def test_broken_content_is_named_and_the_site_runs(data: Path, tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "broken.md").write_text("---\nsummary: It has no title.\n---\n\nWords.\n")

    with running(data, free_port(), CONTENT=str(content)) as server:
        assert [line for line in server.lines if "broken.md:" in line] != []
        assert server.get("/").status == 200


def answers(server: Server) -> bool:
    try:
        return server.get("/").status == 200
    except ConnectionError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_that_dies_is_replaced(data: Path) -> None:
    with running(data, free_port(), WORKERS="2") as server:
        main = server.process.pid
        assert eventually(lambda: len(children(main)) == 2)
        lost = children(main)[0]
        os.kill(lost, signal.SIGKILL)

        assert eventually(lambda: len({*children(main)} - {lost}) == 2)
        # It said that it runs when the first worker did, and that one may be the one that is lost.
        assert eventually(lambda: answers(server))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_with_the_main_process(data: Path) -> None:
    """Else they would go on on the port, unwatched, beside the next server."""
    with running(data, free_port(), WORKERS="2") as server:
        main = server.process.pid
        assert eventually(lambda: len(children(main)) == 2)
        workers = children(main)
        server.stop(signal.SIGKILL)

        assert eventually(lambda: not any(map(is_running, workers)))
        with running(data, server.port) as next_server:
            assert next_server.get("/").status == 200


def test_a_stop_reaches_workers_that_are_still_loading(data: Path) -> None:
    """Else each would be waited for until it is killed, 20 seconds later."""
    with running(data, free_port(), WORKERS="4") as server:
        asked = time.monotonic()
        assert server.stop() == 0  # one worker is ready, most are not
        assert time.monotonic() - asked < STOP_SECONDS - 1


def test_announcing_imports_nothing() -> None:
    """A worker that is forked while a thread imports would wait for that import for ever."""
    program = """
import socket, sys
from devotional.lib.web_server import announce
listener = socket.create_server(("127.0.0.1", 0))
known = set(sys.modules)
announce("127.0.0.1", listener.getsockname()[1], "ready")
print(*sorted(set(sys.modules) - known))
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert said.stdout == "ready\n\n"


# PostgreSQL

SAYS = re.compile(r"database: {2}PostgreSQL \d+\.\d+, site_\w+ at 127\.0\.0\.1:\d+.*")


@pytest.mark.only_on("postgresql", "its line at the start")
def test_the_start_says_which_database_and_not_its_password(data: Path) -> None:
    address = Database(data).address
    with running(data, free_port()) as server:
        assert SAYS.fullmatch(server.lines[1])
        assert server.stop() == 0
    said = "\n".join(server.lines)
    assert (urlsplit(address).password or "none") not in said
    danger = " (its fsync is off: a crash may lose what was saved)"
    assert server.lines[1].endswith(danger) is (Database(data).ask("SHOW fsync") == [("off",)])


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("postgres://me:s3cret-word@127.0.0.1:1/words", "Connection refused"),
        ("postgres://me:s3cret-word@%2Fnowhere/words", "No such file or directory"),
    ],
)
def test_a_database_that_is_not_there_stops_the_start_in_one_line(
    address: str, reason: str, tmp_path: Path
) -> None:
    with running(tmp_path / "data", free_port(), DATABASE_URL=address) as server:
        assert server.process.wait(PATIENCE) == 1
    assert [line.partition(":")[0] for line in server.lines[:-1]] == ["data"]
    assert server.lines[-1].startswith("The database words at ")
    assert reason in server.lines[-1]
    assert "s3cret-word" not in server.lines[-1]
