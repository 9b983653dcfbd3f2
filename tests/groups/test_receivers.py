"""Groups when readers merge, begin anew or go (K4, K11)."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from devotional.groups.models import Group, Membership, ReadIt, Share
from devotional.readers.erasing import erase_reader, erase_words, replay
from devotional.readers.merging import merge
from devotional.readers.models import Reader
from harness.actors import Browser
from tests.groups.factories import add, found, reader_in


def share(browser: Browser, group: Group, words: str = "A door.") -> Share:
    reader = reader_in(browser)
    made = Share(
        reader=reader,
        group=group,
        membership=Membership.objects.by(reader).get(group=group),
        section="opening",
        asked="Which door?",
        shared_at=timezone.now(),
    )
    made.text = words
    made.save()
    return made


def standing(group: Group) -> list[tuple[str, bool]]:
    rows = Membership.objects.filter(group=group).order_by("joined_at")
    return list(rows.values_list("name", "is_leader"))


@pytest.mark.parametrize("who_leads", ["guest", "reader", "neither"])
def test_a_merge_leaves_one_membership_with_everything(
    who_leads: str, leader: Browser, groupmate: Browser, new_browser: Callable[[], Browser]
) -> None:
    people = {"guest": groupmate, "reader": new_browser(), "neither": leader}
    group = found(people[who_leads], name="One")
    for name in ("guest", "reader"):
        if name != who_leads:
            add(group, people[name], name)
        share(people[name], group, f"Words of the {name}.")
    ReadIt.objects.create(
        membership=Membership.objects.by(reader_in(groupmate)).get(), section="opening"
    )
    other = found(leader, name="Two", guest=groupmate)
    reader = reader_in(people["reader"])

    merge(reader_in(groupmate), into=reader)

    mine = Membership.objects.by(reader)
    assert {each.group_id for each in mine} == {group.pk, other.pk}
    there = mine.get(group=group)
    assert there.is_leader == (who_leads != "neither")
    assert Membership.objects.filter(group=group, is_leader=True).count() == 1
    assert {each.text for each in there.shares.all()} == {
        "Words of the guest.",
        "Words of the reader.",
    }
    assert there.read.get().section == "opening"


def test_a_better_standing_counts(leader: Browser, groupmate: Browser, guest: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    add(group, guest, "", standing=Membership.Standing.REMOVED)
    reader = reader_in(guest)
    merge(reader_in(groupmate), into=reader)
    row = Membership.objects.by(reader).get()
    assert (row.standing, row.name) == ("member", "groupmate")


def test_erasing_words_takes_shares_and_leaves_the_member(
    leader: Browser, groupmate: Browser
) -> None:
    group = found(leader, groupmate=groupmate)
    share(groupmate, group)
    share(leader, group)
    now = erase_words(reader_in(leader))
    assert [each.membership.name for each in Share.objects.all()] == ["groupmate"]
    assert Membership.objects.by(now).get().is_leader
    assert standing(group) == [("Lea", True), ("groupmate", False)]


def test_the_lead_passes_to_who_joined_first(
    leader: Browser, groupmate: Browser, guest: Browser, stranger: Browser
) -> None:
    group = found(leader)
    add(group, stranger, "Wim", standing=Membership.Standing.WAITING)
    add(group, groupmate, "Mia")
    add(group, guest, "Tom")
    erase_reader(reader_in(leader))
    assert standing(group) == [("Wim", False), ("Mia", True), ("Tom", False)]


def test_a_group_without_members_is_gone(leader: Browser, stranger: Browser) -> None:
    group = found(leader)
    add(group, stranger, "Wim", standing=Membership.Standing.WAITING)
    share(leader, group)
    erase_reader(reader_in(leader))
    assert not Group.objects.exists()
    assert not Membership.objects.exists()
    assert not Share.objects.exists()


def test_what_a_backup_brings_back_goes_again(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    words = share(groupmate, group)
    reader = reader_in(groupmate)
    erase_reader(reader)
    row = Reader.objects.create(pk=reader.pk, seen_on=timezone.now().date())
    membership = Membership.objects.create(
        group=group, reader=row, name="groupmate", joined_at=timezone.now()
    )
    words.membership, words.reader = membership, row
    words.save(force_insert=True)
    assert replay() == 1
    assert not Share.objects.exists()
    assert standing(group) == [("Lea", True)]
