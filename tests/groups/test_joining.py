"""Joining: by POST, under a first name, once (T3, T4)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devotional.groups.access import waiting_for
from devotional.groups.invitations import invite, path_of
from devotional.groups.joining import (
    AT_ONCE,
    MOST_WAITING,
    WAITING_FROM_ONE,
    TooManyWait,
    join,
    let_in,
)
from devotional.groups.models import Group, Invitation, Membership
from devotional.readers.consent import has_agreed
from devotional.readers.erasing import erase_reader, replay
from devotional.readers.guests import find_reader, make_member
from devotional.readers.models import Reader
from harness.actors import Browser
from tests.groups.factories import add, found, reader_in

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.fixture
def group(leader: Browser) -> Group:
    return found(leader)


@pytest.fixture
def lead(group: Group) -> Membership:
    return Membership.objects.get(group=group)


@pytest.fixture
def door(lead: Membership) -> str:
    return path_of(invite(lead).text)


def come_in(browser: Browser, door: str, name: str = "Mia", **change: str) -> Any:
    return browser.post(door, browser.fields(door) | {"first_name": name} | change)


def people(group: Group) -> list[tuple[str, str]]:
    rows = Membership.objects.filter(group=group).order_by("joined_at")
    return list(rows.values_list("name", "standing"))


def test_a_first_name_and_one_press(group: Group, door: str, stranger: Browser) -> None:
    response = come_in(stranger, door)
    assert response.status_code == 303
    assert response["Location"] == f"/groups/{group.pk}/"
    assert people(group) == [("Lea", "member"), ("Mia", "member")]
    reader = find_reader(stranger.cookies["reader"].value)
    assert reader is not None
    assert not has_agreed(reader)
    assert reader.consented_at is None


def test_who_joined_is_asked_for_consent_before_words_are_kept(
    door: str, stranger: Browser
) -> None:
    come_in(stranger, door)
    panel = stranger.get("/reflect/on-doors/opening/panel/").content.decode()
    assert "Agree and save" in panel
    assert stranger.write("opening", before="Mine.", change={"consent": ""}).status_code == 422
    assert stranger.write("opening", before="Mine.").status_code == 200
    assert Reader.objects.count() == 2


def test_joining_twice_is_one_membership(group: Group, door: str, stranger: Browser) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    stranger.post(door, sent)
    key = stranger.cookies["reader"].value
    # The same form again, from before the cookie arrived; and then in the open group.
    del stranger.cookies["reader"]
    stranger.post(door, sent)
    assert find_reader(stranger.cookies["reader"].value) == find_reader(key)
    assert b"Go to the group" in stranger.get(door).content
    stranger.post(door, sent | {"first_name": "Mia again"})
    assert people(group) == [("Lea", "member"), ("Mia", "member")]
    assert Reader.objects.count() == 2


def test_a_form_is_no_key_for_long(group: Group, door: str, stranger: Browser) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    stranger.post(door, sent)
    Reader.objects.update(made_at=timezone.now() - timedelta(minutes=11))
    del stranger.cookies["reader"]
    before = set(Reader.objects.values_list("pk", flat=True))
    assert stranger.post(door, sent).status_code == 303
    assert reader_in(stranger).pk not in before


def test_a_form_is_no_key_after_signing_out(
    group: Group, door: str, stranger: Browser, new_browser: Callable[[], Browser]
) -> None:
    """Back, in the tab of who has just left: whoever sends the form again is somebody new."""
    sent = stranger.fields(door) | {"first_name": "Mia"}
    stranger.post(door, sent)
    mia = reader_in(stranger)
    leave = stranger.fields("/groups/new/") | {"sure": "yes"}
    assert stranger.post("/account/sign-out/", leave)["Location"] == "/account/signed-out/"
    other = new_browser()
    assert other.post(door, sent).status_code == 303
    assert reader_in(other) != mia


def test_a_form_is_no_key_once_its_answer_has_come(
    group: Group, door: str, stranger: Browser, new_browser: Callable[[], Browser]
) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    stranger.post(door, sent)
    assert stranger.get(f"/groups/{group.pk}/").status_code == 200
    other = new_browser()
    other.post(door, sent)
    assert reader_in(other) != reader_in(stranger)


def test_a_reader_joins_as_who_they_are(group: Group, door: str, reader: Browser) -> None:
    before = reader_in(reader)
    assert come_in(reader, door).status_code == 303
    assert Membership.objects.get(name="Mia").reader == before


def test_two_people_may_have_one_name(
    group: Group, door: str, stranger: Browser, guest: Browser
) -> None:
    come_in(stranger, door)
    come_in(guest, door)
    assert people(group) == [("Lea", "member"), ("Mia", "member"), ("Mia", "member")]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Mia  ", "Mia"),
        ("Mi\u202ea", "Mia"),
        ("Mia\nLea", "Mia Lea"),
        ("<b>Mia</b>", "<b>Mia</b>"),
        ("مريم", "مريم"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("M\x00ia", "Mia"),
        (ENGLAND, ENGLAND),
        ("x" * 40, "x" * 40),
    ],
)
def test_names_as_people_type_them(
    typed: str, kept: str, group: Group, door: str, stranger: Browser
) -> None:
    assert come_in(stranger, door, typed).status_code == 303
    assert people(group)[1] == (kept, "member")


@pytest.mark.parametrize(
    "typed", ["", "   ", "\u202e\u2066", "\u3164", "\ufe0f", "\u200d", "x" * 41]
)
def test_no_name_is_said_kindly_and_nothing_is_kept(
    typed: str, group: Group, door: str, stranger: Browser
) -> None:
    response = come_in(stranger, door, typed)
    assert response.status_code == 422
    assert "reader" not in stranger.cookies
    assert people(group) == [("Lea", "member")]
    assert typed.strip() in response.content.decode()


def test_from_another_site_nobody_joins(group: Group, door: str, stranger: Browser) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    foreign = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    assert stranger.post(door, sent, headers=foreign).status_code == 403
    assert people(group) == [("Lea", "member")]


def test_a_form_made_for_another_asks_once_more(
    group: Group, door: str, stranger: Browser, reader: Browser
) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    response = reader.post(door, sent)
    assert response.status_code == 409
    assert b'value="Mia"' in response.content
    assert people(group) == [("Lea", "member")]


# Asking the leader first


def old(lead: Membership) -> None:
    Invitation.objects.filter(group=lead.group).update(open_until=timezone.now())


def test_after_14_days_the_leader_is_asked(
    group: Group, lead: Membership, door: str, stranger: Browser
) -> None:
    old(lead)
    said = stranger.get(door).content.decode()
    assert "Ask to join" in said
    assert "This link is more than two weeks old, so <bdi>Lea</bdi> will approve it first." in said
    response = come_in(stranger, door)
    assert (response.status_code, response["Location"]) == (303, "/groups/")
    assert people(group) == [("Lea", "member"), ("Mia", "waiting")]
    assert "You asked to join" in stranger.get(door).content.decode()
    [waiting] = waiting_for(lead)
    let_in(lead, waiting)
    let_in(lead, waiting)
    assert people(group) == [("Lea", "member"), ("Mia", "member")]


def test_one_address_takes_a_part_of_the_places_only(
    group: Group, lead: Membership, door: str, stranger: Browser, guest: Browser
) -> None:
    """140 strangers from one address leave room on the list for those who are meant."""
    Group.objects.update(limit=200)
    invitation = invite(lead)
    refused = 0
    for n in range(140):
        try:
            join(make_member(), invitation, name=f"{n}", address="192.0.2.1")
        except TooManyWait:
            refused += 1
    standings = [standing for _name, standing in people(group)]
    assert standings.count("member") == 1 + AT_ONCE
    assert (standings.count("waiting"), refused) == (WAITING_FROM_ONE, 140 - 30 - 50)
    door = path_of(invitation.text)
    assert "Many people have joined in the last hour" in stranger.get(door).content.decode()
    assert come_in(stranger, door, "Mia")["Location"] == "/groups/"
    assert people(group)[-1] == ("Mia", "waiting")
    tom = guest.fields(door) | {"first_name": "Tom"}
    assert guest.post(door, tom, REMOTE_ADDR="192.0.2.1").status_code == 429


def test_who_waits_goes_on_waiting_by_a_new_link_too(
    group: Group, lead: Membership, door: str, stranger: Browser
) -> None:
    old(lead)
    come_in(stranger, door)
    invitation = invite(lead)
    join(reader_in(stranger), invitation, name="Mia!")
    assert people(group) == [("Lea", "member"), ("Mia!", "waiting")]


def test_someone_removed_is_asked_about(group: Group, door: str, stranger: Browser) -> None:
    add(group, stranger, "", standing=Membership.Standing.REMOVED)
    assert "<bdi>Lea</bdi> will approve it first." in stranger.get(door).content.decode()
    assert come_in(stranger, door, "Mia")["Location"] == "/groups/"
    assert people(group) == [("Lea", "member"), ("Mia", "waiting")]


def test_a_full_group_asks_first(
    group: Group, door: str, stranger: Browser, guest: Browser
) -> None:
    Group.objects.update(limit=2)
    assert "The group is full" not in guest.get(door).content.decode()
    come_in(stranger, door, "Mia")
    said = guest.get(door).content.decode()
    assert "The group is full, so <bdi>Lea</bdi> will approve it first." in said
    assert ">Ask to join</button>" in said
    come_in(guest, door, "Tom")
    assert people(group) == [("Lea", "member"), ("Mia", "member"), ("Tom", "waiting")]


def test_a_rush_asks_first(group: Group, lead: Membership) -> None:
    Group.objects.update(limit=200)
    invitation = invite(lead)
    for n in range(AT_ONCE + 2):
        join(make_member(), invitation, name=f"{n}")
    standings = [standing for _name, standing in people(group)]
    assert standings == ["member"] * (1 + AT_ONCE) + ["waiting"] * 2


def test_the_list_of_those_who_wait_has_an_end(
    group: Group, lead: Membership, door: str, stranger: Browser
) -> None:
    old(lead)
    invitation = Invitation.objects.get()
    for n in range(MOST_WAITING):
        join(make_member(), invitation, name=f"{n}")
    readers = Reader.objects.count()
    response = come_in(stranger, door)
    assert response.status_code == 429
    assert "reader" not in stranger.cookies
    assert Reader.objects.count() == readers


def test_the_leader_alone_lets_in_and_resets(
    group: Group,
    lead: Membership,
    door: str,
    leader: Browser,
    groupmate: Browser,
    stranger: Browser,
    new_browser: Callable[[], Browser],
) -> None:
    old(lead)
    come_in(stranger, door)
    [waiting] = waiting_for(lead)
    add(group, groupmate, "Tom")
    other = new_browser()
    found(other, name="Elsewhere")
    paths = [
        f"/groups/{group.pk}/waiting/{waiting.pk}/let-in/",
        f"/groups/{group.pk}/invite/reset/",
        f"/groups/{group.pk}/invite/close/",
    ]
    for browser in (groupmate, other, stranger):
        assert [browser.post(path).status_code for path in paths] == [404] * 3
    assert [leader.post(path).status_code for path in paths] == [303] * 3
    assert people(group) == [("Lea", "member"), ("Tom", "member"), ("Mia", "member")]
    assert not Invitation.objects.exists()


def test_a_group_deleted_or_reset_while_the_page_was_open(
    group: Group, lead: Membership, door: str, stranger: Browser
) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    invite(lead)
    assert stranger.post(door, sent).status_code == 404
    assert "reader" not in stranger.cookies
    assert people(group) == [("Lea", "member")]


def test_a_known_reader_leaves_no_trace_by_looking(door: str, reader: Browser) -> None:
    Reader.objects.update(seen_on=timezone.now().date() - timedelta(days=2))
    with CaptureQueriesContext(connection) as queries:
        response = reader.get(door)
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
    assert not response.cookies


def test_a_second_press_after_the_cookie_came(group: Group, door: str, stranger: Browser) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    assert [stranger.post(door, sent).status_code for _ in range(2)] == [303, 303]
    assert people(group) == [("Lea", "member"), ("Mia", "member")]


def test_who_erased_everything_and_joins_again_is_not_erased_again(
    group: Group, door: str, stranger: Browser
) -> None:
    sent = stranger.fields(door) | {"first_name": "Mia"}
    stranger.post(door, sent)
    erase_reader(reader_in(stranger))
    del stranger.cookies["reader"]
    stranger.post(door, sent)
    assert replay() == 0
    assert people(group) == [("Lea", "member"), ("Mia", "member")]
