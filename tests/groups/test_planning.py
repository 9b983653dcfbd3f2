"""When a group meets, as its leader says it and changes it (T7)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from devotional.content.loader import current_library
from devotional.groups.access import lead_of
from devotional.groups.models import Group, Membership
from devotional.groups.planning import meet_after_all, plan, skip
from devotional.groups.schedule import schedule_of, this_week_of
from devotional.groups.schedule_forms import ChangingForm, ScheduleForm
from harness.actors import Browser
from tests.groups.factories import add, found, reader_in

TUESDAY = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
WEEKLY = {"rhythm": "7", "weekday": "3", "meets_at": "19:30", "time_zone": "Europe/London"}


def said(**fields: str) -> ScheduleForm:
    form = ScheduleForm(fields, now=TUESDAY)
    assert form.is_valid(), form.errors
    return form


def changed(group: Group, now: datetime = TUESDAY, **fields: str) -> dict[str, Any]:
    devotional = current_library().devotional(group.devotional)
    assert devotional is not None
    form = ChangingForm({**WEEKLY, **fields}, group=group, devotional=devotional, now=now)
    assert form.is_valid(), form.errors
    return form.columns()


def weekly(leader: Browser, **columns: Any) -> Group:
    """Thursdays at half past seven, from 26 November on: three of them."""
    group = found(leader)
    usual = {"rhythm": 7, "first_on": date(2026, 11, 26), "meets_at": "19:30", "section": "opening"}
    Group.objects.filter(pk=group.pk).update(**{**usual, **columns})
    group.refresh_from_db()
    return group


def days(group: Group) -> list[str]:
    group.refresh_from_db()
    devotional = current_library().devotional(group.devotional)
    return [f"{each.on:%d.%m.}" for each in schedule_of(group, devotional).meetings]


# Saying it


def test_left_alone_it_is_ones_own_pace(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    expected = {
        "rhythm": 0,
        "time_zone": "Europe/Berlin",
        "skipped": [],
        "first_on": None,
        "meets_at": None,
    }
    assert said().columns() == expected


@pytest.mark.parametrize(
    ("fields", "first_on"),
    [
        ({}, date(2026, 11, 26)),
        ({"starting": "this"}, date(2026, 11, 26)),
        ({"starting": "next"}, date(2026, 12, 3)),
        ({"starting": "next", "weekday": "0"}, date(2026, 11, 30)),
        ({"starting": "this", "weekday": "1"}, date(2026, 12, 1)),  # this evening has begun
        ({"starting": "this", "weekday": "1", "meets_at": "20:30"}, date(2026, 11, 24)),
        ({"starting": "on", "first_on": "2026-12-25"}, date(2026, 12, 31)),
        ({"starting": "this", "rhythm": "1"}, date(2026, 11, 25)),
        ({"starting": "next", "rhythm": "1"}, date(2026, 11, 30)),
        # In Auckland it is Wednesday morning.
        (
            {"weekday": "1", "meets_at": "", "time_zone": "Pacific/Auckland"},
            date(2026, 12, 1),
        ),
    ],
)
def test_where_the_first_meeting_falls(fields: dict[str, str], first_on: date) -> None:
    assert said(**{**WEEKLY, **fields}).columns()["first_on"] == first_on


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"rhythm": "3"}, "rhythm"),
        ({"weekday": "7"}, "weekday"),
        ({"meets_at": "half past"}, "meets_at"),
        ({"starting": "on"}, "first_on"),
        ({"starting": "on", "first_on": "2031-01-01"}, "first_on"),
        ({"starting": "on", "first_on": "9999-12-31"}, "first_on"),
        ({"starting": "on", "first_on": "soon"}, "first_on"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_what_cannot_be_is_asked_again(fields: dict[str, str], wrong: str) -> None:
    assert list(ScheduleForm({**WEEKLY, **fields}, now=TUESDAY).errors) == [wrong]


def test_a_group_is_made_with_its_days(guest: Browser) -> None:
    sent = guest.fields("/groups/new/") | {"name": "Thursdays", "first_name": "Lea", **WEEKLY}
    assert guest.post("/groups/new/", sent).status_code == 303
    group = Group.objects.get()
    assert (group.rhythm, group.time_zone, f"{group.meets_at:%H:%M}") == (
        7,
        "Europe/London",
        "19:30",
    )
    assert group.first_on is not None
    assert group.first_on.weekday() == 3
    wrong = guest.fields("/groups/new/") | {"name": "Two", "first_name": "Lea", "meets_at": "noon"}
    reply = guest.post("/groups/new/", wrong)
    assert reply.status_code == 422
    assert 'value="noon"' in reply.content.decode()


# Changing it


def test_another_hour_moves_no_day(leader: Browser) -> None:
    group = weekly(leader, skipped=["2026-12-03"])
    later = datetime(2026, 12, 5, tzinfo=UTC)
    columns = changed(group, later, meets_at="20:00", starting="keep", section="hinges")
    assert sorted(columns) == ["meets_at", "rhythm", "time_zone"]


def test_another_weekday_goes_on_from_where_they_are(leader: Browser) -> None:
    group = weekly(leader)
    later = datetime(2026, 11, 28, tzinfo=UTC)  # one was held
    plan(lead(leader, group), now=later, **changed(group, later, weekday="1", section="hinges"))
    assert days(group) == ["01.12.", "08.12."]
    assert group.section == "hinges"


def test_every_two_weeks_from_the_next_one(leader: Browser) -> None:
    group = weekly(leader)
    plan(lead(leader, group), now=TUESDAY, **changed(group, rhythm="14", section="opening"))
    assert days(group) == ["26.11.", "10.12.", "24.12."]


def test_at_their_own_pace_the_leader_says_where_they_are(leader: Browser) -> None:
    group = weekly(leader)
    plan(lead(leader, group), now=TUESDAY, **changed(group, rhythm="0", section="thresholds"))
    assert days(group) == []
    here = this_week_of(group, current_library().devotional("on-doors"), TUESDAY)
    assert here is not None
    assert here.id == "thresholds"


def test_a_skip_and_back(leader: Browser) -> None:
    group = weekly(leader)
    me, devotional = lead(leader, group), current_library().devotional("on-doors")
    assert devotional is not None
    for _twice in range(2):
        skip(me, date(2026, 12, 3), devotional, now=TUESDAY)
        assert days(group) == ["26.11.", "10.12.", "17.12."]
    assert group.planned_at == TUESDAY
    for other in (date(2026, 12, 4), date(2026, 11, 19)):  # no meeting is due
        skip(me, other, devotional, now=TUESDAY)
    for _twice in range(2):
        meet_after_all(me, date(2026, 12, 3), now=TUESDAY)
        assert days(group) == ["26.11.", "03.12.", "10.12."]
    assert group.skipped == []


def lead(browser: Browser, group: Group) -> Membership:
    return lead_of(reader_in(browser), group.pk)


def test_the_page_says_the_days_and_changes_them(leader: Browser) -> None:
    soon = timezone.now().date() + timedelta(days=3)
    group = weekly(leader, first_on=soon)
    path = f"/groups/{group.pk}/schedule/"
    page = leader.get(path)
    assert page.content.decode().count("Skip this date") == 3
    sent = {"day": soon.isoformat(), "meets": "no"}
    assert leader.post(f"{path}skip/", sent)["Location"] == f"{path}#moved"
    assert leader.get(path).content.decode().count("Meet on this date after all") == 1
    wrong = {**WEEKLY, "meets_at": "noon"}
    reply = leader.post(path, wrong)
    assert reply.status_code == 422
    assert 'value="noon"' in reply.content.decode()
    sent = {**WEEKLY, "rhythm": "0", "section": "hinges"}
    assert leader.post(path, sent)["Location"] == f"{path}#saved"
    assert "are now on “Hinges”" in leader.get(path).content.decode()


def test_only_the_leader_finds_it(
    leader: Browser, groupmate: Browser, other_reader: Browser, guest: Browser, stranger: Browser
) -> None:
    group = weekly(leader, name="Canary’s kitchen")
    add(group, groupmate, "Mia")
    add(group, guest, "", standing=Membership.Standing.REMOVED)
    found(other_reader, name="Elsewhere")
    before = Group.objects.values().get(pk=group.pk)
    sent = {**WEEKLY, "rhythm": "0", "day": "2026-12-03", "meets": "no"}
    planning = f"/groups/{group.pk}/schedule/"
    for browser in (groupmate, other_reader, guest, stranger):
        form = browser.fields("/groups/new/") | sent
        for reply in (
            browser.get(planning),
            browser.post(planning, form),
            browser.post(f"{planning}skip/", form),
        ):
            assert reply.status_code == 404
            assert "Canary" not in reply.content.decode()
        assert browser.get(f"{planning}skip/").status_code == 405
    assert Group.objects.values().get(pk=group.pk) == before
    shown = leader.get(planning)
    assert shown.status_code == 200
    assert "Canary" in shown.content.decode()
    assert leader.post(planning, leader.fields(planning) | sent).status_code == 303
    assert Group.objects.values().get(pk=group.pk) != before
