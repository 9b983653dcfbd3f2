"""Invitations: found by their token alone, shown to the leader, ended at once (T4, B12)."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from devotional.groups.invitations import (
    close_link,
    find_invitation,
    invitation_of,
    invite,
    is_open,
    link_of,
    path_of,
)
from devotional.groups.models import Group, Invitation, Membership
from devotional.groups.tokens import new_token
from devotional.readers.models import Attempts, Reader
from harness.actors import Browser
from harness.databases import kept_rows
from tests.groups.factories import found


@pytest.fixture
def lead(leader: Browser) -> Membership:
    return Membership.objects.get(group=found(leader))


def token_of(invitation: Invitation) -> str:
    return invitation.text


def past(invitation: Invitation, days: int) -> None:
    for name in ("open_until", "good_until"):
        setattr(invitation, name, getattr(invitation, name) - timedelta(days=days))
    invitation.save()


def test_a_token_is_128_random_bits_and_lies_nowhere_in_the_clear(lead: Membership) -> None:
    token = token_of(invite(lead))
    assert len(token) == 22  # 128 bits, six to a letter
    assert token != token_of(invite(lead))
    invitation = invite(lead)
    stored = kept_rows(connection).decode()
    assert invitation.digest in stored
    assert token_of(invitation) not in stored
    assert token_of(invitation).encode().hex() not in stored.lower()


def test_it_leads_to_its_group_and_its_leader_sees_it_again(
    lead: Membership, settings: Settings
) -> None:
    invitation = invite(lead)
    link = link_of(invitation)
    assert link == f"{settings.SITE_URL}/j/{token_of(invitation)}"
    found_again = find_invitation(token_of(invitation))
    assert found_again is not None
    assert found_again.group_id == lead.group_id
    assert invitation_of(lead) == invitation


def test_a_key_that_is_lost_costs_the_link_and_no_page(
    lead: Membership, key_ring: Any, settings: Settings
) -> None:
    from devotional.lib.encryption import ensure_key_ring

    invitation = invite(lead)
    settings.KEY_RING = key_ring.with_name("another")
    ensure_key_ring(settings.KEY_RING)
    assert link_of(invitation) is None


def test_a_link_may_name_the_part_that_it_is_about(lead: Membership, stranger: Browser) -> None:
    """*Start reading* leads there; without a part, or one that is gone, to this week's (T2)."""
    Group.objects.update(section="hinges")
    token = token_of(invite(lead))
    for path, part in (
        (f"/j/{token}", "hinges"),
        (f"/j/{token}/", "hinges"),
        (f"/j/{token}/thresholds", "thresholds"),
        (f"/j/{token}/thresholds/", "thresholds"),
        (f"/j/{token}/no-such", "hinges"),
        (f"/j/{token}/a/b?c#d", "hinges"),
    ):
        html = stranger.get(path).content.decode()
        assert f'<a class="button" href="/read/on-doors/{part}/">Start reading</a>' in html
    assert path_of(token, part="hinges") == f"/j/{token}/hinges"
    sent = stranger.fields(f"/j/{token}/thresholds") | {"first_name": "Mia"}
    assert stranger.post(f"/j/{token}/thresholds", sent).status_code == 303
    member = stranger.get(f"/j/{token}/thresholds").content.decode()
    assert 'href="/read/on-doors/thresholds/">Start reading</a>' in member


def test_one_link_a_group_and_a_reset_kills_the_old_one_at_once(lead: Membership) -> None:
    old = token_of(invite(lead))
    new = token_of(invite(lead))
    assert find_invitation(old) is None
    assert find_invitation(new) is not None
    assert Invitation.objects.count() == 1
    close_link(lead)
    close_link(lead)
    assert find_invitation(new) is None
    assert invitation_of(lead) is None


def test_it_is_open_for_14_days_and_known_for_90(lead: Membership) -> None:
    invitation = invite(lead)
    token = token_of(invitation)
    assert is_open(invitation)
    past(invitation, 14)
    assert not is_open(invitation)
    assert find_invitation(token) is not None
    past(invitation, 76)
    assert find_invitation(token) is None
    assert invitation_of(lead) is None


# What a stranger learns


def answer(browser: Browser, path: str) -> tuple[Any, ...]:
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(path)
    asked = [query["sql"].split()[0] for query in queries]
    return response.status_code, response.content, sorted(response.headers.items()), asked


def test_unknown_expired_reset_and_malformed_are_the_same(
    lead: Membership, new_browser: Callable[[], Browser]
) -> None:
    reset = path_of(token_of(invite(lead)))
    invitation = invite(lead)
    expired = path_of(token_of(invitation))
    past(invitation, 90)
    standing = path_of(token_of(invite(lead_elsewhere(new_browser()))))
    unknown, odd = path_of(new_token()), "/j/%00%F0%9F%9A%AA/../x%0Ay"
    answer(new_browser(), unknown)  # the first of an address begins to count
    answers = [answer(new_browser(), path) for path in (unknown, expired, reset, odd)]
    assert answers[0][0] == 404
    assert answers[1:] == answers[:1] * 3
    assert answer(new_browser(), standing)[0] == 200


def lead_elsewhere(browser: Browser) -> Membership:
    """Who leads another group, whose link still stands."""
    return Membership.objects.get(group=found(browser, name="Elsewhere"))


def test_many_guesses_are_told_to_wait_and_a_good_link_never(
    lead: Membership, stranger: Browser, groupmate: Browser
) -> None:
    path = path_of(token_of(invite(lead)))
    statuses = [stranger.get(path_of(new_token())).status_code for _ in range(22)]
    assert statuses == [404] * 20 + [429] * 2
    assert stranger.get(path).status_code == 200
    # From another address nothing was tried.
    elsewhere = groupmate.get(path_of(new_token()), REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 404
    assert "192.0.2.7" not in str(list(Attempts.objects.values()))


BOTS = [
    "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",  # as iMessage calls itself
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; bingbot/2.0)",
]


@pytest.mark.parametrize("agent", BOTS)
def test_a_bots_visit_changes_nothing_and_names_nobody(
    agent: str, lead: Membership, stranger: Browser
) -> None:
    path = path_of(token_of(invite(lead)))
    Group.objects.update(name="Grace Chapel youth")
    people, attempts = Reader.objects.count(), Attempts.objects.count()
    for ask in (stranger.head, stranger.get):
        with CaptureQueriesContext(connection) as queries:
            response = ask(path, headers={"user-agent": agent})
        assert response.status_code == 200
        assert not response.cookies
        assert [q["sql"].split()[0] for q in queries] == ["SELECT"] * 4
    head, body = response.content.decode().split("</head>")
    for name in ("Grace Chapel", "youth", "Lea"):
        assert name not in head
    assert "Grace Chapel youth" in body
    assert 'property="og:title" content="On Doors"' in head
    assert "og:url" not in head
    assert path not in head
    assert Reader.objects.count() == people
    assert Attempts.objects.count() == attempts
    assert Session.objects.count() == 0
    assert Membership.objects.count() == 1


def test_the_door_is_kept_by_nobody_and_told_to_nobody(lead: Membership, stranger: Browser) -> None:
    for path in (path_of(token_of(invite(lead))), path_of(new_token())):
        response = stranger.get(path)
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["Cache-Control"] == "no-store, private"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert b'name="robots" content="noindex, nofollow"' in response.content
        assert b"htmx" not in response.content.split(b'name="htmx-config"')[0]
        assert b"htmx.min.js" not in response.content


def test_no_log_has_a_token(
    lead: Membership, stranger: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    from devotional.lib.log_lines import PlainFormatter
    from devotional.lib.reporting import PrivateRecords

    caplog.set_level(logging.DEBUG)
    tokens = [token_of(invite(lead)), new_token()]
    for token in tokens:
        stranger.get(path_of(token))
        stranger.post(path_of(token), {}, headers={"origin": "https://elsewhere.example"})
        stranger.put(path_of(token))
    filtered = [(record, PrivateRecords().filter(record)) for record in caplog.records]
    kept = [record if keep is True else keep for record, keep in filtered if keep]
    lines = [PlainFormatter().format(r) for r in kept if isinstance(r, logging.LogRecord)]
    assert len([line for line in lines if "405 PUT /j/" in line]) == len(tokens)
    assert [line for line in lines if any(token in line for token in tokens)] == []


NEAR = {
    "another last letter": lambda token, row: token[:-1] + ("A" if token[-1] != "A" else "Q"),
    "another first letter": lambda token, row: ("B" if token[0] != "B" else "C") + token[1:],
    "its letters the other way": lambda token, row: token[::-1],
    "large and small letters exchanged": lambda token, row: token.swapcase(),
    "cut short": lambda token, row: token[:-1],
    "only its beginning": lambda token, row: token[:4],
    "made longer": lambda token, row: token + "A",
    "with a space": lambda token, row: f"{token} ",
    "every token": lambda token, row: "%",
    "none": lambda token, row: "",
    "what is stored of it": lambda token, row: row.digest,
    "the invitation's id": lambda token, row: str(row.pk),
    "the group's id": lambda token, row: str(row.group_id),
}


@pytest.mark.parametrize("near", NEAR.values(), ids=NEAR)
def test_what_is_nearly_a_token_finds_nothing(
    near: Callable[[str, Invitation], str], lead: Membership
) -> None:
    """B12 asks 10,000 random ones; these are the ones that a wrong comparison would let in."""
    invitation = invite(lead)
    token = token_of(invitation)
    guessed = near(token, invitation)
    assert guessed != token
    assert find_invitation(guessed) is None
    assert find_invitation(token) == invitation


def test_expiry_is_looked_at_when_joining_too(lead: Membership, stranger: Browser) -> None:
    invitation = invite(lead)
    sent = stranger.fields(path := path_of(token_of(invitation)))
    assert stranger.get(path).status_code == 200
    past(invitation, 90)
    assert stranger.post(path, sent | {"first_name": "Mia"}).status_code == 404
    assert Membership.objects.count() == 1
    assert timezone.now() > invitation.good_until
