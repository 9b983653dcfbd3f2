"""What a leader sends: the link, its code, and a message that is right as it stands (T2)."""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from devotional.groups.access import lead_of
from devotional.groups.clock import Habits
from devotional.groups.invitations import invite, link_of
from devotional.groups.message import rhythm_words
from devotional.groups.models import Group, Invitation, Membership
from devotional.groups.schedule import Rhythm, Schedule, zone_of
from harness.actors import Browser
from harness.html_forms import Fields
from tests.groups.factories import add, found, reader_in
from tests.reflections.helpers import plain


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
        "Hi all! We’re reading “On Doors”. It takes about a minute.\n\n"
        "A question to think about:\n"
        "Which doors do we hold open for others?\n\n"
        f"No app and no account needed:\n{link}/opening"
    )


def test_the_message_of_a_week_and_without_its_question(leader: Browser, group: Group) -> None:
    link, soon = linked(leader, group), timezone.now().date() + timedelta(days=2)
    Group.objects.filter(pk=group.pk).update(rhythm=7, first_on=soon, meets_at=time(19, 30))
    path = f"/groups/{group.pk}/invite/"
    without = message_in(leader.get(path, {"section": "opening", "question": "none"}))
    first, last = without.split("\n\n")
    day = f"{soon:%A} {soon.day} {soon:%B}"
    when = f"{day} at 19:30 (London time)"
    assert first == f"Hi all! For {when} we’re reading “On Doors”. It takes about a minute."
    assert last.endswith(f"\n{link}/opening")
    later = soon + timedelta(days=7)
    second = message_in(leader.get(path, {"section": "hinges", "question": "1"}))
    when = f"{later:%A} {later.day} {later:%B} at 19:30 (London time)"
    assert second.startswith(f"Hi all! For {when} we’re reading “Hinges”.")
    assert second.endswith(f"\n{link}/hinges")
    assert "question" not in second  # there is none to talk about in that part


def test_a_meeting_that_was_is_not_announced(leader: Browser, group: Group) -> None:
    linked(leader, group)
    Group.objects.filter(pk=group.pk).update(rhythm=1, first_on=date(2020, 1, 1))
    said = message_in(leader.get(f"/groups/{group.pk}/invite/"))
    assert said.startswith("Hi all! We’re reading “Thresholds”.")
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


def test_it_says_until_when_the_link_is_good(leader: Browser, group: Group) -> None:
    """Both ends: after a fortnight the leader is asked, and after 90 days it is over (T4)."""
    linked(leader, group)
    Invitation.objects.update(
        open_until=datetime(2031, 3, 4, tzinfo=UTC), good_until=datetime(2031, 5, 6, tzinfo=UTC)
    )
    said = plain(leader.get(f"/groups/{group.pk}/invite/").content.decode())
    assert "Until 4 March 2031 anyone with the link can join." in said
    assert "and on 6 May 2031 the link stops working." in said
    Invitation.objects.update(
        open_until=timezone.now() + timedelta(1), good_until=timezone.now() + timedelta(2)
    )
    path = f"/groups/{group.pk}/invite/"
    assert "anyone with the link can join" in leader.get(path).content.decode()
    Invitation.objects.update(open_until=timezone.now())
    after = leader.get(path).content.decode()
    assert "anyone with the link can join" not in after
    assert "you approve each person who asks to join" in after
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
        (Rhythm.WEEKLY, time(19, 30), "Thursdays, 19:30 (New York time)"),
        (Rhythm.FORTNIGHTLY, time(9, 0), "Thursdays, every two weeks, 09:00 (New York time)"),
    ],
)
def test_how_often_in_words(rhythm: Rhythm, meets_at: time | None, words: str) -> None:
    zone = zone_of("America/New_York")
    schedule = Schedule(rhythm, date(2026, 11, 26), meets_at, zone, sections=3)
    assert rhythm_words(schedule, Habits()) == words


# A message of the leader's own


def changed(browser: Browser, group: Group, **typed: str) -> Any:
    path = f"/groups/{group.pk}/invite/"
    return browser.post(path, browser.fields(path) | typed)


def test_an_untouched_message_is_rewritten_for_another_part(leader: Browser, group: Group) -> None:
    linked(leader, group)
    asked = {"section": "hinges", "question": "none"}
    made = message_in(leader.get(f"/groups/{group.pk}/invite/", asked))
    reply = changed(leader, group, **asked)
    assert (reply.status_code, message_in(reply)) == (200, made)
    assert "Keep my words" not in reply.content.decode()
    # As a browser sends what stands in a box.
    untouched = leader.fields(f"/groups/{group.pk}/invite/")["message"].replace("\n", "\r\n")
    assert message_in(changed(leader, group, message=untouched, **asked)) == made


def test_words_of_ones_own_are_replaced_only_after_a_question(
    leader: Browser, group: Group
) -> None:
    link, own = linked(leader, group), "Tonight at mine <3\n\n Lea "
    asked = {"section": "hinges", "question": "none", "message": own}
    reply = changed(leader, group, **asked)
    assert message_in(reply) == own
    assert "Rewrite it for this part and question, and lose your words?" in reply.content.decode()
    kept = changed(leader, group, **asked, rewrite="no")
    assert message_in(kept) == own
    assert "lose your words?" not in kept.content.decode()
    # Still their own when something else is chosen after that.
    again = leader.post(f"/groups/{group.pk}/invite/", Fields(kept.content.decode()).values)
    assert message_in(again) == own
    assert "lose your words?" in again.content.decode()
    rewritten = changed(leader, group, **asked, rewrite="yes")
    assert message_in(rewritten).startswith("Hi all! We’re reading “Hinges”.")
    assert message_in(rewritten).endswith(f"{link}/hinges")
    assert "lose your words?" not in rewritten.content.decode()


def test_an_emptied_message_is_written_again(leader: Browser, group: Group) -> None:
    linked(leader, group)
    assert message_in(changed(leader, group, message=" ")).startswith("Hi all!")
