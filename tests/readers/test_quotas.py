"""Quotas: what one address and one reader may use, and how whoever is refused is told (S11)."""

import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from devotional.groups.invitations import invite
from devotional.groups.models import Group, Membership
from devotional.lib import free_disk
from devotional.readers import quotas
from devotional.readers.models import Attempts, Reader
from devotional.reflections.models import Reflection
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
    assert not told.cookies
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
