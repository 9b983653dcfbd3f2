"""The only way to a group's rows: each list holds its own rows, in their order, and no others."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.http import Http404
from pytest_django import DjangoAssertNumQueries

from devotional.groups.access import (
    awaited_by,
    groups_by_devotional,
    lead_of,
    members_with,
    membership_of,
    memberships_of,
    one_of,
    shares_with,
    waiting_for,
)
from devotional.groups.models import Group, Membership, Share
from devotional.readers.guests import make_member
from devotional.readers.models import Reader

MEMBER, WAITING, REMOVED = (
    Membership.Standing.MEMBER,
    Membership.Standing.WAITING,
    Membership.Standing.REMOVED,
)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db", "key_ring")


def a_group(name: str = "Thursdays", devotional: str = "on-doors") -> Group:
    return Group.objects.create(name=name, devotional=devotional, time_zone="UTC")


def joined(
    group: Group,
    reader: Reader,
    *,
    day: int = 0,
    standing: Membership.Standing = MEMBER,
    leads: bool = False,
    number: int | None = None,
) -> Membership:
    """A membership that began on that day; by `number` those of one day have an order."""
    return Membership.objects.create(
        pk=uuid.uuid4() if number is None else uuid.UUID(int=number),
        group=group,
        reader=reader,
        name=f"Day {day}",
        is_leader=leads,
        standing=standing,
        joined_at=NOON + timedelta(days=day),
    )


def shared(member: Membership, *, day: int, number: int) -> Share:
    share = Share(
        pk=uuid.UUID(int=number),
        reader=member.reader,
        group=member.group,
        membership=member,
        section="opening",
        asked="Which door?",
        shared_at=NOON + timedelta(days=day),
    )
    share.text = f"Day {day}."
    share.save()
    return share


def is_nothing(look: Callable[[], object]) -> bool:
    """Whether it is told that there is nothing, and no word tells one reason from another."""
    with pytest.raises(Http404) as caught:
        look()
    return str(caught.value) == ""


def test_for_nobody_there_is_nothing_and_no_database_is_asked(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    group = a_group()
    joined(group, make_member(), leads=True)
    with django_assert_num_queries(0):
        assert list(memberships_of(None)) == []
        assert list(awaited_by(None)) == []
        assert is_nothing(partial(membership_of, None, group.pk))
        assert is_nothing(partial(lead_of, None, group.pk))


def test_ones_groups_are_those_that_one_is_a_member_of(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """The newest first, and each with its group; those one waits for stand by themselves."""
    me, other = make_member(), make_member()
    old, new, same = a_group("Old"), a_group("New"), a_group("Same day")
    third = joined(same, me, day=1, number=2)
    mine = [joined(new, me, day=2), joined(old, me, day=1, number=1), third]
    last = joined(a_group("Early too"), me, day=3, standing=WAITING, number=4)
    waits = [
        joined(a_group("Late"), me, day=9, standing=WAITING),
        joined(a_group("Early"), me, day=3, standing=WAITING, number=3),
        last,
    ]
    joined(a_group("Left"), me, day=4, standing=REMOVED)
    joined(new, other, day=5)
    joined(old, other, day=6, standing=WAITING)
    for found, meant in ((memberships_of(me), mine), (awaited_by(me), waits)):
        with django_assert_num_queries(1):
            rows = list(found)
            names = [row.group.name for row in rows]
        assert rows == meant
        assert names == [row.group.name for row in meant]


@pytest.mark.parametrize("standing", [WAITING, REMOVED])
def test_only_who_is_a_member_now_has_a_membership(standing: Membership.Standing) -> None:
    group, elsewhere = a_group(), a_group("Elsewhere")
    lead, member, other = make_member(), make_member(), make_member()
    leads, belongs = joined(group, lead, leads=True), joined(group, member)
    joined(elsewhere, other, leads=True)
    joined(group, other, standing=standing)
    assert membership_of(lead, group.pk) == lead_of(lead, group.pk) == leads
    assert membership_of(member, group.pk) == belongs
    assert is_nothing(partial(lead_of, member, group.pk))
    for look in (membership_of, lead_of):
        assert is_nothing(partial(look, other, group.pk))
        assert is_nothing(partial(look, lead, elsewhere.pk))
        assert is_nothing(partial(look, lead, uuid.uuid4()))


def test_who_is_in_a_group_and_who_waits() -> None:
    """The leader first and then as they joined, whoever did so on one day by their ids."""
    group, elsewhere = a_group(), a_group("Elsewhere")
    late = joined(group, make_member(), day=5)
    lead = joined(group, make_member(), day=3, leads=True)
    second = joined(group, make_member(), day=1, number=2)
    first = joined(group, make_member(), day=1, number=1)
    last = joined(group, make_member(), day=7, standing=WAITING)
    after = joined(group, make_member(), day=6, standing=WAITING, number=4)
    before = joined(group, make_member(), day=6, standing=WAITING, number=3)
    joined(group, make_member(), standing=REMOVED)
    joined(elsewhere, make_member(), leads=True)
    joined(elsewhere, make_member(), standing=WAITING)
    assert list(members_with(second)) == [lead, first, second, late]
    assert list(waiting_for(lead)) == [before, after, last]


def test_one_of_them_comes_with_the_group_and_none_from_elsewhere(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    group = a_group()
    lead, member = joined(group, make_member(), leads=True), joined(group, make_member())
    other = joined(a_group("Elsewhere"), make_member())
    rows = members_with(lead)
    with django_assert_num_queries(1):
        found = one_of(rows, member.pk)
        assert (found, found.group.name) == (member, "Thursdays")
    for id_ in (other.pk, uuid.uuid4()):
        assert is_nothing(partial(one_of, rows, id_))


def test_what_was_shared_stands_the_newest_first_with_who_did(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    group = a_group()
    lead, member = joined(group, make_member(), leads=True), joined(group, make_member(), day=1)
    other = joined(a_group("Elsewhere"), make_member())
    old, new = shared(lead, day=1, number=9), shared(member, day=3, number=1)
    twins = [shared(member, day=2, number=number) for number in (4, 5)]
    shared(other, day=4, number=8)
    with django_assert_num_queries(1):
        shares = list(shares_with(lead))
        names = [share.membership.name for share in shares]
    assert shares == [new, twins[1], twins[0], old]
    assert names == ["Day 1", "Day 1", "Day 1", "Day 0"]


@pytest.mark.parametrize("number", [1, 3])
def test_ones_own_groups_by_what_they_read_cost_one_query(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """For pages that offer to share: nothing where one waits, was removed or never was."""
    me, other = make_member(), make_member()
    mine = [a_group(f"Mine {day}") for day in range(number)]
    for day, group in enumerate(mine):
        joined(group, me, day=day)
    elsewhere = a_group("Elsewhere", "on-windows")
    joined(elsewhere, me)
    for standing in (WAITING, REMOVED):
        joined(a_group(str(standing)), me, standing=standing)
    joined(a_group("The canary's"), other)
    with django_assert_num_queries(1):
        found = groups_by_devotional(me)
    assert found == {"on-doors": mine[::-1], "on-windows": [elsewhere]}
    assert groups_by_devotional(make_member()) == {}
