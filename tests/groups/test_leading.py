"""Leading a group: names, who is in it, the lead itself, and the end of it (T4)."""

from typing import Any

import pytest
from django.utils import timezone

from devotional.groups import members
from devotional.groups.invitations import invite, path_of
from devotional.groups.models import Feed, Group, Invitation, Membership, ReadIt, Share
from devotional.readers import erasures
from devotional.readers.erasing import replay
from devotional.reflections.models import Reflection
from harness.actors import Browser
from tests.groups.factories import add, found, reader_in
from tests.groups.test_receivers import share

REMOVED, WAITING = Membership.Standing.REMOVED, Membership.Standing.WAITING


def do(browser: Browser, path: str, **typed: str) -> Any:
    """Open the page that asks first, and press its button."""
    assert browser.get(path).status_code == 200
    return browser.post(path, browser.fields(path) | typed)


def of(browser: Browser, group: Group) -> Membership:
    return Membership.objects.by(reader_in(browser)).get(group=group)


def at(group: Group, member: Membership, what: str = "") -> str:
    return f"/groups/{group.pk}/members/{member.pk}/{what}"


def test_the_page_of_who_leads(leader: Browser, groupmate: Browser, guest: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    add(group, guest, "Wim", standing=WAITING)
    html = leader.get(f"/groups/{group.pk}/lead/").content.decode()
    assert "Wim" in html
    assert "groupmate" in html
    assert at(group, of(groupmate, group), "remove/") in html
    assert at(group, of(leader, group), "remove/") not in html


def test_it_shows_no_word_of_a_member(leader: Browser, reader: Browser) -> None:
    group = found(leader, Tom=reader)
    share(reader, group, "A canary that was shared.")
    assert "A canary that was shared." in leader.get(f"/groups/{group.pk}/").content.decode()
    page = leader.get(f"/groups/{group.pk}/lead/")
    assert page.status_code == 200
    assert "Tom" in page.content.decode()
    assert "canary" not in page.content.decode()


def test_name_and_limit_are_changed_and_refused(leader: Browser) -> None:
    group = found(leader)
    way = f"/groups/{group.pk}/lead/"
    assert do(leader, way, name=" Fri\u202edays ", limit="12").status_code == 303
    refused = do(leader, way, name="", limit="0")
    assert refused.status_code == 422
    group.refresh_from_db()
    assert (group.name, group.limit) == ("Fridays", 12)


def test_a_name_is_changed_by_who_bears_it_and_by_who_leads(
    leader: Browser, groupmate: Browser
) -> None:
    group = found(leader, groupmate=groupmate)
    way = at(group, of(groupmate, group))
    assert do(leader, way, first_name="Mia")["Location"] == f"/groups/{group.pk}/lead/"
    assert do(groupmate, way, first_name="Mi")["Location"] == f"/groups/{group.pk}/"
    assert do(groupmate, way, first_name=" ").status_code == 422
    assert of(groupmate, group).name == "Mi"


def test_removed_is_removed_at_once_with_what_was_shared(
    leader: Browser, groupmate: Browser, reader: Browser
) -> None:
    group = found(leader, groupmate=groupmate, Tom=reader)
    gone, stays = share(reader, group), share(groupmate, group)
    ReadIt.objects.create(membership=of(reader, group), section="opening")
    member = of(reader, group)
    assert reader.get(f"/groups/{group.pk}/").status_code == 200
    response = do(leader, at(group, member, "remove/"))
    assert response["Location"] == f"/groups/{group.pk}/lead/#removed"
    assert reader.get(f"/groups/{group.pk}/").status_code == 404
    assert list(Share.objects.values_list("pk", flat=True)) == [stays.pk]
    left = of(reader, group)
    assert (left.name, left.standing) == ("", "removed")
    assert left.pk != member.pk
    assert not ReadIt.objects.exists()
    assert "The canary" in Reflection.objects.by(reader_in(reader)).get().text
    assert {gone.pk, member.pk} <= {mark.id for mark in erasures.noted()}
    again = leader.post(at(group, member, "remove/"), leader.fields(f"/groups/{group.pk}/lead/"))
    assert (again.status_code, again["Location"]) == (303, f"/groups/{group.pk}/lead/")


def test_who_is_removed_does_not_come_back_by_the_link_they_know(
    leader: Browser, groupmate: Browser, stranger: Browser
) -> None:
    """Not from another browser either; nobody else's place, and no request, goes with it."""
    group = found(leader, groupmate=groupmate)
    add(group, stranger, "Wim", standing=WAITING)
    old = path_of(invite(of(leader, group)).text)
    form = Browser().fields(old) | {"first_name": "Somebody else"}
    way = at(group, of(groupmate, group), "remove/")
    assert "the group’s link is reset" in leader.get(way).content.decode()
    do(leader, way)
    assert Browser().post(old, form).status_code == 404
    standings = Membership.objects.filter(group=group).values_list("name", "standing")
    assert sorted(standings) == [("", "removed"), ("Lea", "member"), ("Wim", "waiting")]
    new = path_of(Invitation.objects.get().text)
    assert Browser().get(new).status_code == 200
    do(groupmate, new, first_name="Me again")
    assert of(groupmate, group).standing == WAITING


def test_where_there_is_no_link_removing_makes_none(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    way = at(group, of(groupmate, group), "remove/")
    assert "has no link at the moment" in leader.get(way).content.decode()
    do(leader, way)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("what", ["reset", "close"])
def test_a_link_that_ends_turns_away_who_waits(
    what: str, leader: Browser, guest: Browser, groupmate: Browser
) -> None:
    group = found(leader, groupmate=groupmate)
    add(group, guest, "Wim", standing=WAITING)
    invite(of(leader, group))
    page = f"/groups/{group.pk}/lead/"
    way = f"/groups/{group.pk}/invite/{what}/"
    said = leader.get(way).content.decode()
    assert "Everyone who has joined stays in." in said
    assert "One person is waiting to join. They’re turned away" in said
    assert Invitation.objects.exists()
    assert leader.post(way, leader.fields(page)).status_code == 303
    assert (of(guest, group).name, of(guest, group).standing) == ("", "removed")
    assert of(groupmate, group).standing == "member"
    assert Invitation.objects.exists() is (what == "reset")


def test_a_link_where_none_stood_turns_nobody_away(leader: Browser, guest: Browser) -> None:
    """After its 90 days: nothing got about, and the leader only wants to invite again."""
    group = found(leader)
    add(group, guest, "Wim", standing=WAITING)
    invite(of(leader, group))
    Invitation.objects.update(good_until=timezone.now())
    for what in ("reset", "close"):  # nothing ends, so nothing is asked
        asked = leader.get(f"/groups/{group.pk}/invite/{what}/")
        assert (asked.status_code, asked["Location"]) == (303, f"/groups/{group.pk}/invite/")
    members.reset_link(of(leader, group))
    assert of(guest, group).standing == WAITING


def test_all_who_wait_are_declined_at_once(
    leader: Browser, groupmate: Browser, guest: Browser, other_reader: Browser
) -> None:
    group, other = found(leader, groupmate=groupmate), found(groupmate, name="Another")
    way = f"/groups/{group.pk}/waiting/decline/"
    assert leader.get(way).status_code == 303  # nobody waits
    add(group, guest, "Wim", standing=WAITING)
    assert way not in leader.get(f"/groups/{group.pk}/lead/").content.decode()
    add(group, other_reader, "Ida", standing=WAITING)
    add(other, guest, "Wim", standing=WAITING)
    assert way in leader.get(f"/groups/{group.pk}/lead/").content.decode()
    assert groupmate.get(way).status_code == 404
    assert "all 2 people" in leader.get(way).content.decode()
    assert do(leader, way)["Location"] == f"/groups/{group.pk}/lead/#declined-all"
    assert {of(each, group).standing for each in (guest, other_reader)} == {"removed"}
    assert of(guest, other).standing == WAITING
    assert of(groupmate, group).standing == "member"


def test_who_was_removed_stays_so_after_a_start(leader: Browser, groupmate: Browser) -> None:
    """The row that is left has another id than the one that is gone for good."""
    group = found(leader, groupmate=groupmate)
    members.remove(of(groupmate, group))
    assert replay() == 0
    assert of(groupmate, group).standing == REMOVED


def test_a_backup_does_not_bring_a_member_back(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    words, member = share(groupmate, group), of(groupmate, group)
    members.remove(member)
    Membership.objects.filter(standing=REMOVED).delete()
    member.save(force_insert=True)
    words.save(force_insert=True)
    assert replay() > 0
    assert not Share.objects.exists()
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_the_leader_is_not_removed(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    lead, mate = of(leader, group), of(groupmate, group)
    members.remove(lead)
    for member, status in ((lead, 404), (mate, 200)):
        assert leader.get(at(group, member, "remove/")).status_code == status
    form = leader.fields(at(group, mate, "remove/"))
    # Led on, as where the form is sent twice; and nothing is said to be removed.
    answer = leader.post(at(group, lead, "remove/"), form)
    assert (answer.status_code, answer["Location"]) == (303, f"/groups/{group.pk}/lead/")
    assert of(leader, group).is_leader
    assert leader.post(at(group, mate, "remove/"), form).status_code == 303
    assert of(groupmate, group).standing == REMOVED


def test_a_member_of_another_group_is_not_said_to_be_removed(
    leader: Browser, groupmate: Browser
) -> None:
    group, other = found(leader), found(groupmate, name="Another")
    form = leader.fields(f"/groups/{group.pk}/lead/")
    answer = leader.post(at(group, of(groupmate, other), "remove/"), form)
    assert answer["Location"] == f"/groups/{group.pk}/lead/"
    assert of(groupmate, other).is_leader


def test_who_was_let_in_meanwhile_is_not_said_to_be_declined(
    leader: Browser, guest: Browser
) -> None:
    group = found(leader)
    waiting = add(group, guest, "Wim", standing=WAITING)
    lead, way = f"/groups/{group.pk}/lead/", f"/groups/{group.pk}/waiting/"
    form = leader.fields(f"{way}{waiting.pk}/")
    Membership.objects.filter(pk=waiting.pk).update(standing=Membership.Standing.MEMBER)
    ways = (f"{way}{waiting.pk}/", f"{way}decline/")
    assert [leader.post(path, form)["Location"] for path in ways] == [lead, lead]
    Membership.objects.filter(pk=waiting.pk).update(standing=WAITING)
    assert leader.post(ways[0], form)["Location"] == f"{lead}#declined"


def test_not_let_in(leader: Browser, guest: Browser) -> None:
    group = found(leader)
    waiting = add(group, guest, "Wim", standing=WAITING)
    do(leader, f"/groups/{group.pk}/waiting/{waiting.pk}/")
    assert (of(guest, group).name, of(guest, group).standing) == ("", "removed")
    members.decline(waiting)  # once more
    assert Membership.objects.count() == 2


def test_handing_over_changes_nothing_else(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    share(leader, group)
    invite(of(leader, group))
    link = Invitation.objects.get().digest
    way = at(group, of(groupmate, group), "hand-over/")
    form = leader.fields(way)
    for _twice in range(2):
        assert leader.post(way, form)["Location"] == f"/groups/{group.pk}/"
    assert (of(leader, group).is_leader, of(groupmate, group).is_leader) == (False, True)
    assert (Share.objects.count(), Invitation.objects.get().digest) == (1, link)
    assert leader.get(f"/groups/{group.pk}/lead/").status_code == 404
    assert groupmate.get(f"/groups/{group.pk}/lead/").status_code == 200


@pytest.mark.parametrize("standing", [WAITING, REMOVED])
def test_only_a_member_may_come_to_lead(
    standing: Membership.Standing, leader: Browser, guest: Browser
) -> None:
    group = found(leader)
    other = add(group, guest, "Wim", standing=standing)
    path, form = at(group, other, "hand-over/"), leader.fields(f"/groups/{group.pk}/lead/")
    assert leader.get(path).status_code == 404
    assert leader.post(path, form).status_code == 404
    assert not members.hand_over(of(leader, group), other)
    assert of(leader, group).is_leader
    Membership.objects.filter(pk=other.pk).update(standing=Membership.Standing.MEMBER)
    assert leader.get(path).status_code == 200
    assert leader.post(path, form).status_code == 303
    assert of(guest, group).is_leader


def test_deleting_a_group_ends_everything_but_what_was_written(
    leader: Browser, reader: Browser, guest: Browser
) -> None:
    group = found(leader, Tom=reader)
    other = found(reader, name="Another")
    add(group, guest, "Wim", standing=WAITING)
    lead, kept = of(leader, group), share(reader, other)
    words = share(reader, group)
    invite(lead)
    feed = Feed(membership=lead, digest="x" * 64)
    feed.text = "secret"
    feed.save()
    ids = {group.pk, words.pk, *Membership.objects.filter(group=group).values_list("pk", flat=True)}
    assert do(leader, f"/groups/{group.pk}/delete/")["Location"] == "/groups/#deleted"
    assert list(Group.objects.values_list("pk", flat=True)) == [other.pk]
    assert list(Share.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Invitation.objects.exists()
    assert not Feed.objects.exists()
    assert "The canary" in Reflection.objects.by(reader_in(reader)).get().text
    assert ids <= {mark.id for mark in erasures.noted()}
    assert leader.get(f"/groups/{group.pk}/").status_code == 404
    members.delete_group(lead)  # once more


def test_a_backup_does_not_bring_a_group_back(leader: Browser) -> None:
    group = found(leader)
    lead = of(leader, group)
    pk, reader = group.pk, lead.reader
    members.delete_group(lead)
    again = Group.objects.create(pk=pk, name="Thursdays", devotional="on-doors")
    Membership.objects.create(
        pk=lead.pk, group=again, reader=reader, is_leader=True, joined_at=timezone.now()
    )
    assert replay() > 0
    assert not Group.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_leading_costs_four_queries(
    number: int, leader: Browser, new_browser: Any, django_assert_num_queries: Any
) -> None:
    group = found(leader)
    for each in range(number):
        add(group, new_browser(), f"Mate {each}")
        add(group, new_browser(), f"Waits {each}", standing=WAITING)
    with django_assert_num_queries(4):
        leader.get(f"/groups/{group.pk}/lead/")
