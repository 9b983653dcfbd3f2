"""`manage.py rotate_keys` beside a running server: killed, run on, and saves going on (S6)."""

import http.client
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from devotional.lib.encryption import KeyRing
from harness.databases import Database
from harness.html_forms import Fields
from harness.server import PATIENCE, Server, environment, eventually, free_port, running
from tests.conftest import DOORS

FORM = "/reflect/on-doors/opening/"
MANY = 3000  # earlier wordings: enough that a rotation can be met at work


class Writer:
    """Someone who writes on a running server, by form and without JavaScript."""

    def __init__(self, server: Server) -> None:
        self.address = f"127.0.0.1:{server.port}"
        self.cookies: dict[str, str] = {}

    def write(self, text: str) -> int:
        fields = Fields(self.ask("GET", FORM + "panel/")[1]).values
        return self.ask("POST", FORM, fields | {"text-before": text})[0]  # 302 where kept

    def reads(self) -> str:
        return Fields(self.ask("GET", FORM + "panel/")[1]).values["text-before"]

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        headers = {
            "Origin": f"http://{self.address}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        connection.request(method, path, urlencode(fields or {}), headers)
        response = connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        body = response.read().decode()
        connection.close()
        return response.status, body


class Sealed(Database):
    """The database and the key ring, looked at from outside."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.ring_file = data / "keyring"

    def add_revisions(self, number: int) -> None:
        ring = KeyRing.load(self.ring_file)
        ((reflection, reader),) = self.ask("SELECT id, reader_id FROM devotional_reflection")
        rows = []
        for count in range(number):
            row = uuid4()
            place = ("revision", str(UUID(reader)), str(row))
            sealed = ring.seal(f"Words {count}", bound_to=place)
            rows.append((row.hex, reader, reflection, sealed))
        self.change(
            "INSERT INTO devotional_revision"
            " (id, reader_id, reflection_id, kind, version, asked, written_at, sealed)"
            " VALUES (?, ?, ?, 'earlier', 1, '', '2026-01-01', ?)",
            rows,
        )

    def rows_by_key(self) -> dict[str, int]:
        rows = self.ask(
            "SELECT substr(sealed, 2, 4), count(*) FROM"
            " (SELECT sealed FROM devotional_revision"
            "  UNION ALL SELECT sealed FROM devotional_reflection) AS rows GROUP BY 1"
        )
        return {key.hex(): number for key, number in rows}

    def revisions(self) -> list[str]:
        """The added revisions, opened."""
        ring = KeyRing.load(self.ring_file)
        return sorted(
            ring.open(sealed, bound_to=("revision", str(UUID(reader)), str(UUID(row))))
            for row, reader, sealed in self.ask(
                "SELECT id, reader_id, sealed FROM devotional_revision WHERE asked = ''"
            )
        )


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "on-doors.md").write_text(DOORS)
    return tmp_path / "content"


def rotate(data: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys", *words],
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_killed_and_run_on_beside_a_server_that_saves(data: Path, content: Path) -> None:
    with running(data, free_port(), CONTENT=str(content)) as server:
        writer = Writer(server)
        assert writer.write("Before.") == 302
        database = Sealed(data)
        database.add_revisions(MANY)
        (old,) = database.rows_by_key()

        stop = threading.Event()
        saved: list[str] = []
        refused: list[int] = []

        def save() -> None:
            while not stop.is_set():
                text = f"Save {len(saved)} of many, at {time.monotonic()}."
                status = writer.write(text)
                saved.append(text) if status == 302 else refused.append(status)

        saving = threading.Thread(target=save, daemon=True)
        saving.start()
        try:
            killed = rotate(data)
            assert eventually(lambda: database.rows_by_key().get(old, 0) < MANY - 400)
            killed.kill()
            killed.communicate(timeout=PATIENCE)
            assert old in database.rows_by_key()  # it was met at work
            keys = KeyRing.load(data / "keyring").ids

            resumed = rotate(data, "--resume")
            said, errors = resumed.communicate(timeout=PATIENCE)
            newest = KeyRing.load(data / "keyring").newest_id
            assert (resumed.returncode, errors) == (0, "")
            # Saves went on, and each took the new key without a restart.
            assert set(database.rows_by_key()) == {newest} != {old}
            before = len(saved)
            assert eventually(lambda: len(saved) > before + 2)
        finally:
            stop.set()
            saving.join(PATIENCE)
        assert not saving.is_alive()

        assert "none of an older key is left" in said
        assert KeyRing.load(data / "keyring").ids == keys == {old, newest}
        assert refused == []
        assert set(database.rows_by_key()) == {newest}
        assert writer.reads() == saved[-1]
        assert database.revisions() == sorted(f"Words {count}" for count in range(MANY))
        assert server.stop() == 0
    assert [line for line in server.lines if "Error" in line or "raised" in line] == []


def test_of_two_rotations_at_once_the_second_is_refused(data: Path, content: Path) -> None:
    with running(data, free_port(), CONTENT=str(content)) as server:
        assert Writer(server).write("Before.") == 302
    Sealed(data).add_revisions(MANY)

    both = [rotate(data), rotate(data)]
    said = [each.communicate(timeout=PATIENCE)[1] for each in both]

    assert sorted(each.returncode for each in both) == [0, 1]
    assert sorted(said) == ["", "Another rotation is running.\n"]
    assert len(KeyRing.load(data / "keyring").ids) == 2
    assert len(Sealed(data).rows_by_key()) == 1
