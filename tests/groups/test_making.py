"""Making a group: a name, what to read, one's own first name (T1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from devotional.content.loader import current_library
from devotional.groups.invitations import invitation_of, path_of
from devotional.groups.members import make_group
from devotional.groups.models import Group, Membership
from devotional.groups.names import clean_name
from devotional.readers.access import words_of
from devotional.readers.models import Reader
from harness.actors import Browser
from tests.groups.factories import add, found, reader_in

NEW = "/groups/new/"


def make(browser: Browser, **typed: str) -> Any:
    return browser.post(
        NEW, browser.fields(NEW) | {"name": "Thursdays", "first_name": "Lea"} | typed
    )


def test_looking_sets_nothing(stranger: Browser) -> None:
    page = stranger.get(NEW)
    assert page.status_code == 200
    assert not page.cookies
    assert not Reader.objects.exists()


def test_a_stranger_makes_a_group_with_two_names(stranger: Browser) -> None:
    response = make(stranger)
    group = Group.objects.get()
    assert (response.status_code, response["Location"]) == (
        303,
        f"/groups/{group.pk}/invite/#ready",
    )
    lead = Membership.objects.get()
    assert (lead.name, lead.is_leader, lead.reader.consent_version) == ("Lea", True, "")
    assert (group.name, group.devotional) == ("Thursdays", "on-doors")
    assert stranger.get(f"/groups/{group.pk}/").status_code == 200
    assert invitation_of(lead) is not None


def test_the_form_says_who_sees_both_names(stranger: Browser, new_browser: Any) -> None:
    """The group's name and its leader's stand on the page that the link opens."""
    said = stranger.get(NEW).content.decode()
    assert "Anyone with the link can see it." in said
    assert "This is the name your group will see, and so will anyone with the link." in said
    make(stranger)
    invitation = invitation_of(Membership.objects.get())
    assert invitation is not None
    passer_by = new_browser().get(path_of(words_of(invitation) or "")).content.decode()
    assert "<bdi>Lea</bdi>" in passer_by
    assert "<bdi>Thursdays</bdi>" in passer_by


@pytest.mark.parametrize("lead", [True, False])
def test_a_leader_is_told_who_sees_their_new_name(
    lead: bool, leader: Browser, groupmate: Browser
) -> None:
    group = found(leader, Tom=groupmate)
    who = Membership.objects.get(is_leader=lead)
    page = leader.get(f"/groups/{group.pk}/members/{who.pk}/").content.decode()
    assert ("Anyone with the link can see the leader’s name." in page) is lead


def test_a_reader_stays_who_they_are(reader: Browser) -> None:
    known = reader_in(reader)
    assert make(reader).status_code == 303
    assert Membership.objects.get().reader == known
    assert Reader.objects.count() == 1


def test_who_is_in_a_group_need_not_write_their_name_again(leader: Browser) -> None:
    found(leader)
    assert 'value="Lea"' in leader.get(NEW).content.decode()


@pytest.mark.parametrize("known", [True, False])
def test_the_same_form_sent_twice_is_one_group(
    known: bool, leader: Browser, new_browser: Callable[[], Browser]
) -> None:
    if known:
        reader_in(leader)
    sent = leader.fields(NEW) | {"name": "Thursdays", "first_name": "Lea"}
    leader.post(NEW, sent)
    again = leader if known else new_browser()  # the first answer, and its cookie, were lost
    assert again.post(NEW, sent).status_code == 303
    assert (Group.objects.count(), Reader.objects.count()) == (1, 1)


def test_two_groups_have_two_names(leader: Browser) -> None:
    make(leader)
    make(leader, name="Fridays")
    assert sorted(Group.objects.values_list("name", flat=True)) == ["Fridays", "Thursdays"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("name", "T" * 61),
        ("first_name", "\u202e\x00 "),
        ("first_name", "L" * 41),
        ("devotional", "on-windows"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_kept(
    field: str, typed: str, stranger: Browser
) -> None:
    page = make(stranger, **{field: typed})
    assert page.status_code == 422
    other = "first_name" if field == "name" else "name"
    assert f'name="{other}" value="{"Lea" if field == "name" else "Thursdays"}"' in (
        page.content.decode()
    )
    assert not Reader.objects.exists()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" Lea \n Maria ", "Lea Maria"),
        ("Le\u202ea\u0000\u200b", "Lea"),
        ("نازنین\u200cزهرا", "نازنین\u200cزهرا"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("\u200d\u200c", ""),
        ("L\ud800ea", "Lea"),
        ("<b>&Co", "<b>&Co"),
    ],
)
def test_a_name_turns_and_hides_nothing(typed: str, name: str) -> None:
    assert clean_name(typed) == name


def test_another_site_makes_no_group(stranger: Browser) -> None:
    sent = {"name": "Theirs", "first_name": "Eve", "devotional": "on-doors", "writer": ""}
    forged = stranger.post(NEW, sent, headers={"origin": "https://elsewhere.example"})
    assert forged.status_code == 403
    assert not Group.objects.exists()


def test_a_form_made_for_another_is_asked_about_once_more(
    leader: Browser, groupmate: Browser
) -> None:
    reader_in(leader)
    reader_in(groupmate)
    other = leader.fields(NEW)["writer"]
    page = make(groupmate, writer=other)
    assert page.status_code == 409
    assert not Group.objects.exists()


def test_groups_are_not_made_without_end(stranger: Browser) -> None:
    for number in range(30):
        assert make(stranger, name=f"Group {number}").status_code == 303
    assert make(stranger, name="One more").status_code == 429
    assert Group.objects.count() == 30


def test_a_group_made_again_later_is_another(leader: Browser) -> None:
    (devotional,) = current_library().devotionals
    reader = reader_in(leader)
    first = make_group(reader, name="Us", devotional=devotional, first_name="Lea")
    assert make_group(reader, name="Us", devotional=devotional, first_name="Lea") == first
    Group.objects.update(made_at=timezone.now() - timedelta(days=1))
    assert make_group(reader, name="Us", devotional=devotional, first_name="Lea") != first


# All of one's own


def test_without_a_group_it_is_said_what_one_is(stranger: Browser, reader: Browser) -> None:
    for browser in (stranger, reader):
        page = browser.get("/groups/").content.decode()
        assert "A group is a few people" in page
        assert '<a class="button" href="/groups/new/">' in page


def test_only_one_s_own_groups_are_there(
    leader: Browser, groupmate: Browser, other_reader: Browser
) -> None:
    found(leader, groupmate=groupmate)
    found(other_reader, name="The canary's group")
    page = groupmate.get("/groups/").content.decode()
    assert "Thursdays" in page
    assert "canary" not in page


def test_who_waits_is_told_so_and_may_stop(leader: Browser, stranger: Browser) -> None:
    group = found(leader)
    add(group, stranger, "Wim", standing=Membership.Standing.WAITING)
    assert "You asked to join" in stranger.get("/groups/").content.decode()
    way = f"/groups/{group.pk}/leave/"
    assert stranger.post(way, stranger.fields(way))["Location"] == "/groups/#withdrawn"
    # A row without a name stays: coming back by an open link they are asked about, as they were.
    left = Membership.objects.get(is_leader=False)
    assert (left.name, left.standing) == ("", "removed")


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_three_queries(
    number: int, leader: Browser, django_assert_num_queries: Any
) -> None:
    for each in range(number):
        found(leader, name=f"Group {each}")
    with django_assert_num_queries(3):
        leader.get("/groups/")
