"""What groups have of a reader's words goes with the words, at once and for good (K11)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from devotional.groups.models import Group, Membership, Share
from devotional.journal.deleting import delete_reflection
from devotional.journal.models import Deleted
from devotional.readers import erasures
from devotional.readers.erasing import erase_reader, erase_words, replay
from devotional.readers.models import Reader
from devotional.readers.pruning import prune
from devotional.reflections.models import Reflection
from devotional.sharing.actions import take_back
from devotional.sharing.models import Origin
from harness.actors import Browser
from harness.html_forms import Fields
from tests.groups.factories import add, found, reader_in
from tests.readers.test_erasing import Look, traces
from tests.readers.test_erasing import data as data
from tests.readers.test_erasing import files as files
from tests.readers.test_erasing import rows as rows
from tests.reflections.helpers import plain, the_reader
from tests.sharing.actions import CANARY, bring, mine, stand

TAKEN_BACK = "Anything you’d shared from it is gone from the group, and won’t come back."


@pytest.fixture
def group(leader: Browser, groupmate: Browser, reader: Browser) -> Group:
    """Thursdays, before whom two stand: Ruth's canary, and what the groupmate wrote."""
    made = found(leader, groupmate=groupmate)
    add(made, reader, "Ruth")
    groupmate.write("opening", before="Words of the groupmate.")
    theirs = Reflection.objects.by(reader_in(groupmate)).get()
    assert bring(groupmate, theirs).status_code == 303
    assert bring(reader, mine()).status_code == 303
    return made


def only_the_others_stand(group: Group) -> bool:
    return (stand(group), Origin.objects.count()) == (["Words of the groupmate."], 1)


# Deleting one reflection


@pytest.mark.parametrize("htmx", [True, False])
def test_deleting_takes_back_and_says_so_before_and_after(
    reader: Browser, group: Group, htmx: bool
) -> None:
    html = reader.get("/journal/").content.decode()
    said = "You’ve shared some of this with a group. If you delete it, the group’s copy goes too."
    assert said in plain(html)
    headers = {"hx-request": "true"} if htmx else None
    answer = reader.post(f"/journal/delete/{mine().pk}/", headers=headers)
    if not htmx:
        answer = reader.get(answer["Location"].partition("#")[0])
    assert TAKEN_BACK in plain(answer.content.decode())
    assert only_the_others_stand(group)


def test_where_nothing_was_brought_nothing_is_said(reader: Browser) -> None:
    assert "shared some of this" not in reader.get("/journal/").content.decode()
    sent = reader.post(f"/journal/delete/{mine().pk}/", headers={"hx-request": "true"})
    for html in (sent.content.decode(), reader.get("/journal/deleted/").content.decode()):
        assert "you’d shared" not in html


def test_deleting_twice_says_the_same(group: Group) -> None:
    id_ = mine().pk
    first, second = (delete_reflection(the_reader(), id_) for _ in range(2))
    assert first
    assert (first.taken_back, second) == (1, first)


def test_undoing_brings_the_words_back_and_no_copy(reader: Browser, group: Group) -> None:
    id_ = mine().pk
    delete_reflection(the_reader(), id_)
    answer = reader.post(f"/journal/put-back/{id_}/")
    assert answer.status_code == 302
    assert mine().text == CANARY
    assert only_the_others_stand(group)
    assert "shared some of this" not in reader.get("/journal/").content.decode()


@pytest.mark.parametrize("is_put_back", [False, True])
def test_a_backup_from_before_does_not_bring_the_copy_back(group: Group, is_put_back: bool) -> None:
    copy = Share.objects.by(the_reader()).get()
    origin, reflection = Origin.objects.get(share=copy), mine()
    delete_reflection(the_reader(), reflection.pk)
    if is_put_back:
        erasures.take_back("reflection", reflection.pk)
    Deleted.objects.all().delete()
    for row in (reflection, copy, origin):
        row.save(force_insert=True)
    assert replay() >= 1
    assert Reflection.objects.by(the_reader()).count() == is_put_back
    assert only_the_others_stand(group)


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_fails_takes_nothing_back(
    reader: Browser, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("devotional.readers.erasures.os.fsync", full)
    reader.raise_request_exception = False
    assert reader.post(f"/journal/delete/{mine().pk}/").status_code == 503
    monkeypatch.undo()
    assert mine().text == CANARY
    assert stand(group) == ["Words of the groupmate.", CANARY]


# Taking back


def test_what_was_taken_back_stays_away_after_a_restore(group: Group) -> None:
    copy = Share.objects.by(the_reader()).get()
    origin = Origin.objects.get(share=copy)
    assert take_back(the_reader(), copy.pk)
    assert not take_back(the_reader(), copy.pk)
    assert erasures.noted() == [erasures.Mark("gone", copy.pk)]
    for row in (copy, origin):
        row.save(force_insert=True)
    assert replay() == 1
    assert only_the_others_stand(group)


# Erasing words, and the reader


def send(browser: Browser, path: str) -> tuple[str, Any]:
    """What the page says that asks once more, and its answer."""
    html = browser.get(path).content.decode()
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    return plain(html), browser.post(path, fields)


def test_erasing_all_words_takes_back_and_leaves_the_member(reader: Browser, group: Group) -> None:
    said, answer = send(reader, "/erase/words/")
    assert (
        "What you shared with groups is taken back straight away. You stay a member of your groups."
        in (said)
    )
    assert answer.status_code == 200
    assert only_the_others_stand(group)
    assert Membership.objects.by(reader_in(reader)).get(group=group).name == "Ruth"


def test_erasing_the_reader_takes_back_and_leaves_the_group(reader: Browser, group: Group) -> None:
    said, answer = send(reader, "/erase/reader/")
    assert "What you shared with groups is taken back straight away. You leave your groups." in said
    assert "If you lead" not in said
    assert answer.status_code == 200
    assert only_the_others_stand(group)
    assert not Membership.objects.filter(name="Ruth").exists()


def test_a_leader_is_told_who_leads_after_them(leader: Browser, group: Group) -> None:
    said, _answer = send(leader, "/erase/reader/")
    assert (
        "You leave your groups. If you lead one, its longest-standing member becomes the leader; "
        "a group with nobody left is deleted."
    ) in said
    assert "What you shared" not in said


def test_without_groups_the_pages_say_nothing_of_them(reader: Browser) -> None:
    for path in ("/erase/words/", "/erase/reader/"):
        said = plain(reader.get(path).content.decode())
        assert "What you shared" not in said
        assert "your groups" not in said


def test_a_guest_who_does_not_come_back_is_gone_from_the_group_too(group: Group) -> None:
    Reader.objects.filter(pk=the_reader().pk).update(seen_on="2020-01-01")
    prune(timezone.now())
    assert only_the_others_stand(group)


@pytest.mark.parametrize("how", ["leave", "remove", "delete"])
def test_who_is_no_longer_there_has_nothing_there(
    reader: Browser, leader: Browser, group: Group, how: str
) -> None:
    """Left, removed, or the group deleted: said before, done at once, and noted for a restore."""
    member, copy = Membership.objects.by(the_reader()).get(), Share.objects.by(the_reader()).get()
    who = reader if how == "leave" else leader
    path = f"/groups/{group.pk}/" + {"remove": f"members/{member.pk}/remove/"}.get(how, f"{how}/")
    html = who.get(path).content.decode()
    assert "shared" in plain(html)
    assert who.post(path, Fields(html).values).status_code == 303
    assert not Share.objects.filter(pk=copy.pk).exists()
    assert Origin.objects.count() == (0 if how == "delete" else 1)
    assert erasures.Mark("gone", copy.pk) in erasures.noted()
    assert mine().text == CANARY


# Bytes


@pytest.mark.only_on("sqlite", "looks into its files")
def test_nothing_of_a_copy_is_left_in_the_bytes(files: Look, content: Path) -> None:
    assert_nothing_of_a_copy_is_left(files)


@pytest.mark.only_on("postgresql", "its files are its own; the rows are gone at once")
def test_nothing_of_a_copy_is_left_in_any_row(
    rows: Look, data: Path, key_ring: Path, content: Path
) -> None:
    assert_nothing_of_a_copy_is_left(rows)


def assert_nothing_of_a_copy_is_left(look: Look) -> None:
    """Taken back, gone with its reflection, with all words, and with the reader: one after one."""
    leader, ruth, boaz = Browser(), Browser(), Browser()
    leader.write("opening", before="The leader’s own.")
    group = found(leader, ruth=ruth, boaz=boaz)
    ruth.write("opening", before="The first copy.", closed="The second copy.")
    ruth.write("hinges", turn="The third copy.")
    boaz.write("hinges", turn="The last copy.")
    marks: dict[str, dict[str, bytes]] = {}
    for browser in (ruth, boaz):
        for each in Reflection.objects.by(reader_in(browser)):
            bring(browser, each)
            copy = Share.objects.get(pk=Origin.objects.get(reflection=each).pk)
            sealed = bytes(copy.sealed)
            ends = {"start": sealed[:32], "end": sealed[-24:]}
            marks[each.text] = ends | {"id": copy.pk.hex.encode()}

    def gone(words: str) -> bool:
        return traces(look, marks.pop(words)) == []

    me = reader_in(ruth)
    assert [len(traces(look, each)) >= 3 for each in marks.values()] == [True] * 4
    wrote = Reflection.objects.by(me)
    first, second = (wrote.get(prompt=prompt) for prompt in ("before", "closed"))
    take_back(me, Origin.objects.get(reflection=first).pk)
    assert gone("The first copy.")
    delete_reflection(me, second.pk)
    assert gone("The second copy.")
    erase_words(me)
    assert gone("The third copy.")
    erase_reader(reader_in(boaz))
    assert gone("The last copy.")
    assert stand(group) == []
