"""Erasing: at once, by the reader alone, without a trace, and for a restored backup too (K11)."""

import errno
import os
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.utils import ConnectionHandler
from django.utils import timezone
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from devotional.journal.deleting import delete_reflection, erase_now
from devotional.journal.models import Deleted, Hinge
from devotional.journal.putting_back import PutBack
from devotional.journal.putting_back import put_back as put_back_deleted
from devotional.lib.sqlite import ROLLBACK_JOURNAL, WRITE_AHEAD_LOG, Journal, in_force, options
from devotional.readers import erasures
from devotional.readers.arrivals import EXPECTED
from devotional.readers.erasing import erase_reader, erase_words, replay
from devotional.readers.erasures import Mark, NotNoted, erasing
from devotional.readers.guests import give_token, mark_of
from devotional.readers.merging import merge
from devotional.readers.models import Account, DeviceToken, Merge, Reader, ReturnCode
from devotional.reflections.models import OnPaper, Operation, Reading, Reflection, Revision
from harness.actors import FORGED, Browser
from harness.databases import kept_rows
from harness.html_forms import Fields
from tests.reflections.helpers import plain, the_reader

WORDS, WHOLE = "/erase/words/", "/erase/reader/"
OWNED = (Reading, Reflection, Revision, Operation, OnPaper, Hinge, Deleted)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> Path:
    """A data folder of its own, for the file of erasures."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return tmp_path / "data"


def send(browser: Browser, path: str) -> Any:
    """Fill in the page that asks once more, and press its button."""
    return browser.post(path, Fields(browser.get(path).content.decode()).values)


def rows_of(reader: Reader) -> int:
    return sum(table._default_manager.filter(reader=reader).count() for table in OWNED)


def furnish(reader: Reader) -> Reflection:
    """One row of everything that a reader can have, beside what was written in the browser."""
    reflection = Reflection.objects.by(reader)[0]
    for row in (
        Revision(reflection=reflection, version=1, asked="?", written_at=timezone.now()),
        Hinge(reflection=reflection, marked_at=timezone.now()),
        Deleted(reflection_id=uuid.uuid4(), deleted_at=timezone.now()),
    ):
        row.reader = reader
        row.text = "Some words."
        row.save(force_insert=True)
    OnPaper.objects.create(reader=reader, reading=reflection.reading, section="hinges")
    ReturnCode.objects.create(reader=reader, digest="c" * 64, made_at=timezone.now())
    Account.objects.create(reader=reader, email="a@example.org")
    return reflection


# As pages


def test_the_page_says_what_each_of_it_does(reader: Browser) -> None:
    html = reader.get("/erase/").content.decode()
    said = plain(html)
    assert "This erases your answer, with its earlier versions" in said
    assert "Backups are gone within 30 days." in said
    assert "it can’t be undone" in said
    assert {WORDS, WHOLE} <= set(re.findall(r'href="(/erase/.*?)"', html))
    assert "canary" not in html


def test_looking_erases_nothing(reader: Browser) -> None:
    for path in ("/erase/", WORDS, WHOLE):
        assert reader.get(path).status_code == 200
        assert reader.head(path).status_code == 200
    assert Reflection.objects.count() == 1


def test_everything_written_goes_and_the_reader_stays(
    reader: Browser, other_reader: Browser
) -> None:
    me = the_reader()
    furnish(me)
    assert rows_of(me) >= len(OWNED)
    page = send(reader, WORDS)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store, private"
    assert page["Clear-Site-Data"] == '"cache", "storage"'
    assert re.findall(r"<body.*?>", page.content.decode()) == ['<body class="rights" data-wipe>']
    assert not page.cookies
    now = Reader.objects.get(device_tokens__in=DeviceToken.objects.all(), account__isnull=False)
    assert now.pk != me.pk
    assert now.consent_version == me.consent_version
    assert now.return_code.digest == "c" * 64
    assert rows_of(now) == rows_of(me) == 0
    assert reader.texts() == {"before": "", "closed": ""}
    assert other_reader.texts()["before"] == "Words of the other reader."
    assert reader.write("opening", before="Written anew.").status_code == 200
    assert reader.texts()["before"] == "Written anew."


def test_the_reader_goes_with_everything(
    reader: Browser, other_reader: Browser, settings: Settings
) -> None:
    me = the_reader()
    furnish(me)
    page = send(reader, WHOLE)
    assert page.status_code == 200
    assert page["Clear-Site-Data"] == '"cache", "storage"'
    assert "data-wipe" in page.content.decode()
    for name in (settings.READER_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert (page.cookies[name].value, page.cookies[name]["max-age"]) == ("", 0)
    assert rows_of(me) == 0
    assert not Reader.objects.filter(pk=me.pk).exists()
    assert not Account.objects.exists()
    assert not ReturnCode.objects.exists()
    assert DeviceToken.objects.count() == 1
    assert other_reader.texts()["before"] == "Words of the other reader."
    assert reader.get(WHOLE).status_code == 404


def test_signing_in_ends_everywhere(reader: Browser, settings: Settings) -> None:
    me = the_reader()
    account = Account.objects.create(reader=me)
    for held in ({"_auth_user_id": str(account.pk)}, {EXPECTED: str(me.pk)}, {"other": "1"}):
        session = SessionStore()
        session.update(held)
        session.create()
    reader.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    page = send(reader, WHOLE)
    assert page.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0
    assert Session.objects.count() == 0


@pytest.mark.parametrize("path", [WORDS, WHOLE])
def test_a_form_made_for_another_erases_nothing(
    path: str, reader: Browser, other_reader: Browser
) -> None:
    """A tablet that changed hands while the page was open; and the same form sent twice."""
    sent = Fields(reader.get(path).content.decode()).values
    other_reader.get(path)
    reply = other_reader.post(path, sent)
    assert (reply.status_code, reply["Location"]) == (302, "/erase/")
    assert Reflection.objects.count() == 2
    assert reader.post(path, sent).status_code == 200
    again = reader.post(path, sent)
    assert (again.status_code, again["Location"]) == (302, "/erase/")
    assert Reflection.objects.count() == 1


@pytest.mark.parametrize("path", [WORDS, WHOLE])
def test_strangers_and_other_sites_erase_nothing(
    path: str, reader: Browser, stranger: Browser
) -> None:
    me = the_reader()
    assert stranger.get(path).status_code == 404
    forged = stranger.post(path, {"writer": mark_of(me)})
    assert (forged.status_code, forged["Location"]) == (302, "/erase/")
    assert stranger.post(path, headers=FORGED).status_code == 403
    assert reader.post(path, {"writer": mark_of(me)}, headers=FORGED).status_code == 403
    assert reader.post(path, {"writer": ""}, headers=FORGED).status_code == 403
    assert Reflection.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_finds_nothing(
    reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is done between the look at who asks and the erasing."""

    def twice(one: Reader) -> Reader:
        erase_words(one)
        return erase_words(one)

    monkeypatch.setattr("devotional.readers.rights_views.erase_words", twice)
    assert send(reader, WORDS).status_code == 404
    assert Reflection.objects.count() == 0
    assert [mark.kind for mark in erasures.noted()] == ["words"]


def test_someone_unknown_is_told_that_there_is_nothing(stranger: Browser, reader: Browser) -> None:
    page = stranger.get("/erase/")
    assert (page.status_code, len(page.cookies)) == (200, 0)
    assert "there’s nothing to erase" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_erases_nothing(reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for path in (WORDS, WHOLE):
        reply = send(reader, path)
        assert (reply.status_code, reply["Retry-After"]) == (503, "5")
    monkeypatch.undo()
    assert reader.texts()["before"] == "The canary of the first reader."
    assert erasures.path().read_bytes() == b""
    assert replay() == 0
    assert send(reader, WHOLE).status_code == 200


# The file of erasures


def test_a_line_an_erasure_and_for_its_owner_alone(reader: Browser) -> None:
    me = the_reader()
    send(reader, WORDS)
    now = Reader.objects.get()
    send(reader, WHOLE)
    lines = erasures.path().read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == [
        f"words {me.pk} {now.pk}",
        f"reader {now.pk}",
    ]
    assert abs(datetime.fromisoformat(lines[0].split()[0]) - timezone.now()) < timedelta(minutes=1)
    assert erasures.path().stat().st_mode & 0o777 == 0o600


def test_what_was_brought_back_is_not_erased_again(db: None) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    erasures.note("reflection", one)
    erasures.note("reflection", two)
    erasures.take_back("reflection", one)
    assert erasures.noted() == [Mark("reflection", two)]
    erasures.note("reflection", one)
    assert erasures.noted() == [Mark("reflection", two), Mark("reflection", one)]


@pytest.mark.parametrize("torn", [1, 30, 60])
def test_a_line_that_a_crash_cut_off_spoils_no_other(torn: int, db: None) -> None:
    ids = [uuid.uuid4() for _ in range(3)]
    erasures.note("gone", ids[0])
    erasures.note("gone", ids[1])
    whole = erasures.path().read_bytes()
    erasures.path().write_bytes(whole[:-torn])
    assert erasures.noted() == [Mark("gone", ids[0])]
    erasures.note("gone", ids[2])
    # Only a newline was lost: then the line is whole.
    cut = [Mark("gone", ids[1])] if torn == 1 else []
    assert erasures.noted() == [Mark("gone", ids[0]), *cut, Mark("gone", ids[2])]


def test_what_is_none_of_ours_says_nothing(db: None) -> None:
    erasures.path().write_bytes(
        b"\xff\xfe\0 nonsense\n2026-13-01T00:00:00Z gone " + b"0" * 36 + b"\n"
    )
    assert erasures.noted() == []


def test_a_write_that_is_cut_short_leaves_nothing(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = uuid.uuid4()
    erasures.note("gone", kept)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:20]))
    with pytest.raises(NotNoted):
        erasures.note("gone", uuid.uuid4())
    monkeypatch.undo()
    assert erasures.path().read_text().endswith(f"gone {kept}\n")


def test_an_erasure_that_fails_is_taken_back(reader: Browser) -> None:
    me = the_reader()

    def fail() -> None:
        with erasing() as marks:
            marks.append(Mark("reader", me.pk))
            raise DatabaseError

    with pytest.raises(DatabaseError):
        fail()
    assert erasures.noted() == []
    assert replay() == 0
    assert Reader.objects.count() == 1


def test_lines_are_dropped_after_60_days_at_a_start(db: None) -> None:
    ids = [uuid.uuid4() for _ in range(3)]
    days = [timezone.now() - timedelta(days=age) for age in (61, 59, 0)]
    erasures.path().write_text(
        "".join(
            f"{day.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} gone {id_}\n"
            for day, id_ in zip(days, ids, strict=True)
        )
    )
    replay()
    assert erasures.noted() == [Mark("gone", ids[1]), Mark("gone", ids[2])]
    assert erasures.path().stat().st_mode & 0o777 == 0o600
    assert {path.name for path in erasures.path().parent.iterdir()} == {"clock", "erasures"}


def test_processes_that_write_and_shorten_at_once_lose_no_line(db: None) -> None:
    """Each child notes 40 lines while this process drops old ones from the same file."""
    old = timezone.now() - timedelta(days=90)
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            try:
                for _ in range(40):
                    erasures.note("gone", uuid.uuid4())
            finally:
                os._exit(0)
        children.append(child)
    while children:
        with erasures.opened() as file:
            os.write(
                file, f"{old.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} gone {uuid.uuid4()}\n".encode()
            )
        erasures.forget_old()
        children = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]
    erasures.forget_old()
    assert len(erasures.noted()) == 120


# After a restore


def copy_of(reader: Reader) -> list[Any]:
    """The rows of a reader, to be put back as from a backup."""
    tables = (Reader, DeviceToken, ReturnCode, Account, *OWNED)
    return [
        row
        for table in tables
        for row in table._base_manager.filter(**{"pk" if table is Reader else "reader": reader.pk})
    ]


def put_back(rows: list[Any]) -> None:
    for row in rows:
        row.save(force_insert=True)


def test_a_restored_reader_is_erased_again(reader: Browser, other_reader: Browser) -> None:
    me = the_reader()
    furnish(me)
    backup = copy_of(me)
    send(reader, WHOLE)
    put_back(backup)
    assert reader.texts()["before"] == ""  # the cookie went with the reader
    assert Reflection.objects.by(me).count() == 1
    assert replay() == 1
    assert not Reader.objects.filter(pk=me.pk).exists()
    assert other_reader.texts()["before"] == "Words of the other reader."
    assert replay() == 0


def test_of_restored_words_the_reader_stays(reader: Browser) -> None:
    me = the_reader()
    furnish(me)
    backup = copy_of(me)
    send(reader, WORDS)
    now = Reader.objects.get()
    Reader.objects.all().delete()
    put_back(backup)
    assert replay() == 1
    assert Reader.objects.get() == now
    assert Account.objects.get().reader == now
    assert rows_of(now) == rows_of(me) == 0
    assert reader.write("opening", before="Written anew.").status_code == 200
    assert replay() == 0
    assert reader.texts()["before"] == "Written anew."


def test_words_and_then_the_reader(reader: Browser) -> None:
    """A backup from before both knows the reader by the first id only."""
    me = the_reader()
    backup = copy_of(me)
    send(reader, WORDS)
    send(reader, WHOLE)
    put_back(backup)
    assert replay() == 2
    assert Reader.objects.count() == 0


def test_guests_who_had_become_the_reader_go_too(reader: Browser, other_reader: Browser) -> None:
    """In a backup from before the merge, their words still stand under their own ids."""
    me = the_reader()
    guest = Reader.objects.exclude(pk=me.pk).get()
    backup = copy_of(guest)
    merge(guest, into=me)
    assert Merge.objects.count() == 1
    erase_reader(me)
    put_back(backup)
    assert replay() == 1
    assert Reader.objects.count() == 0


def test_guests_of_guests_go_too(
    reader: Browser, other_reader: Browser, new_browser: Callable[[], Browser]
) -> None:
    """Someone who became a guest who became the reader: their words are the reader's as well."""
    me = the_reader()
    first = Reader.objects.exclude(pk=me.pk).get()
    assert new_browser().write("opening", before="Of the guest between.").status_code == 200
    between = Reader.objects.exclude(pk__in=[me.pk, first.pk]).get()
    backup = copy_of(first)
    merge(first, into=between)
    merge(between, into=me)
    assert set(Merge.objects.values_list("guest_id", "reader")) == {
        (first.pk, me.pk),
        (between.pk, me.pk),
    }
    erase_reader(me)
    put_back(backup)
    assert replay() == 1
    assert Reader.objects.count() == 0


def test_what_is_merged_after_an_erasure_stays(reader: Browser, other_reader: Browser) -> None:
    """Also where it was written before: it was never among what was erased."""
    me = the_reader()
    guest = Reader.objects.exclude(pk=me.pk).get()
    now = erase_words(me)
    merge(guest, into=now)
    assert replay() == 0
    assert Reflection.objects.by(now).get().text == "Words of the other reader."


@pytest.mark.parametrize("is_put_back", [False, True])
def test_one_reflection(is_put_back: bool, reader: Browser, other_reader: Browser) -> None:
    """A backup from before a merge knows what was deleted as two reflections, of two readers."""
    me, guest = Reader.objects.order_by("made_at")
    backups = copy_of(me), copy_of(guest)
    merge(guest, into=me)
    id_ = Reflection.objects.by(me).get().pk
    assert delete_reflection(me, id_)
    if is_put_back:
        assert put_back_deleted(me, id_)[0] is PutBack.DONE
    else:
        assert erase_now(me, id_)
    me.delete()
    for backup in backups:
        put_back(backup)
    replay()
    assert Reflection.objects.count() == (2 if is_put_back else 0)


def test_what_can_be_undone_is_left_to_its_reader(reader: Browser) -> None:
    me = the_reader()
    furnish(me)
    deleted = Deleted.objects.get()
    erasures.note("reflection", deleted.reflection_id)
    assert replay() == 0
    assert Deleted.objects.count() == 1
    backup = copy_of(me)[-1]
    erase_now(me, deleted.reflection_id)
    assert Deleted.objects.count() == 0
    put_back([backup])
    assert replay() == 1
    assert Deleted.objects.count() == 0


def test_the_command_says_what_it_did(reader: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    backup = copy_of(the_reader())
    send(reader, WHOLE)
    put_back(backup)
    call_command("replay_erasures")
    assert capsys.readouterr().out == "1 erasures noted, 1 rows erased again\n"


# Bytes


type Look = Callable[[], dict[str, bytes]]  # what is kept, by where: with ids as digits alone


@pytest.fixture
def rows(db: None) -> Look:
    """Every row, as PostgreSQL shows it. Its files keep old ones until it tidies up by itself."""
    return lambda: {"the rows": kept_rows(connections["default"]).replace(b"-", b"")}


@pytest.fixture(params=[ROLLBACK_JOURNAL, WRITE_AHEAD_LOG], ids=["rollback", "log"])
def files(
    request: pytest.FixtureRequest, data: Path, key_ring: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Look]:
    """The bytes of a database in a file in place of the one in memory, with either journal."""
    journal: Journal = request.param
    version = (3, 51, 3) if journal == WRITE_AHEAD_LOG else (3, 40, 1)
    file = data / "devotional.sqlite3"
    with django_db_blocker.unblock():
        usual = connections["default"]
        chosen = usual.settings_dict | {"NAME": str(file), "OPTIONS": options(version)}
        connections["default"] = ConnectionHandler({"default": chosen})["default"]
        try:
            call_command("migrate", interactive=False, verbosity=0)
            assert in_force(connections["default"]) == journal
            yield lambda: {
                each.name: each.read_bytes()
                for each in sorted(data.iterdir())
                if each.name.startswith(file.name)
            }
        finally:
            connections["default"].close()
            connections["default"] = usual


def traces(look: Look, marks: dict[str, bytes]) -> list[str]:
    """Which of `marks` stand anywhere in what is kept, as bytes or as hexadecimal digits."""
    return [
        f"{name} in {where}"
        for where, kept in look().items()
        for name, mark in marks.items()
        if mark in kept or mark.hex().encode() in kept
    ]


@pytest.mark.only_on("sqlite", "looks into its files")
@pytest.mark.parametrize("what", ["reader", "words", "reflection"])
def test_nothing_is_left_in_the_bytes(what: str, files: Look, content: Path) -> None:
    assert_nothing_is_left(what, files)


@pytest.mark.only_on("postgresql", "its files are its own; the rows are gone at once")
@pytest.mark.parametrize("what", ["reader", "words", "reflection"])
def test_nothing_is_left_in_any_row(
    what: str, rows: Look, data: Path, key_ring: Path, content: Path
) -> None:
    assert_nothing_is_left(what, rows)


def assert_nothing_is_left(what: str, look: Look) -> None:
    others, browser = Browser(), Browser()
    others.write("opening", before="Somebody else’s.")
    browser.write("opening", before="The first canary.")
    me = Reader.objects.order_by("made_at")[1]
    for number in range(60):  # enough for pages of their own, and for free ones
        browser.write("opening", before=f"{number} canaries. " * number, closed=f"No. {number}.")
    reflection = furnish(me)
    give_token(me)
    marks: dict[str, bytes] = {}
    if what == "reflection":
        rows: list[Any] = [reflection, *reflection.revisions.all(), *Hinge.objects.by(me)]
    else:
        rows = [row for row in copy_of(me) if isinstance(row.pk, uuid.UUID)]
        rows = [row for row in rows if not isinstance(row, (Account,) if what == "words" else ())]
        marks |= {
            f"{type(row).__name__} {row.pk}": row.digest.encode()
            for row in DeviceToken.objects.filter(reader=me)
            if what == "reader"
        }
    for row in rows:
        marks |= {f"id {row.pk}": row.pk.hex.encode(), f"id of {row.pk}": str(row.pk).encode()}
        if sealed := getattr(row, "sealed", None):
            marks |= {
                f"start of {row.pk}": bytes(sealed)[:48],
                f"end of {row.pk}": bytes(sealed)[-32:],
            }
    assert len(traces(look, marks)) >= len(marks) // 2  # the search itself sees

    if what == "reflection":
        delete_reflection(me, reflection.pk)
        erase_now(me, reflection.pk)
    else:
        (erase_words if what == "words" else erase_reader)(me)
    assert traces(look, marks) == []
    assert others.texts()["before"] == "Somebody else’s."
