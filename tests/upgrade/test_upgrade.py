"""A database made by an earlier version is brought up to date, and every text is equal.

`from_0001` was made by the code of commit 8b6f0df (see `make.py`): three guests with odd texts,
earlier wordings and conflicts. `from_0007` is a backup by the code of migration 0007, with
something in every table (see `make_everything.py`).
"""

import gzip
import http.client
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devotional.lib import backups
from devotional.lib.backups.form import migrations, opened
from harness.first_start import add_static_files
from harness.server import free_port, running
from harness.waiting import PATIENCE
from tests.upgrade import states

pytestmark = pytest.mark.only_on("sqlite", "the earlier version knew nothing else")

HERE = Path(__file__).parent
OLD = HERE / "from_0001"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    add_static_files(folder)
    whole = gzip.decompress((OLD / "devotional.sqlite3.gz").read_bytes())
    (folder / "devotional.sqlite3").write_bytes(whole)
    shutil.copy(OLD / "keyring", folder / "keyring")
    (folder / "keyring").chmod(0o600)
    return folder


@pytest.fixture
def kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((OLD / "words.json").read_text())
    return found


def words(data: Path) -> Any:
    said = subprocess.run(
        [sys.executable, "-m", "tests.upgrade.words"],
        env={"PATH": os.environ["PATH"], "DATA": str(data)},
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return json.loads(said.stdout)


def test_every_text_is_what_it_was(data: Path, kept: dict[str, Any]) -> None:
    tokens = kept.pop("tokens")
    with running(data, free_port()) as server:
        assert any("migrations applied" in line for line in server.lines), server.lines
        assert words(data) == kept
        for reader, token in tokens.items():
            page = journal(server.port, token)
            mine = [row[4] for row in kept["reflections"].values() if row[0] == reader]
            assert "A door. My brother." in mine[0]
            assert "A door. My brother." in page
            assert page.count("Quite another one") == 1
        assert server.stop() == 0
    with running(data, free_port()) as server:  # and from then on, nothing is left to do
        assert not any("migration" in line for line in server.lines), server.lines


def journal(port: int, token: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/journal/", headers={"Cookie": f"reader={token}"})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_a_backup_of_what_was_before_is_made_first(data: Path) -> None:
    before = (data / "devotional.sqlite3").read_bytes()
    with running(data, free_port()):
        (backup,) = (data / "backups").iterdir()
    assert backup.name.endswith("-before-migration.backup")
    assert backups.examine(backup).made_from == "sqlite"
    with opened(backup) as database:
        ours = {name for app, name in migrations(database) if app == "devotional"}
        assert ours == {"0001_initial"}
        sealed = sorted(database.execute("SELECT id, sealed FROM devotional_reflection"))
    (data / "again.sqlite3").write_bytes(before)
    with opened(data / "again.sqlite3") as database:
        assert sorted(database.execute("SELECT id, sealed FROM devotional_reflection")) == sealed


def test_without_a_backup_nothing_is_migrated(data: Path) -> None:
    (data / "backups").write_text("a file where a folder should be")
    before = (data / "devotional.sqlite3").read_bytes()
    with running(data, free_port()) as server:
        assert server.process.wait(timeout=60) == 1
    refusal = "Nothing was migrated, because no backup could be made first: "
    assert [line.startswith(refusal) for line in sorted(server.lines)] == [True, False], (
        server.lines
    )
    assert (data / "devotional.sqlite3").read_bytes() == before


def test_a_backup_of_every_kind_of_row_is_what_it_was(tmp_path: Path) -> None:
    """Readers, accounts, a passkey, readings, hinges, a group, shares, what was deleted, …"""
    site, kept = states.new_machine(tmp_path / "site"), states.words()

    states.done(site, "restore", states.backup_in(tmp_path))

    found = states.everything(site)
    assert found["sealed"] == kept["sealed"]
    rows = {table: len(of_it) for table, of_it in found["tables"].items()}
    assert {table: rows.get(table) for table in kept["rows"]} == kept["rows"]
