"""The group's handout: for those in the group, and with no name of theirs on it (T8)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.groups.models import Group, Invitation, Membership
from devotional.lib.qr import qr_svg
from harness.actors import Browser
from tests.groups.factories import add, found

SECTION = "https://chapel.example/read/on-doors/opening/"
INVITED = "https://chapel.example/j/canary-token/opening"


def invite(group: Group, *, days: int = 14) -> Invitation:
    now = timezone.now()
    invitation = Invitation(
        group=group,
        digest="digest",
        open_until=now + timedelta(days=days - 76),
        good_until=now + timedelta(days=days),
    )
    invitation.text = "canary-token"
    invitation.save()
    return invitation


def sheet(browser: Browser, group: Group, section: str = "opening") -> str:
    reply = browser.get(f"/groups/{group.id}/handout/{section}/")
    assert reply.status_code == 200
    assert reply["Cache-Control"] == "no-store, private"
    return str(reply.content.decode())


def address(html: str) -> str:
    """What is printed beside the code; the code says the same."""
    (link,) = re.findall(r'<p class="address"[^>]*>(.*?)</p>', html)
    assert qr_svg(link, title="QR code for the address beside it") in html
    return str(link)


@pytest.fixture
def group(leader: Browser, groupmate: Browser, settings: Settings) -> Group:
    settings.SITE_URL = "https://chapel.example"
    return found(leader, name="Canary Circle", Wren=groupmate)


def test_the_leaders_sheet_invites_and_a_members_leads_to_the_text(
    group: Group, leader: Browser, groupmate: Browser
) -> None:
    invite(group)
    assert address(sheet(leader, group)) == INVITED
    members = sheet(groupmate, group)
    assert address(members) == SECTION
    assert "canary-token" not in members


def test_an_invitation_that_is_over_is_not_printed(group: Group, leader: Browser) -> None:
    assert address(sheet(leader, group)) == SECTION
    invite(group, days=-1)
    assert address(sheet(leader, group)) == SECTION


def test_an_invitation_that_does_not_open_is_not_printed(group: Group, leader: Browser) -> None:
    """Moved to another row, or its key is gone: the sheet is printed all the same."""
    invitation = invite(group)
    Invitation.objects.filter(pk=invitation.pk).update(sealed=b"v1 of another row")
    assert address(sheet(leader, group)) == SECTION


def test_no_name_is_on_the_sheet(group: Group, leader: Browser, groupmate: Browser) -> None:
    invite(group)
    for browser in (leader, groupmate):
        html = sheet(browser, group)
        assert [name for name in ("Canary Circle", "Lea", "Wren") if f"{name}<" in html] == []
        assert [name for name in ("Canary Circle", "Wren") if name in html] == []


def test_the_text_is_on_it_with_lines_for_ones_own_answers_and_the_groups_question(
    group: Group, groupmate: Browser
) -> None:
    html = sheet(groupmate, group)
    front, back = html.split('class="fold"')
    assert "A door is a wall that changed its mind." in front
    asked = r'<p class="asked">(.*?)</p>'
    assert re.findall(asked, front) == ["Which door is before you?", "Which one closed?"]
    assert front.count('class="lines"') == 2
    assert re.findall(asked, back) == ["Which doors do we hold open for others?"]


def test_a_stranger_finds_nothing(
    group: Group, leader: Browser, stranger: Browser, reader: Browser, other_reader: Browser
) -> None:
    """Nor does one who waits, one who was removed, or the leader of another group."""
    invite(group)
    add(group, reader, "Rae", standing=Membership.Standing.REMOVED)
    waiting, path = other_reader, f"/groups/{group.id}/handout/opening/"
    add(group, waiting, "Will", standing=Membership.Standing.WAITING)
    found(waiting, name="Another")
    assert "canary-token" in sheet(leader, group)
    for browser in (stranger, reader, waiting):
        reply = browser.get(path)
        assert reply.status_code == 404
        assert b"canary-token" not in reply.content


def test_there_is_no_sheet_for_a_section_of_another_text(group: Group, leader: Browser) -> None:
    assert leader.get(f"/groups/{group.id}/handout/hinges/").status_code == 200
    assert leader.get(f"/groups/{group.id}/handout/nothing/").status_code == 404
    Group.objects.update(devotional="gone")
    assert leader.get(f"/groups/{group.id}/handout/opening/").status_code == 404


@pytest.mark.parametrize("members", [1, 3])
def test_it_asks_the_database_as_often_for_three_as_for_one(
    members: int,
    group: Group,
    leader: Browser,
    reader: Browser,
    other_reader: Browser,
    stranger: Browser,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    invite(group)
    for number, browser in enumerate([reader, other_reader, stranger][:members]):
        add(group, browser, f"Name{number}")
    sheet(leader, group)
    with django_assert_num_queries(3):
        sheet(leader, group)
