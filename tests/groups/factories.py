"""People who read together, made without the pages: for tests of what comes after.

    group = found(leader, groupmate=groupmate)

What joining itself does is tested where it lives, by its own pages.
"""

from datetime import timedelta

from django.utils import timezone

from devotional.groups.models import Group, Membership
from devotional.readers.guests import find_reader, give_token, make_member
from devotional.readers.models import Reader
from harness.actors import Browser


def reader_in(browser: Browser) -> Reader:
    """Who sits at `browser`; where nobody was known yet, someone who joined an hour ago."""
    known = browser.cookies.get("reader")
    reader = find_reader(known.value) if known else None
    if reader is None:
        reader = make_member()
        reader.made_at -= timedelta(hours=1)
        reader.save()
        browser.cookies["reader"] = give_token(reader)
    return reader


def found(leader: Browser, *, name: str = "Thursdays", **members: Browser) -> Group:
    """A group on the sample devotional: Lea leads, and each of `members` is one by that name."""
    group = Group.objects.create(name=name, devotional="on-doors", time_zone="Europe/London")
    add(group, leader, "Lea", is_leader=True)
    for first_name, browser in members.items():
        add(group, browser, first_name)
    return group


def add(
    group: Group,
    browser: Browser,
    name: str,
    *,
    is_leader: bool = False,
    standing: Membership.Standing = Membership.Standing.MEMBER,
) -> Membership:
    return Membership.objects.create(
        group=group,
        reader=reader_in(browser),
        name=name,
        is_leader=is_leader,
        standing=standing,
        joined_at=timezone.now(),
    )
