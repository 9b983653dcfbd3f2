"""A key ring that isn't the database's: no start, whichever way, and nothing is changed (S6)."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devotional.lib.encryption import KeyRing, add_key, ensure_key_ring
from harness.databases import SERVER, Database
from harness.server import PATIENCE, children, environment, eventually, free_port, running

LOAD = "import devotional.wsgi"
NOT_OPENED = (
    "The key ring {} does not open what is stored here. "
    "Put back the key ring that belongs to this database."
)
MISSING = (
    "The key ring {} is missing, and nothing written here can be read without it. "
    "Put it back from where its copy is kept."
)


def stored_checks(data: Path) -> list[bytes]:
    return [row[0] for row in Database(data).ask("SELECT sealed FROM devotional_keycheck")]


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        env=environment(data),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def load(data: Path) -> tuple[int, str]:
    """Load the application as any WSGI server does; return the exit status and what was said."""
    done = run(data, "-c", LOAD)
    return done.returncode, done.stdout + done.stderr


def refused_start(data: Path) -> str:
    """Start, expect a refusal, and return its line."""
    with running(data, free_port()) as server:
        assert server.process.wait(PATIENCE) == 1
    assert [line.partition(":")[0] for line in server.lines[:-1]] == ["data", "database"]
    return server.lines[-1]


def test_the_first_start_stores_a_check_and_the_second_leaves_it(data: Path) -> None:
    (check,) = stored_checks(data)
    KeyRing.load(data / "keyring").verify_check_value(check)
    with running(data, free_port()) as server:
        assert server.get("/").status == 200
    assert stored_checks(data) == [check]
    assert load(data) == (0, "")


def test_another_ring_does_not_start(data: Path) -> None:
    checks = stored_checks(data)
    (data / "keyring").unlink()
    ensure_key_ring(data / "keyring")
    assert refused_start(data) == NOT_OPENED.format(data / "keyring")
    assert load(data) == (1, NOT_OPENED.format(data / "keyring") + "\n")
    assert stored_checks(data) == checks


def test_a_missing_ring_is_asked_for_and_not_made_anew(data: Path) -> None:
    (data / "keyring").rename(data / "elsewhere")
    assert refused_start(data) == MISSING.format(data / "keyring")
    assert load(data) == (1, MISSING.format(data / "keyring") + "\n")
    assert not (data / "keyring").exists()
    (data / "elsewhere").rename(data / "keyring")
    assert load(data) == (0, "")


def test_a_copy_of_the_ring_from_before_a_rotation_does_not_start(data: Path) -> None:
    shutil.copy(data / "keyring", data / "copy")
    assert run(data, "manage.py", "rotate_keys").returncode == 0
    assert load(data) == (0, "")
    (data / "copy").replace(data / "keyring")
    assert refused_start(data) == NOT_OPENED.format(data / "keyring")


def test_a_start_completes_a_rotation_that_ended_before_its_check(data: Path) -> None:
    shutil.copy(data / "keyring", data / "copy")
    newest = add_key(data / "keyring")
    assert load(data) == (0, "")
    (check,) = stored_checks(data)
    assert check[1:5].hex() == newest
    (data / "copy").replace(data / "keyring")
    assert load(data)[0] == 1


def test_a_rotation_adds_no_key_to_another_ring(data: Path) -> None:
    (data / "keyring").unlink()
    ensure_key_ring(data / "keyring")
    before = (data / "keyring").read_text()
    done = run(data, "manage.py", "rotate_keys")
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        NOT_OPENED.format(data / "keyring") + "\n",
    )
    assert (data / "keyring").read_text() == before


def test_an_application_without_a_database_says_so_in_one_line(tmp_path: Path) -> None:
    Database(tmp_path / "data").begin_empty()
    status, said = load(tmp_path / "data")
    assert status == 1
    reason = "no such table: devotional_keycheck"
    if SERVER:
        reason = 'relation "devotional_keycheck" does not exist'
    assert said.splitlines()[-1] == f"The database can't be used: {reason}."
    assert not (tmp_path / "data" / "keyring").exists()


def test_of_processes_that_start_together_all_agree_on_one_ring(data: Path) -> None:
    Database(data).change("DELETE FROM devotional_keycheck")
    (data / "keyring").unlink()

    starts = [
        subprocess.Popen(
            [sys.executable, "-c", LOAD],
            env=environment(data),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    said = [start.communicate(timeout=PATIENCE)[1] for start in starts]

    assert [(start.returncode, words) for start, words in zip(starts, said, strict=True)] == (
        [(0, "")] * 6
    )
    (check,) = stored_checks(data)
    KeyRing.load(data / "keyring").verify_check_value(check)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_that_meets_another_ring_does_not_serve(data: Path) -> None:
    with running(data, free_port(), WORKERS="1") as server:
        assert eventually(lambda: len(children(server.process.pid)) == 1)
        (data / "keyring").unlink()
        ensure_key_ring(data / "keyring")
        os.kill(children(server.process.pid)[0], signal.SIGKILL)

        assert server.process.wait(PATIENCE) != 0
    assert NOT_OPENED.format(data / "keyring") in server.lines
