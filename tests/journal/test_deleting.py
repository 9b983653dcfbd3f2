"""Deleting a reflection, undoing it for a day, and then it is gone; nobody else's (K6)."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.journal.deleting import delete_reflection, erase_now, purge
from devotional.journal.models import Deleted, Hinge
from devotional.journal.putting_back import PutBack, put_back
from devotional.lib.encryption import add_key, default_ring
from devotional.readers import erasures
from devotional.readers.erasing import replay
from devotional.readers.models import Reader
from devotional.readers.pruning import UNDO_FOR
from devotional.readers.sealed import SealedText
from devotional.reflections.keys import reseal_rows, retire_older_keys
from devotional.reflections.models import OnPaper, Reading, Reflection, Revision
from devotional.reflections.passages import Passage
from harness.actors import FORGED, Browser
from harness.html_forms import Fields
from tests.reflections.helpers import plain, the_reader

ALL = "/journal/"
DELETED = "/journal/deleted/"
CANARY = "The canary of the first reader."
EARLIER = "Quite another thing that stood here before, at some length."


@pytest.fixture(autouse=True)
def _own_erasures(tmp_path: Path, settings: Settings) -> None:
    settings.DATA = tmp_path


def mine() -> Reflection:
    return Reflection.objects.by(the_reader()).get(prompt="before")


def address(what: str, reflection_id: uuid.UUID) -> str:
    return f"/journal/{what}/{reflection_id}/"


def post(browser: Browser, what: str, reflection_id: uuid.UUID, *, htmx: bool = False) -> Any:
    browser.get("/readings/on-doors/")  # brings the token
    return browser.send(address(what, reflection_id), htmx=htmx)


def with_history(reader: Browser) -> Reflection:
    """The first reader's reflection with earlier wordings, one from another page, and a hinge."""
    stale = reader.fields("/reflect/on-doors/opening/panel/")
    reader.write("opening", before=EARLIER)
    reader.write("opening", before=CANARY)
    stale |= {"text-before": "From another page.", "op": str(uuid.uuid4())}
    assert reader.send("/reflect/on-doors/opening/", stale).status_code == 409
    reflection = mine()
    hinge = Hinge(
        reader=the_reader(), reflection=reflection, marked_at=timezone.now() - timedelta(days=3)
    )
    passage = Passage.lifted(CANARY, 4, 10)
    assert passage is not None
    hinge.text = passage.written()
    hinge.save()
    return reflection


HIDDEN = ("sealed", "version")


def stored(row: SealedText) -> dict[str, Any]:
    columns = {key: value for key, value in vars(row).items() if key[0] != "_"}
    return {key: columns[key] for key in columns if key not in HIDDEN} | {"text": row.text}


def everything() -> dict[str, list[Any]]:
    """All that is stored of reflections, opened; but for their versions."""
    return {
        model.__name__: sorted(map(stored, model.objects.all()), key=lambda each: str(each["id"]))
        for model in (Reflection, Revision, Hinge)
    }


# Deleting


def test_what_is_deleted_is_in_no_table_any_more(reader: Browser) -> None:
    reflection = with_history(reader)
    gone = post(reader, "delete", reflection.pk)
    assert (gone.status_code, gone["Location"]) == (302, f"{DELETED}#deleted")
    assert everything() == {"Reflection": [], "Revision": [], "Hinge": []}
    assert CANARY not in reader.get(ALL).content.decode()
    assert reader.texts() == {"before": "", "closed": ""}
    assert reader.get(f"/history/{reflection.pk}/").status_code == 404
    for row in Deleted.objects.all():
        assert b"canary" not in bytes(row.sealed)


def test_in_place_it_says_so_and_offers_undo(reader: Browser) -> None:
    reflection = mine()
    html = post(reader, "delete", reflection.pk, htmx=True).content.decode()
    assert plain(html) == "Deleted. You can restore it for a day. Undo"
    assert f'action="/journal/put-back/{reflection.pk}/"' in html
    back = reader.send(address("put-back", reflection.pk), Fields(html).values)
    assert CANARY in back.content.decode()
    assert f'id="entry-{reflection.pk}"' in back.content.decode()
    assert mine().text == CANARY


def test_deleting_twice_is_deleting_once(reader: Browser) -> None:
    reflection = mine()
    for _ in range(2):
        assert post(reader, "delete", reflection.pk).status_code == 302
    assert Deleted.objects.count() == 1
    for _ in range(2):
        assert post(reader, "put-back", reflection.pk).status_code == 302
    assert mine().text == CANARY
    assert Deleted.objects.count() == 0


def test_the_page_lists_what_can_be_put_back(reader: Browser) -> None:
    assert "Nothing deleted in the last day." in plain(reader.get(DELETED).content.decode())
    assert "Recently deleted" not in reader.get(ALL).content.decode()
    post(reader, "delete", mine().pk)
    assert "Recently deleted" in reader.get(ALL).content.decode()
    said = plain(reader.get(DELETED).content.decode())
    assert (
        f"On Doors Which door is before you? {CANARY} Restore Delete for good You won’t be able to"
        in said
    )


# Putting back


def test_everything_comes_back_as_it_was(reader: Browser) -> None:
    reflection = with_history(reader)
    before, version = everything(), reflection.version
    assert {kind: len(rows) for kind, rows in before.items()} == {
        "Reflection": 1,
        "Revision": 3,
        "Hinge": 1,
    }
    post(reader, "delete", reflection.pk)
    back = post(reader, "put-back", reflection.pk)
    assert back["Location"].endswith(f"#entry-{reflection.pk}")
    lit = "The <mark>canary</mark> of the first reader."
    assert lit in reader.get(back["Location"]).content.decode()
    assert everything() == before
    assert mine().version == version + 1
    assert Deleted.objects.count() == 0


def test_an_open_page_can_not_write_over_what_came_back(reader: Browser) -> None:
    page = reader.fields("/reflect/on-doors/opening/panel/")
    post(reader, "delete", mine().pk)
    post(reader, "put-back", mine_deleted())
    sent = reader.send("/reflect/on-doors/opening/", page | {"text-before": "Typed meanwhile."})
    assert sent.status_code == 409
    assert mine().text == CANARY
    assert Revision.objects.get().text == "Typed meanwhile."


def mine_deleted() -> uuid.UUID:
    return Deleted.objects.by(the_reader()).get(part=0).reflection_id


@pytest.mark.parametrize("htmx", [True, False])
def test_words_typed_in_a_page_of_before_are_never_lost(htmx: bool, reader: Browser) -> None:
    page = reader.fields("/reflect/on-doors/opening/panel/")
    post(reader, "delete", mine().pk)
    changed = page | {"text-before": "Typed after it was deleted."}
    saved = reader.send("/reflect/on-doors/opening/", changed, htmx=htmx)
    assert saved.status_code == (200 if htmx else 302)
    assert mine().text == "Typed after it was deleted."
    assert mine().version > int(page["version-before"])


def test_words_that_were_deleted_do_not_come_back_by_themselves(reader: Browser) -> None:
    """A form without a script sends every box, also the one that nobody touched."""
    page = reader.fields("/reflect/on-doors/opening/panel/")
    post(reader, "delete", mine().pk)
    sent = page | {"text-closed": "The other box."}
    assert reader.send("/reflect/on-doors/opening/", sent, htmx=False).status_code == 302
    assert reader.texts() == {"before": "", "closed": "The other box."}


def test_where_something_was_written_since_both_are_kept(reader: Browser) -> None:
    old = with_history(reader)
    kept = {revision.pk for revision in Revision.objects.all()}
    post(reader, "delete", old.pk)
    reader.write("opening", before="Written since.")
    back = post(reader, "put-back", old.pk)
    assert back["Location"] == f"/history/{mine().pk}/"
    assert mine().text == "Written since."
    assert mine().version > old.version
    wordings = {revision.pk: revision for revision in Revision.objects.by(the_reader())}
    assert kept < set(wordings)
    (added,) = set(wordings) - kept
    assert (wordings[added].text, wordings[added].written_at) == (CANARY, old.written_at)
    assert Hinge.objects.get().reflection == mine()


def test_where_the_box_is_empty_again_the_words_stand(reader: Browser) -> None:
    old = mine()
    post(reader, "delete", old.pk)
    reader.write("opening", before="Written since, at some length.")
    reader.write("opening", before="")
    post(reader, "put-back", old.pk)
    assert mine().text == CANARY
    assert [row.text for row in Revision.objects.all()] == ["Written since, at some length."]


def test_a_reading_that_was_taken_back_is_there_again(reader: Browser) -> None:
    reader.post("/readings/on-doors/begin/")
    reader.write("opening", before="The second time.")
    second = Reading.objects.get(number=2)
    reflection = Reflection.objects.get(reading=second)
    post(reader, "delete", reflection.pk)
    reader.post("/readings/on-doors/undo/", {"number": "2"})
    assert Reading.objects.count() == 1
    post(reader, "put-back", reflection.pk)
    again = Reading.objects.get(number=2)
    assert again.begun_at == second.begun_at
    assert Reflection.objects.get(reading=again).text == "The second time."


def test_five_hundred_long_wordings_come_and_go(reader: Browser) -> None:
    reflection, me = mine(), the_reader()
    reflection.text = "é" * 50_000
    reflection.save()
    rows = []
    for number in range(500):
        row = Revision(
            reader=me, reflection=reflection, version=1, asked="", written_at=timezone.now()
        )
        row.text = f"{number} " + "word " * 19_999
        rows.append(row)
    Revision.objects.bulk_create(rows, batch_size=50)
    assert delete_reflection(me, reflection.pk)
    assert Revision.objects.count() == 0
    assert max(len(bytes(row.sealed)) for row in Deleted.objects.all()) < 600_000
    assert put_back(me, reflection.pk)[0] is PutBack.DONE
    words = {int(row.text.split()[0]) for row in Revision.objects.iterator(chunk_size=20)}
    assert words == set(range(500))
    assert mine().text == "é" * 50_000


def test_the_cost_is_the_same_for_one_and_three(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def look() -> None:
        with django_assert_num_queries(3):
            reader.get(DELETED)

    post(reader, "delete", mine().pk)
    look()
    reader.write("opening", before="Again.", closed="And this.")
    for reflection in Reflection.objects.all():
        post(reader, "delete", reflection.pk)
    assert Deleted.objects.count() == 3
    look()


# Keys


def test_a_rotation_seals_it_anew_and_needs_no_older_key(
    reader: Browser, key_ring: Path, tmp_path: Path
) -> None:
    reflection = with_history(reader)
    before = everything()
    delete_reflection(the_reader(), reflection.pk)
    add_key(key_ring)
    assert reseal_rows(lambda rotation: None).unreadable == set()
    assert len(retire_older_keys(to=tmp_path / "retired")) == 1
    assert len(default_ring().ids) == 1
    assert put_back(the_reader(), reflection.pk)[0] is PutBack.DONE
    assert everything() == before


def test_a_deletion_may_be_handed_to_another_reader(reader: Browser, other_reader: Browser) -> None:
    reflection = with_history(reader)
    delete_reflection(the_reader(), reflection.pk)
    other = Reader.objects.exclude(pk=the_reader().pk).get()
    for row in Deleted.objects.all():
        text = row.text
        assert str(the_reader().pk) not in text
        row.reader = other
        row.text = text
        row.save()
    outcome, back = put_back(other, reflection.pk)
    assert outcome is PutBack.JOINED
    assert back is not None
    assert {CANARY, EARLIER} < {row.text for row in Revision.objects.by(other)}


def test_words_that_do_not_open_can_go_and_come_back_too(reader: Browser) -> None:
    reflection = mine()
    shut = b"\x01" + b"0" * 60
    Reflection.objects.update(sealed=shut)
    post(reader, "delete", reflection.pk)
    assert "can’t be opened" in plain(reader.get(DELETED).content.decode())
    post(reader, "put-back", reflection.pk)
    assert bytes(mine().sealed) == shut


@pytest.mark.parametrize("htmx", [True, False])
def test_a_deletion_that_does_not_open_stays_where_it_is(htmx: bool, reader: Browser) -> None:
    reflection = with_history(reader)
    post(reader, "delete", reflection.pk)
    Deleted.objects.filter(part=1).update(sealed=b"\x01" + b"0" * 60)
    said = post(reader, "put-back", reflection.pk, htmx=htmx).content.decode()
    assert "so it wasn’t restored" in plain(said)
    assert Reflection.objects.count() == 0
    assert Deleted.objects.count() == 2


# Gone for good


def test_erase_now_leaves_nothing(reader: Browser) -> None:
    reflection = with_history(reader)
    post(reader, "delete", reflection.pk)
    erased = post(reader, "erase-now", reflection.pk)
    assert (erased.status_code, erased["Location"]) == (302, f"{DELETED}#erased")
    assert Deleted.objects.count() == 0
    assert post(reader, "erase-now", reflection.pk).status_code == 404
    assert post(reader, "put-back", reflection.pk).status_code == 404


def test_after_a_day_it_is_gone_and_any_visit_lets_it_go(
    reader: Browser, other_reader: Browser
) -> None:
    reflection = mine()
    post(reader, "delete", reflection.pk)
    Deleted.objects.update(deleted_at=timezone.now() - UNDO_FOR)
    assert post(reader, "put-back", reflection.pk).status_code == 404
    assert Deleted.objects.count() == 1
    other_reader.get(ALL)
    assert Deleted.objects.count() == 0


def test_purge_goes_by_dates(reader: Browser) -> None:
    reader.write("opening", closed="Another.")
    now = timezone.now()
    for reflection in Reflection.objects.all():
        delete_reflection(the_reader(), reflection.pk)
    Deleted.objects.filter(reflection_id=Deleted.objects.all()[0].reflection_id).update(
        deleted_at=now - timedelta(hours=30)
    )
    assert purge(now - timedelta(hours=24), dry_run=True) == 1
    assert purge(now - timedelta(hours=24)) == 1
    assert Deleted.objects.count() == 1
    assert purge() == 0


def test_a_restored_backup_is_told(reader: Browser) -> None:
    reflection = mine()

    def told() -> list[tuple[str, uuid.UUID]]:
        return [(mark.kind, mark.id) for mark in erasures.noted()]

    post(reader, "delete", reflection.pk)
    assert told() == [("reflection", reflection.pk)]
    post(reader, "put-back", reflection.pk)
    assert told() == []
    delete_reflection(the_reader(), reflection.pk)
    erase_now(the_reader(), reflection.pk)
    assert told() == [("reflection", reflection.pk), ("gone", reflection.pk)]


def test_what_one_machine_deletes_another_may_bring_back(
    reader: Browser, tmp_path: Path, settings: Settings
) -> None:
    """Each has a data folder; the file of erasures they share, or the first would erase again."""
    settings.ERASURES = tmp_path / "shared" / "erasures"
    reflection = mine()
    post(reader, "delete", reflection.pk)
    settings.DATA = tmp_path / "of another machine"
    post(reader, "put-back", reflection.pk)
    settings.DATA = tmp_path
    assert replay() == 0
    assert mine().pk == reflection.pk
    assert not (tmp_path / "erasures").exists()


@pytest.mark.django_db(transaction=True)
def test_where_a_deletion_can_not_be_noted_it_is_asked_for_again(
    reader: Browser, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "erasures").mkdir()
    assert post(reader, "delete", mine().pk).status_code == 503
    (tmp_path / "erasures").rmdir()
    assert post(reader, "delete", mine_deleted()).status_code == 302
    assert [mark.kind for mark in erasures.noted()] == ["reflection"]


# Nobody else's


@pytest.mark.parametrize("what", ["delete", "put-back", "erase-now"])
def test_nobody_else_deletes_or_brings_back(
    what: str, reader: Browser, other_reader: Browser, stranger: Browser
) -> None:
    reflection = mine()
    if what != "delete":
        delete_reflection(the_reader(), reflection.pk)
    before = [list(model.objects.values()) for model in (Reflection, Deleted, Reading, OnPaper)]
    for browser in (other_reader, stranger):
        for htmx in (False, True):
            answer = browser.send(address(what, reflection.pk), htmx=htmx)
            assert answer.status_code == 404
            assert "canary" not in answer.content.decode()
    after = [list(model.objects.values()) for model in (Reflection, Deleted, Reading, OnPaper)]
    assert before == after
    assert post(reader, what, reflection.pk).status_code == 302
    assert before != [
        list(model.objects.values()) for model in (Reflection, Deleted, Reading, OnPaper)
    ]


def test_nobody_else_sees_what_was_deleted(
    reader: Browser,
    other_reader: Browser,
    stranger: Browser,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    post(reader, "delete", mine().pk)
    for browser in (other_reader, stranger):
        answer = browser.get(DELETED)
        assert answer.status_code == 200
        assert re.search("canary|Which door", answer.content.decode()) is None
    assert not stranger.cookies
    own = reader.get(DELETED)
    assert own.status_code == 200
    assert re.search("Which door", own.content.decode()) is not None


@pytest.mark.parametrize("what", ["delete", "put-back", "erase-now"])
def test_forged_forms_and_links_do_nothing(what: str, reader: Browser) -> None:
    reflection = mine()
    if what != "delete":
        delete_reflection(the_reader(), reflection.pk)
    path = address(what, reflection.pk)
    assert reader.get(path).status_code == 405
    assert reader.post(path, headers=FORGED).status_code == 403
    assert Reflection.objects.count() + Deleted.objects.count() == 1
