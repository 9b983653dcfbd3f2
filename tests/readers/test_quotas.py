"""Quotas: what one address and one reader may use, and how whoever is refused is told (S11)."""

import shutil
import uuid
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devotional.groups.invitations import invite
from devotional.groups.models import Group, Membership, Share
from devotional.journal.models import Deleted, Hinge
from devotional.lib import free_disk
from devotional.readers import quotas
from devotional.readers.models import Attempts, Reader
from devotional.readers.sealed import SealedText
from devotional.reflections.models import Operation, Reflection, Revision
from harness.actors import Browser
from harness.html_forms import Fields
from tests.groups.factories import found

PAGE = "/reflect/on-doors/opening/"
PANEL = f"{PAGE}panel/"
ELSEWHERE = "192.0.2.1"


@pytest.fixture(params=[True, False], ids=["htmx", "plain"])
def htmx(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "NEW_READERS", 2)


def filled(browser: Browser, words: str) -> dict[str, str]:
    return browser.fields(PANEL) | {"text-before": words}


def refused(told: Any, status: int, words: str, *, says: str, htmx: bool) -> None:
    """Whether someone was told why and what to do, with nothing kept and every word still there."""
    assert told.status_code == status
    assert int(told["Retry-After"]) > 0
    assert told["Cache-Control"] == "no-store, private"
    assert "reader" not in told.cookies
    html = told.content.decode()
    assert says in html
    if htmx:
        assert "<textarea" not in html  # what someone is writing in is left alone
    else:
        assert Fields(html).values["text-before"] == words
    assert words not in [row.text for row in Reflection.objects.all()]


@pytest.mark.usefixtures("few")
def test_no_more_readers_are_made_from_one_address_in_a_day(
    reader: Browser, other_reader: Browser, guest: Browser, htmx: bool
) -> None:
    sent = filled(guest, " One\nmore. ")
    told = guest.send(PAGE, sent, htmx=htmx)
    refused(told, 429, " One\nmore. ", says="from this network today", htmx=htmx)
    assert Reader.objects.count() == 2
    # Who is known goes on, and so does who comes from elsewhere.
    assert reader.write(before="Still me.").status_code == 200
    elsewhere = guest.post(PAGE, sent, headers={"hx-request": "true"}, REMOTE_ADDR=ELSEWHERE)
    assert elsewhere.status_code == 200
    assert Reader.objects.count() == 3
    assert all(len(row.key) == 64 for row in Attempts.objects.all())


@pytest.mark.usefixtures("few")
def test_the_same_form_is_taken_once_the_day_is_over(
    reader: Browser, other_reader: Browser, guest: Browser, htmx: bool
) -> None:
    sent = filled(guest, "Later.")
    told = guest.send(PAGE, sent, htmx=htmx)
    again = sent | Fields(told.content.decode()).values
    assert again["op"] == sent["op"]
    Attempts.objects.update(until=timezone.now())
    assert guest.send(PAGE, again, htmx=htmx).status_code == (200 if htmx else 302)
    assert guest.texts()["before"] == "Later."


@pytest.mark.usefixtures("few")
def test_a_first_save_that_is_sent_twice_counts_once(guest: Browser, stranger: Browser) -> None:
    sent = filled(guest, "once")
    for _time in range(4):
        guest.cookies.clear()  # as if no answer ever came
        assert guest.send(PAGE, sent).status_code == 200
    assert stranger.write(before="the second").status_code == 200
    assert Reader.objects.count() == 2


@pytest.mark.usefixtures("few")
def test_a_save_that_is_refused_for_itself_counts_nothing(guest: Browser) -> None:
    for _time in range(4):
        assert guest.write(before="Not yet.", change={"consent": ""}).status_code == 422
    assert not Attempts.objects.exists()


def join(browser: Browser, door: str, name: str) -> Any:
    return browser.post(door, browser.fields(door) | {"first_name": name})


def make_group(browser: Browser, name: str) -> Any:
    path = "/groups/new/"
    fields = browser.fields(path) | {"name": name, "first_name": "Lea", "devotional": "on-doors"}
    return browser.post(path, fields)


def test_joins_and_groups_count_too(
    leader: Browser, new_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(leader)
    door = f"/j/{invite(Membership.objects.get()).text}"
    monkeypatch.setattr(quotas, "NEW_READERS", 2)
    assert join(new_browser(), door, "Ann").status_code == 303
    assert make_group(new_browser(), "Tuesdays").status_code == 303
    late, maker = new_browser(), new_browser()
    for told, kept in (
        (join(late, door, "Ben"), 'value="Ben"'),
        (make_group(maker, "Fridays"), 'value="Fridays"'),
        (late.write(before="Words."), ""),
    ):
        assert told.status_code == 429
        assert told["Retry-After"] == "3600"
        assert "from this network today" in told.content.decode()
        assert not told.cookies
        assert kept in told.content.decode()
    assert (Membership.objects.count(), Group.objects.count()) == (3, 2)
    # Who is known joins and makes groups as before.
    assert make_group(leader, "Sundays").status_code == 303


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A disk of 10 GB whose free bytes a test may set."""
    sizes = namedtuple("sizes", "total used free")
    free = {"bytes": 5_000_000_000}

    def usage(_folder: Path) -> Any:
        return sizes(10_000_000_000, 0, free["bytes"])

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(free_disk, "LOOK_EVERY", -1.0)
    return free


@pytest.mark.only_on("sqlite")
def test_below_the_floor_of_the_disk_only_those_who_are_known_go_on(
    reader: Browser, leader: Browser, guest: Browser, disk: dict[str, int], htmx: bool
) -> None:
    found(leader)
    door = f"/j/{invite(Membership.objects.get()).text}"
    readers = Reader.objects.count()
    disk["bytes"] = 499_000_000
    told = guest.send(PAGE, filled(guest, "No room."), htmx=htmx)
    refused(told, 503, "No room.", says="almost run out of space", htmx=htmx)
    assert join(guest, door, "Ben").status_code == 503
    assert make_group(guest, "Fridays").status_code == 503
    assert Reader.objects.count() == readers
    assert reader.write(before="I go on.").status_code == 200
    assert reader.texts()["before"] == "I go on."
    disk["bytes"] = 501_000_000
    assert guest.write(before="Room again.").status_code == 200


def test_the_disk_is_looked_at_now_and_then(
    disk: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not free_disk.is_low(tmp_path)
    disk["bytes"] = 0
    with monkeypatch.context() as patched:
        patched.setattr(free_disk, "LOOK_EVERY", 3600.0)
        assert not free_disk.is_low(tmp_path)  # as it was a moment ago
    assert free_disk.is_low(tmp_path)


def test_a_disk_that_cannot_be_asked_refuses_nobody(tmp_path: Path) -> None:
    assert not free_disk.is_below_floor(tmp_path / "nowhere")


@pytest.mark.usefixtures("few")
def test_who_is_refused_takes_no_turn_at_writing(
    reader: Browser, other_reader: Browser, guest: Browser
) -> None:
    """In a flood those are for who is known."""
    sent = filled(guest, "One more.")
    with CaptureQueriesContext(connection) as queries:
        assert guest.send(PAGE, sent).status_code == 429
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}


# Space


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three blocks free for each reader and day, six at all, and four more for an address."""
    for name, blocks in {"FREE_A_DAY": 3, "A_DAY": 6, "ADDRESS_A_DAY": 4}.items():
        monkeypatch.setattr(quotas, name, blocks)


def words_of(blocks: int, letter: str = "x") -> str:
    """Words that take so many blocks, with what encrypting them adds."""
    return letter * ((blocks - 1) * quotas.BLOCK + 500)


@pytest.mark.usefixtures("little")
def test_what_a_reader_may_add_in_a_day(reader: Browser, htmx: bool) -> None:
    # With the block of the fixture's words: six.
    assert reader.write("opening", closed=words_of(2)).status_code == 200
    assert reader.write("hinges", turn=words_of(3)).status_code == 200
    sent = reader.fields(PANEL) | {"text-before": "The canary of the first reader. Wholly new."}
    assert reader.send(PAGE, sent, htmx=htmx).status_code in (200, 302)  # in the same block
    sent = reader.fields(PANEL) | {"text-before": words_of(2, "y")}
    told = reader.send(PAGE, sent, htmx=htmx)
    refused(told, 429, words_of(2, "y"), says="more than we can store in one day", htmx=htmx)
    assert reader.texts()["before"] == "The canary of the first reader. Wholly new."
    again = sent | Fields(told.content.decode()).values
    assert again["op"] == sent["op"]
    Attempts.objects.update(until=timezone.now())
    assert reader.send(PAGE, again, htmx=htmx).status_code in (200, 302)
    assert reader.texts()["before"] == words_of(2, "y")


@pytest.mark.usefixtures("little")
def test_an_address_that_has_had_its_day_stops_nobody_s_ordinary_writing(
    reader: Browser, other_reader: Browser, guest: Browser
) -> None:
    assert reader.write("opening", closed=words_of(3)).status_code == 200  # three of the four
    assert other_reader.write("opening", closed=words_of(2)).status_code == 200  # free
    assert other_reader.write("hinges", turn=words_of(2)).status_code == 429
    sent = other_reader.fields("/reflect/on-doors/hinges/panel/") | {"text-turn": words_of(2)}
    elsewhere = other_reader.post("/reflect/on-doors/hinges/", sent, REMOTE_ADDR=ELSEWHERE)
    assert elsewhere.status_code == 302
    assert guest.write("opening", closed=words_of(3)).status_code == 200


@pytest.mark.usefixtures("little")
def test_all_of_a_form_is_saved_or_nothing(reader: Browser) -> None:
    told = reader.write("opening", before="Small and new.", closed=words_of(9))
    assert told.status_code == 429
    assert reader.texts() == {"before": "The canary of the first reader.", "closed": ""}
    assert reader.write("opening", before="Small and new.").status_code == 200


@pytest.mark.usefixtures("little")
def test_earlier_versions_copies_and_shares_take_space_too(
    leader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(leader)
    leader.write("opening", before=words_of(2))
    stale = leader.fields(PANEL)
    assert leader.write("opening", before="Other words.").status_code == 200  # keeps two: four
    assert leader.send(PAGE, stale | {"text-before": words_of(3)}).status_code == 429
    reflection = Reflection.objects.get(prompt="before")
    path = f"/history/{reflection.pk}/"
    html = leader.get(path).content.decode()
    assert words_of(2) in html
    revision = reflection.revisions.get()
    sent = leader.fields(path) | {"revision": str(revision.pk), "version": "2"}
    told = leader.post(f"{path}restore/", sent)
    assert told.status_code == 429
    assert "more than we can store in one day" in told.content.decode()
    assert leader.texts()["before"] == "Other words."
    monkeypatch.setattr(quotas, "FREE_A_DAY", 0)
    monkeypatch.setattr(quotas, "A_DAY", 0)
    share = f"/share/{reflection.pk}/"
    group = str(Membership.objects.get().group_id)
    told = leader.post(f"{share}bring/", leader.fields(share) | {"group": group, "words": "Other"})
    assert told.status_code == 429
    assert not Share.objects.exists()


@pytest.mark.usefixtures("little")
def test_saves_that_add_no_words_are_limited_too(
    reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each leaves a row for a month, also of the words that stand already."""
    monkeypatch.setattr(quotas, "FREE_SAVES", 2)
    again = [reader.write(before="The canary of the first reader.") for _ in range(6)]
    assert [answer.status_code for answer in again] == [200] * 5 + [429]  # two, and three more
    assert "more than we can store in one day" in again[-1].content.decode()
    assert Operation.objects.count() == 6  # with the fixture's
    Attempts.objects.update(until=timezone.now())
    assert reader.write(before="The canary of the first reader.").status_code == 200


@pytest.mark.usefixtures("little")
def test_so_are_saves_that_change_a_few_letters(
    reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine versions are counted at once."""
    monkeypatch.setattr(quotas, "FREE_SAVES", 0)
    texts = ["The canary of the first reader." + "!" * (n % 2) for n in range(1, 18)]
    statuses = [reader.write(before=text).status_code for text in texts]
    assert statuses == [200] * 16 + [429]
    assert reader.texts()["before"] == texts[15]


def test_saves_that_add_no_words_have_no_limit_in_all(
    reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader.write(before="The canary of the first reader!").status_code == 200
    monkeypatch.setattr(quotas, "IN_ALL", 0)
    Attempts.objects.all().delete()  # another day
    assert reader.write(before="The canary of the first reader!").status_code == 200
    texts = ["The canary of the first reader" + "!?"[n % 2] for n in range(1, 10)]
    assert [reader.write(before=text).status_code for text in texts] == [200] * 9
    assert Reflection.objects.get().version == 11


def test_what_a_reader_may_have_in_all(
    reader: Browser, monkeypatch: pytest.MonkeyPatch, htmx: bool
) -> None:
    assert reader.write("hinges", turn=words_of(40)).status_code == 200
    mine = Reader.objects.get()
    assert quotas.space_of(mine) > 39 * quotas.BLOCK
    monkeypatch.setattr(quotas, "IN_ALL", 39)
    Attempts.objects.all().delete()  # another day
    sent = reader.fields(PANEL) | {"text-closed": "One more."}
    told = reader.send(PAGE, sent, htmx=htmx)
    assert told.status_code == 422
    assert "Retry-After" not in told
    assert "all the space that one person has here" in told.content.decode()
    assert htmx or Fields(told.content.decode()).values["text-closed"] == "One more."
    # What is there can be changed where that takes no more, and be erased.
    assert reader.write("opening", before="The canary of the first reader. On.").status_code == 200
    Reflection.objects.get(section="hinges").delete()
    again = sent | Fields(told.content.decode()).values
    assert reader.send(PAGE, again, htmx=htmx).status_code in (200, 302)


def test_everything_of_a_reader_s_takes_space(reader: Browser) -> None:
    """Each table that has encrypted texts of readers is weighed, and those yet to come must be."""
    group = found(reader)
    mine, now = Reader.objects.get(), timezone.now()
    one, member = Reflection.objects.get(), Membership.objects.get()
    rows: list[SealedText] = [
        Revision(reflection=one, version=1, asked="?", written_at=now),
        Hinge(reflection=one, marked_at=now),
        Deleted(reflection_id=uuid.uuid4(), deleted_at=now),
        Share(group=group, membership=member, section="s", asked="?", shared_at=now),
    ]
    kinds = {model for model in apps.get_models() if issubclass(model, SealedText)}
    assert {Reflection, *map(type, rows)} == kinds
    before = quotas.space_of(mine)
    for row in rows:
        row.reader_id = mine.pk
        row.text = "x" * 1000
        row.save(force_insert=True)
        weighed = quotas.space_of(mine)
        assert 1000 < weighed - before < 1100, row
        before = weighed


def test_someone_who_types_on_meets_the_counter_once_a_block(reader: Browser) -> None:
    def counted(text: str) -> int:
        sent = reader.fields(PANEL) | {"text-before": text}
        with CaptureQueriesContext(connection) as queries:
            assert reader.send(PAGE, sent).status_code == 200
        return sum("attempts" in query["sql"].lower() for query in queries)

    text = "The canary of the first reader. "
    assert [counted(text + "a" * length) for length in (1, 100, 500, 600)] == [0, 0, 0, 0]
    assert [counted(text + "a" * length) for length in (1100, 1200)] == [1, 0]
