"""Limits hold across four workers asked at once, and no header talks its way around them.

A real server, tries side by side, and counts of what was taken: never a time.
"""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from devotional.groups.joining_views import GUESSES
from devotional.groups.models import MOST_MEMBERS
from devotional.host.accounts import FOR_ONE_NAME
from devotional.readers.return_codes import new_code
from devotional.readers.views_arriving import FROM_ONE_ADDRESS
from harness.http_client import DEVOTIONAL, Device, Reply
from harness.site import Site

SIDE_BY_SIDE = 12


@pytest.fixture(params=["0", "1"], ids=["alone", "behind a proxy"])
def busy(request: pytest.FixtureRequest, own_site: Site) -> Site:
    own_site.extra = {"WORKERS": "4", "TRUSTED_PROXIES": request.param, "ADMIN_PATH": "host"}
    own_site.start()
    return own_site


def statuses(tries: int, once: Callable[[int], Reply]) -> Counter[int]:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return Counter(reply.status for reply in pool.map(once, range(tries)))


def forwarded(site: Site, number: int) -> dict[str, str]:
    """Another sender each time, as they say; behind a proxy that sees one and the same."""
    seen = ", 198.51.100.9" if site.extra["TRUSTED_PROXIES"] == "1" else ""
    return {"X-Forwarded-For": f"203.0.113.{number}{seen}"}


def fill_in(site: Site, path: str, number: int, **fields: str) -> Reply:
    device = Device(site.port)
    try:
        page = device.get(path)
        form = page.fields | fields
        return device.post(path, form, **{"HX-Request": ""}, **forwarded(site, number))
    finally:
        device.close()


def test_no_more_is_taken_than_the_limit(busy: Site) -> None:
    def invitation(number: int) -> Reply:
        device = Device(busy.port)
        try:
            said = forwarded(busy, number)
            return device.request("GET", f"/j/{number:022}", headers=said)
        finally:
            device.close()

    assert statuses(GUESSES + 15, invitation) == {404: GUESSES, 429: 15}

    codes = [new_code() for _ in range(FROM_ONE_ADDRESS + 10)]
    found = statuses(
        len(codes), lambda number: fill_in(busy, "/account/return/", number, code=codes[number])
    )
    assert found == {422: FROM_ONE_ADDRESS, 429: 10}

    found = statuses(
        FOR_ONE_NAME + 10,
        lambda number: fill_in(busy, "/host/sign-in/", number, username="sam", password="no"),
    )
    assert found == {422: FOR_ONE_NAME, 429: 10}

    # One name, five tries; allauth may refuse one too many where it had to wait, and never fewer.
    found = statuses(
        15,
        lambda number: fill_in(busy, "/account/sign-in/", number, login="sam", password="wrong"),
    )
    assert set(found) == {422, 429}
    assert 1 <= found[422] <= 5


def test_no_more_join_at_once_than_the_limit(own_site: Site) -> None:
    """The group's own limit, which its leader is one of; who comes after it waits for a word."""
    own_site.extra = {"WORKERS": "4", "TRUSTED_PROXIES": "0"}
    own_site.start()
    with closing(Device(own_site.port)) as leader:
        form = leader.get("/groups/new/").fields
        form |= {"name": "All", "first_name": "Lea", "devotional": DEVOTIONAL}
        made = leader.post("/groups/new/", form, **{"HX-Request": ""})
        assert made.status == 303, made.html
        group = re.search(r"/groups/[0-9a-f-]{36}/", made.headers["location"])
        assert group is not None
        door = re.search(r"/j/[\w-]{22}", leader.get(f"{group[0]}invite/").html)
        assert door is not None

    def join(number: int) -> str:
        reply = fill_in(own_site, door[0], number, first_name=f"N{number}")
        return reply.headers["location"]

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        led_to = Counter(pool.map(join, range(MOST_MEMBERS + 5)))
    assert led_to == {group[0]: MOST_MEMBERS - 1, "/groups/": 6}
