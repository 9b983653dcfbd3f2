"""The group's page: the same for its leader and its members, and nothing for anyone else (T6)."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from devotional.groups.models import Group, Membership, ReadIt, Share
from harness.actors import Browser
from tests.groups.factories import add, found
from tests.groups.test_receivers import share

REMOVED, WAITING = Membership.Standing.REMOVED, Membership.Standing.WAITING


def page(browser: Browser, group: Group, query: str = "") -> str:
    response = browser.get(f"/groups/{group.pk}/{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def common(html: str) -> str:
    """The main part without what only one person may do there."""
    main = html[html.index("<main") : html.index("</main>")]
    for own in (
        r'<p class="act leading-ways">.*?</p>',
        r'<p class="ways for-leading">.*?</p>',
        r'<form method="post" .*?</form>',
        r'<p class="ways own-way">.*?</p>',
        r'<details class="own-ways">.*?</details>',
    ):
        main = re.sub(own, "", main, flags=re.DOTALL)
    return main


def say(browser: Browser, group: Group, read: str, section: str = "opening") -> Any:
    fields = browser.fields(f"/groups/{group.pk}/") | {"read": read, "section": section}
    return browser.post(f"/groups/{group.pk}/read/", fields)


def test_leader_and_members_see_the_same(
    leader: Browser, groupmate: Browser, reader: Browser
) -> None:
    group = found(leader, groupmate=groupmate, Tom=reader)
    share(leader, group, "Words of the leader.")
    share(groupmate, group, "Words of a member.")
    say(groupmate, group, "yes")
    pages = {common(page(browser, group)) for browser in (leader, groupmate, reader)}
    assert len(pages) == 1
    (same,) = pages
    for words in (
        "Thursdays",
        "On Doors",
        "Words of the leader.",
        "Words of a member.",
        "Which door?",
        "<bdi>Lea</bdi>, who leads the group, sees no more of what you wrote than this.",
        "Tom",
    ):
        assert words in same


def test_what_a_member_wrote_is_not_there(leader: Browser, reader: Browser) -> None:
    group = found(leader, Tom=reader)
    assert reader.texts()["before"] == "The canary of the first reader."
    for browser in (leader, reader):
        assert "canary" not in page(browser, group)


def test_for_everyone_else_there_is_nothing(
    leader: Browser,
    groupmate: Browser,
    reader: Browser,
    other_reader: Browser,
    guest: Browser,
    stranger: Browser,
) -> None:
    group = found(leader, name="The canary's group", groupmate=groupmate)
    share(groupmate, group, "A canary sings.")
    found(other_reader, name="Another")  # leads, but not this group
    add(group, reader, "", standing=REMOVED)
    add(group, guest, "Wim", standing=WAITING)
    member = Membership.objects.get(name="groupmate")
    at = f"/groups/{group.pk}/"
    # What is answered to each: by GET, and by POST to who is known and to a stranger.
    ways = {
        at: (404, 405, 405),
        f"{at}read/": (405, 404, 404),
        f"{at}leave/": (404, 303, 404),  # who has gone is led on
        f"{at}lead/": (404, 404, 404),
        f"{at}delete/": (404, 303, 404),
        f"{at}members/{member.pk}/": (404, 404, 404),
        f"{at}members/{member.pk}/remove/": (404, 404, 404),
        f"{at}members/{member.pk}/hand-over/": (404, 404, 404),
        f"{at}waiting/{member.pk}/": (404, 404, 404),
    }
    before = list(Membership.objects.order_by("pk").values())
    assert "A canary sings." in page(groupmate, group)
    for browser in (reader, other_reader, stranger, guest):
        sent = browser.fields("/groups/new/") | {"first_name": "Eve", "read": "yes"}
        for way, (shown, done, done_by_a_stranger) in ways.items():
            if browser is guest and way.endswith("/leave/"):
                continue  # who waits may stop waiting
            got, posted = browser.get(way), browser.post(way, sent)
            assert got.status_code == shown, way
            assert posted.status_code == (done_by_a_stranger if browser is stranger else done), way
            for answer in (got, posted):
                assert "canary" not in answer.content.decode()
    assert list(Membership.objects.order_by("pk").values()) == before
    assert Share.objects.count() == 1
    for way, (status, _, _) in ways.items():
        if status == 404 and "/waiting/" not in way:  # nobody waits by that id
            assert leader.get(way).status_code == 200, way


@pytest.mark.parametrize("only_leads", [True, False])
def test_a_member_does_nothing_that_the_leader_may(
    only_leads: bool, leader: Browser, groupmate: Browser, reader: Browser
) -> None:
    """A leader's rights end at their own group, and a member's at their own name."""
    group = found(leader, groupmate=groupmate, Tom=reader)
    if only_leads:
        found(groupmate, name="Another")
    tom = Membership.objects.get(name="Tom")
    at = f"/groups/{group.pk}/"
    for way in (
        f"{at}lead/",
        f"{at}members/{tom.pk}/",
        f"{at}members/{tom.pk}/remove/",
        f"{at}members/{tom.pk}/hand-over/",
        f"{at}waiting/{tom.pk}/",
    ):
        sent = {"first_name": "Eve", "name": "Eve", "limit": "1"}
        assert groupmate.get(way).status_code == 404
        assert groupmate.post(way, sent).status_code == 404
        assert leader.get(way).status_code == (404 if "waiting" in way else 200)
    led_on = groupmate.post(f"{at}delete/")
    assert (led_on.status_code, led_on["Location"]) == (303, "/groups/")
    group.refresh_from_db()
    assert group.name == "Thursdays"
    assert Membership.objects.get(pk=tom.pk).name == "Tom"


def test_ids_of_another_group_open_nothing(
    leader: Browser,
    groupmate: Browser,
    other_reader: Browser,
    new_browser: Callable[[], Browser],
) -> None:
    mine, theirs = found(leader, groupmate=groupmate), found(other_reader, name="Theirs")
    add(theirs, new_browser(), "Tom")
    own, other = (Membership.objects.get(name=name) for name in ("groupmate", "Tom"))
    sent = leader.fields(f"/groups/{mine.pk}/") | {"first_name": "Eve"}
    # By POST one is led on where there is nothing to remove, as where a form is sent twice.
    for way, done in (("", 404), ("remove/", 303), ("hand-over/", 404)):
        path = f"/groups/{mine.pk}/members/{other.pk}/{way}"
        assert leader.get(path).status_code == 404
        assert leader.post(path, sent).status_code == done
        assert leader.get(f"/groups/{mine.pk}/members/{own.pk}/{way}").status_code == 200
        path = f"/groups/{theirs.pk}/members/{other.pk}/{way}"
        assert other_reader.get(path).status_code == 200
    assert Membership.objects.get(pk=other.pk).name == "Tom"


def test_names_and_words_are_plain_text(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, name="<b>&", groupmate=groupmate)
    share(groupmate, group, '<a hx-get="/x" onclick=x>')
    Membership.objects.filter(name="groupmate").update(name="<i>Mia")
    html = page(leader, group)
    assert "<bdi>&lt;b&gt;&amp;</bdi>" in html
    assert "&lt;i&gt;Mia" in html
    assert "hx-disable>&lt;a hx-get=&quot;/x&quot; onclick=x&gt;</div>" in html


def test_one_takes_back_one_s_own_alone(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    own, other = share(groupmate, group), share(leader, group)
    html = page(groupmate, group)
    assert f"/share/take-back/{own.pk}/" in html
    assert f"/share/take-back/{other.pk}/" not in html


def test_long_words_are_folded_and_whole(leader: Browser) -> None:
    group = found(leader)
    share(leader, group, "Short.")
    assert "Read on" not in page(leader, group)
    share(leader, group, "It was raining. " * 100 + "The end of it.")
    html = page(leader, group)
    assert "Read on" in html
    assert "The end of it." in html


def test_the_last_section_comes_first_and_then_the_newest(leader: Browser) -> None:
    group = found(leader)
    for words, section in (("One", "opening"), ("Two", "hinges"), ("Three", "opening")):
        Share.objects.filter(pk=share(leader, group, f"{words}.").pk).update(section=section)
    Share.objects.filter(pk=share(leader, group, "Four.").pk).update(section="gone-by-now")
    html = page(leader, group)
    assert re.findall(r"hx-disable>(\w+)\.", html) == ["Two", "Three", "One", "Four"]
    assert re.findall(r'<h3 id="on-[^>]*>([^<]*)<', html) == ["Hinges", "On Doors", "Gone by now"]


def test_many_shares_are_on_pages(leader: Browser) -> None:
    group = found(leader)
    for number in range(25):
        share(leader, group, f"Line {number:02}.")
    first = re.findall(r"Line \d\d", page(leader, group))
    rest = re.findall(r"Line \d\d", page(leader, group, "?start=20"))
    assert first + rest == [f"Line {number:02}" for number in reversed(range(25))]
    assert 'href="?start=20#shared"' in page(leader, group)
    assert leader.get(f"/groups/{group.pk}/?start=x").status_code == 404


def test_long_ones_make_shorter_pages(leader: Browser) -> None:
    group = found(leader)
    for number in range(3):
        share(leader, group, f"Line {number}. " + "x" * 50_000)
    assert re.findall(r"Line \d", page(leader, group)) == ["Line 2"]
    assert re.findall(r"Line \d", page(leader, group, "?start=1")) == ["Line 1"]


def test_a_share_that_does_not_open_costs_its_line(leader: Browser) -> None:
    group = found(leader)
    share(leader, group, "The one that opens.")
    shut = share(leader, group, "Shut.")
    other = share(leader, group, "Sealed for another row.")
    Share.objects.filter(pk=shut.pk).update(sealed=bytes(other.sealed))
    html = page(leader, group)
    assert "The one that opens." in html
    assert html.count("can’t be opened") == 1
    assert f"/share/take-back/{shut.pk}/" in html


# "I've read it"


def test_i_ve_read_it_is_one_s_own_word(
    leader: Browser, groupmate: Browser, other_reader: Browser
) -> None:
    group = found(leader, groupmate=groupmate)
    add(group, other_reader, "<b>Tom")
    assert "read it." not in page(leader, group)
    for _twice in range(2):
        assert say(groupmate, group, "yes").status_code == 303
    assert ReadIt.objects.count() == 1
    assert '<p class="then"><bdi>groupmate</bdi> has read it.</p>' in page(leader, group)
    assert "You’ve read it" in page(groupmate, group)
    assert "You’ve read it" not in page(leader, group)
    say(other_reader, group, "yes")
    both = "<bdi>groupmate</bdi> and <bdi>&lt;b&gt;Tom</bdi> have read it."
    assert both in page(leader, group)
    for browser in (groupmate, other_reader) * 2:
        say(browser, group, "no")
    assert "read it." not in page(leader, group)


@pytest.mark.parametrize(("read", "section"), [("yes", "no-such"), ("perhaps", "opening")])
def test_nothing_else_is_said(read: str, section: str, leader: Browser) -> None:
    group = found(leader)
    assert say(leader, group, read, section).status_code == 303
    assert not ReadIt.objects.exists()


# What is next


def test_an_hour_says_whose_it_is(leader: Browser, groupmate: Browser) -> None:
    """Nobody knows from where a member looks; and each sees it as they write it (T7)."""
    group = found(leader, groupmate=groupmate)
    soon = timezone.now().date() + timedelta(days=2)
    Group.objects.update(
        rhythm=7, first_on=soon, meets_at=time(19, 30), time_zone="America/New_York"
    )
    day = f"{soon:%A} {soon.day} {soon:%B}"
    html = page(groupmate, group)
    assert f'Next: {day}, 19:30 <span class="zone">New York time<' in html
    at = datetime.combine(soon, time(19, 30), ZoneInfo("America/New_York")).isoformat()
    assert f'data-meets="{at}" data-zone="America/New_York"' in html
    assert f"Next: {day}, 19:30 <" in groupmate.get("/groups/").content.decode()
    american = groupmate.get(f"/groups/{group.pk}/", headers={"accept-language": "en-US,en;q=0.9"})
    assert f"Next: {soon:%A}, {soon:%B} {soon.day}, 7:30 pm <" in american.content.decode()
    Group.objects.update(meets_at=None)
    assert "New York" not in page(groupmate, group)
    assert f'<p class="next">Next: {day}\n</p>' in page(groupmate, group)


def test_tools_for_leading_are_the_leaders(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    tools = ("Invite people", "Manage", "For leading this week:", "Meeting mode")
    assert [words for words in tools if words not in page(leader, group)] == []
    assert [words for words in tools if words in page(groupmate, group)] == []


# Costs


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_five_queries_and_the_leader_s_one_more(
    number: int,
    leader: Browser,
    groupmate: Browser,
    new_browser: Any,
    django_assert_num_queries: Any,
) -> None:
    group = found(leader, groupmate=groupmate)
    for each in range(number):
        mate = new_browser()
        add(group, mate, f"Mate {each}")
        share(mate, group)
        say(mate, group, "yes")
    with django_assert_num_queries(5):
        page(groupmate, group)
    with django_assert_num_queries(6):
        page(leader, group)


# The panel and the cover


def test_an_answer_can_be_shared_with_the_groups_that_read_this(
    leader: Browser, groupmate: Browser, stranger: Browser
) -> None:
    found(leader, groupmate=groupmate)
    words = "Share with <bdi>Thursdays</bdi>"
    at = "/reflect/on-doors/opening/panel/"
    for browser in (leader, groupmate):
        assert words in browser.write("opening", before="Words.").content.decode()
        assert words in browser.get(at).content.decode()
    assert "Thursdays" not in stranger.write("opening", before="Words.").content.decode()
    assert "Thursdays" not in stranger.get(at).content.decode()


def test_the_cover_s_line_is_for_members_alone(
    leader: Browser, groupmate: Browser, other_reader: Browser, stranger: Browser
) -> None:
    group = found(leader, groupmate=groupmate)
    found(leader, name="Elsewhere")
    Group.objects.filter(name="Elsewhere").update(devotional="on-windows")
    add(group, other_reader, "", standing=REMOVED)
    line = groupmate.get("/groups/of/on-doors/")
    assert "no-store" in line["Cache-Control"]
    assert f'<a href="/groups/{group.pk}/"><bdi>Thursdays</bdi></a>' in line.content.decode()
    assert "Elsewhere" not in leader.get("/groups/of/on-doors/").content.decode()
    for browser in (other_reader, stranger):
        assert browser.get("/groups/of/on-doors/").content.decode().strip() == ""


def test_the_cover_is_the_same_for_everyone(leader: Browser, stranger: Browser) -> None:
    found(leader)
    cover = leader.get("/read/on-doors/").content
    assert cover == stranger.get("/read/on-doors/").content
    assert b'href="/groups/new/?of=on-doors"' in cover
    assert b"Thursdays" not in cover


def test_a_group_whose_text_is_gone_keeps_its_page(leader: Browser) -> None:
    group = found(leader)
    Group.objects.update(devotional="on-windows")
    share(leader, group, "Still here.")
    html = page(leader, group)
    assert "no longer available" in html
    assert "Still here." in html
    assert leader.get("/groups/").status_code == 200
