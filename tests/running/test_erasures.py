"""After a restore: what readers had erased is erased again before the site serves (K11)."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

from harness.databases import Database
from harness.server import free_port, running
from tests.conftest import DOORS
from tests.running.test_rotation import Writer


def spelled(database: Database) -> bytes:
    """All that is kept, with ids as their digits alone."""
    return database.everything().replace(b"-", b"")


def test_a_start_erases_what_a_backup_brought_back(data: Path, tmp_path: Path) -> None:
    """The database in the data folder is one from before the erasure; the file is not."""
    database, port = Database(data), free_port()
    (tmp_path / "on-doors.md").write_text(DOORS)
    with running(data, port, CONTENT=str(tmp_path)) as server:
        erased, kept = Writer(server), Writer(server)
        assert erased.write("Erased after the backup.") == 302
        assert kept.write("Somebody else’s.") == 302
        assert server.stop() == 0
    ((id_,),) = database.ask("SELECT id FROM devotional_reader ORDER BY made_at LIMIT 1")
    assert id_.encode() in spelled(database)
    (data / "erasures").write_text(
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} reader {uuid.UUID(id_)}\n"
    )

    with running(data, port, CONTENT=str(tmp_path)) as server:
        assert "erasures:  1 row erased again, as they had been before" in server.lines
        assert erased.reads() == ""
        assert kept.reads() == "Somebody else’s."
        assert server.stop() == 0
    assert database.ask("SELECT count(*) FROM devotional_reader") == [(1,)]
    assert id_.encode() not in spelled(database)
