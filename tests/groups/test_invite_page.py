"""What a leader sends: the link, its code, and a message that is right as it stands (T2)."""

import html
import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from devotional.groups.access import lead_of
from devotional.groups.invitations import invite, link_of
from devotional.groups.message import rhythm_words
from devotional.groups.models import Group, Invitation, Membership
from devotional.groups.schedule import Rhythm, Schedule, zone_of
from harness.actors import Browser
from tests.groups.factories import add, found, reader_in


@pytest.fixture
def group(leader: Browser) -> Group:
    return found(leader, name="Canary’s kitchen")


def linked(leader: Browser, group: Group) -> str:
    link = link_of(invite(lead_of(reader_in(leader), group.pk)))
    assert link is not None
    return link


def message_in(page: Any) -> str:
    """What stands in the box, as a browser has it."""
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page.content.decode(), re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1))


def test_the_message_at_their_own_pace(leader: Browser, group: Group) -> None:
    link = linked(leader, group)
    assert message_in(leader.get(f"/groups/{group.pk}/invite/")) == (
        "We are reading “On Doors” (1 minute).\n\n"
        "A question to carry with you:\n"
        "Which doors do we hold open for others?\n\n"
        f"Here it is, no app and no account needed:\n{link}"
    )


def test_the_message_of_a_week_and_without_its_question(leader: Browser, group: Group) -> None:
    link, soon = linked(leader, group), timezone.now().date() + timedelta(days=2)
    Group.objects.filter(pk=group.pk).update(rhythm=7, first_on=soon, meets_at=time(19, 30))
    path = f"/groups/{group.pk}/invite/"
    without = message_in(leader.get(path, {"section": "opening", "question": "none"}))
    first, last = without.split("\n\n")
    day = f"{soon:%A} {soon.day} {soon:%B}"
    assert first == f"For {day}, 19:30, we read “On Doors” (1 minute)."
    assert last.endswith(f"\n{link}")
    later = soon + timedelta(days=7)
    second = message_in(leader.get(path, {"section": "hinges", "question": "1"}))
    assert second.startswith(f"For {later:%A} {later.day} {later:%B}, 19:30, we read “Hinges”")
    assert "question" not in second  # there is none to talk about in that part


def test_a_meeting_that_was_is_not_announced(leader: Browser, group: Group) -> None:
    linked(leader, group)
    Group.objects.filter(pk=group.pk).update(rhythm=1, first_on=date(2020, 1, 1))
    said = message_in(leader.get(f"/groups/{group.pk}/invite/"))
    assert said.startswith("We are reading “Thresholds”")
    assert "2020" not in said
    assert "Every day" not in leader.get(f"/groups/{group.pk}/invite/sheet/").content.decode()


@pytest.mark.parametrize("asked", ["?section=nowhere", "?question=9", "?question=-1&section=%00"])
def test_what_is_not_there_is_not_asked_for(leader: Browser, group: Group, asked: str) -> None:
    usual = message_in(leader.get(f"/groups/{group.pk}/invite/"))
    assert message_in(leader.get(f"/groups/{group.pk}/invite/{asked}")) == usual


def test_the_message_names_nobody(leader: Browser, groupmate: Browser, group: Group) -> None:
    link = linked(leader, group)
    add(group, groupmate, "Mia")
    said = message_in(leader.get(f"/groups/{group.pk}/invite/"))
    sheet = leader.get(f"/groups/{group.pk}/invite/sheet/").content.decode()
    for name in ("Canary", "Lea", "Mia"):
        assert name not in said
        assert name not in sheet
    assert link in sheet


def test_a_changed_choice_brings_the_message_alone(leader: Browser, group: Group) -> None:
    linked(leader, group)
    path = f"/groups/{group.pk}/invite/"
    part = leader.get(path, {"question": "none"}, headers={"hx-request": "true"})
    assert message_in(part) == message_in(leader.get(path, {"question": "none"}))
    assert part.content.decode().strip().startswith("<form")


def test_looking_makes_no_link(leader: Browser, group: Group) -> None:
    """Without one the text itself is what is sent: it is open to everyone."""
    page = leader.get(f"/groups/{group.pk}/invite/")
    assert "Make a link" in page.content.decode()
    assert message_in(page).endswith("/read/on-doors/opening/")
    assert "Make one first" in leader.get(f"/groups/{group.pk}/invite/sheet/").content.decode()
    assert not Invitation.objects.exists()


def test_after_a_fortnight_it_says_that_the_leader_is_asked(leader: Browser, group: Group) -> None:
    linked(leader, group)
    path = f"/groups/{group.pk}/invite/"
    assert "join with a first name" in leader.get(path).content.decode()
    Invitation.objects.update(open_until=timezone.now())
    assert "you are asked" in leader.get(path).content.decode()
    Invitation.objects.update(good_until=timezone.now())
    assert "Make a link" in leader.get(path).content.decode()


def test_only_the_leader_finds_it(
    leader: Browser,
    groupmate: Browser,
    other_reader: Browser,
    new_browser: Callable[[], Browser],
    group: Group,
) -> None:
    link, removed = linked(leader, group), new_browser()
    add(group, groupmate, "Mia")
    add(group, removed, "", standing=Membership.Standing.REMOVED)
    found(other_reader, name="Elsewhere")
    for path in ("invite/", "invite/sheet/"):
        shown = leader.get(f"/groups/{group.pk}/{path}")
        assert shown.status_code == 200
        assert link in shown.content.decode()
        for browser in (groupmate, other_reader, removed, new_browser()):
            reply = browser.get(f"/groups/{group.pk}/{path}")
            assert reply.status_code == 404
            assert "Canary" not in reply.content.decode()
            assert link not in reply.content.decode()


@pytest.mark.parametrize(
    ("rhythm", "meets_at", "words"),
    [
        (Rhythm.OWN_PACE, time(19, 30), ""),
        (Rhythm.DAILY, None, "Every day"),
        (Rhythm.WEEKLY, time(19, 30), "Thursdays, 19:30"),
        (Rhythm.FORTNIGHTLY, time(9, 0), "Thursdays, every two weeks, 09:00"),
    ],
)
def test_how_often_in_words(rhythm: Rhythm, meets_at: time | None, words: str) -> None:
    schedule = Schedule(rhythm, date(2026, 11, 26), meets_at, zone_of("UTC"), sections=3)
    assert rhythm_words(schedule) == words
