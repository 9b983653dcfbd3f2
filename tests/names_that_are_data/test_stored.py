"""Names in the database and in the files beside it: with another one, what is stored is not found.

That rows of before are read as well is held by `tests/upgrade/test_b6f588b.py`, and that backups of
before are restored by `tests/upgrade/test_upgrade.py`.
"""

import json
import uuid
from dataclasses import fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from devotional.groups.models import Group, Membership
from devotional.journal.deleting import delete_reflection
from devotional.journal.hinges import mark, marking_of
from devotional.journal.models import Deleted
from devotional.lib import backups, data_folder, postgresql
from devotional.readers import adapter, addresses, arrivals, clock, erasures
from devotional.readers.merging import merge
from devotional.readers.models import Merge
from devotional.reflections.answers import Choice, State
from devotional.reflections.models import Operation, Reflection, Revision
from devotional.reflections.passages import Passage
from harness.actors import Browser
from tests.groups.factories import reader_in

ID = uuid.UUID("0b5c2d6e-8f1a-4c3b-9d2e-7a6b5c4d3e2f")
ANOTHER = uuid.UUID("77ab1c2d-3e4f-4a5b-8c6d-9e0f1a2b3c4d")
TABLES = {
    *("devotional_reader", "devotional_devicetoken", "devotional_returncode", "devotional_merge"),
    *("devotional_account", "devotional_account_groups", "devotional_account_user_permissions"),
    *("devotional_attempts", "devotional_limits", "devotional_devicelink"),
    *("devotional_reading", "devotional_reflection", "devotional_revision", "devotional_onpaper"),
    *("devotional_operation", "devotional_keycheck", "devotional_hinge", "devotional_deleted"),
    *("devotional_group", "devotional_membership", "devotional_invitation", "devotional_feed"),
    *("devotional_readit", "devotional_share", "devotional_origin"),
}
# The indexes of migration 0008, which Django's models don't know of.
POSTGRESQL_ALONE = {"devotional_operation_of_reader", "devotional_revision_of_reader"}
LOG = """\
2026-03-04T05:06:07Z reader 0b5c2d6e-8f1a-4c3b-9d2e-7a6b5c4d3e2f
2026-03-04T05:06:07Z words 0b5c2d6e-8f1a-4c3b-9d2e-7a6b5c4d3e2f 77ab1c2d-3e4f-4a5b-8c6d-9e0f1a2b3c4d
2026-03-04T05:06:07Z gone 0b5c2d6e-8f1a-4c3b-9d2e-7a6b5c4d3e2f
2026-03-04T05:06:07Z reflection 0b5c2d6e-8f1a-4c3b-9d2e-7a6b5c4d3e2f
2026-03-04T05:06:07Z reflection 77ab1c2d-3e4f-4a5b-8c6d-9e0f1a2b3c4d
2026-03-04T05:06:07Z back reflection 77ab1c2d-3e4f-4a5b-8c6d-9e0f1a2b3c4d
2026-03-04T05:06:07Z pruned 0b5c2d6e-8f1a-4c3b-9d2e-7a6b5c4d3e2f
"""


@pytest.mark.django_db
def test_tables() -> None:
    found = {name for name in connection.introspection.table_names() if name.startswith("devot")}
    assert found == TABLES


@pytest.mark.only_on("postgresql", "SQLite has none of them")
@pytest.mark.django_db
def test_indexes_of_postgresql_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%_of_reader'")
        assert {name for (name,) in cursor} == POSTGRESQL_ALONE


def test_values_of_columns() -> None:
    assert Revision.Kind.values == ["earlier", "conflict"]
    assert Membership.Standing.values == ["member", "waiting", "removed"]
    assert Group.Rhythm.values == [0, 1, 7, 14]


def test_values_in_operations_and_in_answers_to_a_save() -> None:
    assert [*Choice] == ["mine", "other", "both", "undo"]
    assert [*State] == ["saved", "unchanged", "empty", "conflict", "too-long", "shut", "unkept"]


def test_an_operation_keeps_what_was_answered_by_position(reader: Browser) -> None:
    stands = Reflection.objects.get()
    kept = ["before", "saved", 1, stands.written_at.isoformat(), False]
    assert json.loads(Operation.objects.get().outcomes)[0] == kept


def test_a_hinge() -> None:
    passage = Passage.lifted("A door. My brother. All.", 8, 19)
    assert passage is not None
    assert json.loads(passage.written()) == {
        "quote": "My brother.",
        "before": "A door. ",
        "after": " All.",
        "at": 8,
        "seen": sha256(b"A door. My brother. All.").hexdigest(),
        "only": True,
    }


def test_what_was_deleted(reader: Browser) -> None:
    reader.write("opening", before="Quite another thing, so that what stood is kept.")
    person, reflection = reader_in(reader), Reflection.objects.get(prompt="before")
    passage = Passage.lifted(reflection.text, 0, 5)
    assert passage is not None
    assert mark(person, marking_of(person, reflection), passage)
    delete_reflection(person, reflection.pk)
    first, second = (json.loads(row.text) for row in Deleted.objects.order_by("part"))
    assert {*first} == {
        *("devotional", "reading", "reading_begun_at", "section", "section_digest", "prompt"),
        *("asked", "version", "begun_at", "written_at", "kept_at", "has_met_another"),
        *("hinges", "text", "taken_back"),
    }
    assert [{*hinge} for hinge in first["hinges"]] == [{"id", "marked_at", "text"}]
    assert {*second} == {"wordings"}
    words = {"id", "kind", "version", "asked", "written_at", "text"}
    assert [{*each} for each in second["wordings"]] == [words]


def test_what_a_merge_says_it_moved(reader: Browser, other_reader: Browser) -> None:
    merge(reader_in(other_reader), into=reader_in(reader))
    assert {*Merge.objects.get().moved} == {
        *("readings", "reflections", "revisions", "on paper", "operations"),
        *("hinges", "deleted", "memberships", "shares"),
    }


def test_what_a_session_holds_while_someone_signs_in() -> None:
    assert [arrivals.EXPECTED, arrivals.BY_CODE, arrivals.GIVEN, arrivals.CHANGED] == [
        "devotional.readers.arriving",
        "devotional.readers.by_code",
        "devotional.readers.given",
        "devotional.readers.changed",
    ]
    assert arrivals.NEXT == "devotional.readers.next"
    assert [adapter.THEN, adapter.NOTICE] == [
        "devotional.readers.then",
        "devotional.readers.notice",
    ]
    assert addresses.PENDING == "devotional.readers.address"
    pending = [field.name for field in fields(addresses.Pending)]
    assert pending == ["account", "email", "code", "sent_at", "wrong"]


def test_the_files_of_the_data_folder(settings: Settings) -> None:
    data = Path(settings.DATA)
    found: dict[str, Any] = {
        "key ring": settings.KEY_RING,
        "erasure log": erasures.path(),
        "clock": clock.path(),
        "backups": backups.folder(),
    }
    assert {what: Path(path).relative_to(data).as_posix() for what, path in found.items()} == {
        "key ring": "keyring",
        "erasure log": "erasures",
        "clock": "clock",
        "backups": "backups",
    }
    assert data_folder.SECRET_KEY_FILE == "secret_key"


def test_a_backup_is_known_by_its_name() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert backups.name_for(at) == "devotional-20260304T050607Z.backup"
    assert (
        backups.name_for(at, "before-migration")
        == "devotional-20260304T050607Z-before-migration.backup"
    )


def test_the_erasure_log_of_before_is_read(tmp_path: Path, settings: Settings) -> None:
    settings.ERASURES = tmp_path / "log"
    (tmp_path / "log").write_text(LOG)
    assert [(mark.kind, mark.id, mark.now) for mark in erasures.noted()] == [
        ("reader", ID, None),
        ("words", ID, ANOTHER),
        ("gone", ID, None),
        ("reflection", ID, None),
        ("pruned", ID, None),
    ]


def test_a_line_of_the_erasure_log(tmp_path: Path, settings: Settings) -> None:
    settings.ERASURES = tmp_path / "log"
    erasures.append([str(erasures.Mark("words", ID, ANOTHER))])
    erasures.take_back("reflection", ID)
    lines = [line.split(" ", 1)[1] for line in (tmp_path / "log").read_text().splitlines()]
    assert lines == [f"words {ID} {ANOTHER}", f"back reflection {ID}"]


def test_how_the_site_is_called_at_a_database_server() -> None:
    """An operator's rules and a dashboard's filters go by it."""
    assert postgresql.options()["application_name"] == "devotional"
