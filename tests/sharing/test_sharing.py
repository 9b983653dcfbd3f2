"""Words brought to a group: chosen, looked at, copied, and nothing else ever (T5)."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.groups.models import Group, Membership, Share
from devotional.readers.merging import merge
from devotional.reflections.models import Reflection
from devotional.sharing import actions
from devotional.sharing.actions import NotThere, NotYourWords, share
from devotional.sharing.models import Origin
from harness.actors import FORGED, Browser
from harness.html_forms import Fields
from tests.groups.factories import add, found, reader_in
from tests.reflections.helpers import plain, the_reader
from tests.sharing.actions import (
    CANARY,
    bring,
    copies,
    forged,
    mine,
    page_of,
    preview,
    share_of,
    stand,
)

TEXT = "I waited all year. I will call my brother on Thursday.\nIf he hangs up, I will have called."
QUOTE = "I will call my brother on Thursday."
ODD = "\u202eשלום\u202c  👩‍👩‍👧‍👦 e\u0301t\u00e9!\n\n  « Oui. »\t“<b>&amp;</b>” \U0001f985 end \n"


@pytest.fixture
def group(leader: Browser, groupmate: Browser, reader: Browser) -> Group:
    """Thursdays, of whom Ruth wrote."""
    made = found(leader, groupmate=groupmate)
    add(made, reader, "Ruth")
    reader.write("opening", before=TEXT)
    return made


def me(group: Group) -> Membership:
    return Membership.objects.by(the_reader()).get(group=group)


def seen(html: str) -> str:
    """What a page shows of a copy, letter for letter, without what one may do with it."""
    found = re.search(r'<article class="shared[^>]*>(.*?)</article>', html, re.DOTALL)
    assert found
    shown = re.sub(r' id="by-[^"]*"|<p class="ways.*?</p>|<time.*?</time>', "", found[1])
    return re.sub(r">\s+<", "><", shown).strip()


# Choosing and looking


def test_a_selection_is_shown_as_the_very_copy(reader: Browser, group: Group) -> None:
    answer = preview(reader, mine(), QUOTE)
    html = answer.content.decode()
    assert (answer.status_code, copies(html)) == (200, [QUOTE])
    said = plain(html)
    assert "Nothing is shared yet Share this with Thursdays?" in said
    assert f"Which door is before you? {QUOTE} — Ruth, {timezone.localtime():%-d %B}" in said
    assert (
        "Everyone in Thursdays, including people who join later, can read this until you take it "
        "back. Later changes to your answer won’t show here."
    ) in said
    assert re.findall(r'href="([^"]*)">Cancel<', html) == ["/read/on-doors/opening/#reflect"]
    assert "I waited all year" not in html
    assert stand(group) == []


def test_what_was_looked_at_is_what_is_brought(reader: Browser, group: Group) -> None:
    answer = bring(reader, mine(), QUOTE)
    copy = Share.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/groups/{group.pk}/#share-{copy.pk}"
    assert stand(group) == [QUOTE]
    assert (copy.membership, copy.section, copy.asked) == (
        me(group),
        "opening",
        "Which door is before you?",
    )
    assert Origin.objects.get().reflection == mine()


def test_members_see_exactly_what_was_looked_at(
    reader: Browser, group: Group, groupmate: Browser, leader: Browser
) -> None:
    """Each of them the very same, and no word more; a stranger and another group see none."""
    looked_at = seen(preview(reader, mine(), QUOTE).content.decode())
    page = bring(reader, mine(), QUOTE)["Location"].partition("#")[0]
    for browser in (reader, groupmate, leader):
        html = browser.get(page).content.decode()
        assert seen(html) == looked_at
        assert copies(html) == [QUOTE]
        assert "I waited all year" not in html


def test_sentences_are_ticked_without_a_script(reader: Browser, group: Group) -> None:
    html = reader.get(page_of(mine())).content.decode()
    assert html.count('name="piece"') == 3
    sent: dict[str, Any] = dict(Fields(html).values)
    shown = reader.post(page_of(mine()), sent | {"piece": ["1", "2"]}).content.decode()
    words = TEXT.partition(" year. ")[2]
    assert copies(shown) == [words]
    assert Fields(shown).values["words"] == words


def test_all_of_it_is_taken_letter_for_letter(reader: Browser, group: Group) -> None:
    reader.write("opening", before=ODD)
    shown = preview(reader, mine()).content.decode()
    assert copies(shown) == [ODD]
    assert "<b>&" not in shown
    # A browser sends newlines in forms as CRLF.
    sent = Fields(shown).values
    crlf = sent | {"words": sent["words"].replace("\n", "\r\n")}
    assert reader.post(f"{page_of(mine())}bring/", crlf).status_code == 303
    assert stand(group) == [ODD]
    assert copies(reader.get("/share/").content.decode()) == [ODD]


@pytest.mark.parametrize("text", ["x" * 100_000, "Yes.\n" * 20_000, "👩‍👩‍👧‍👦" * 4000])
def test_the_longest_texts(reader: Browser, group: Group, text: str) -> None:
    reader.write("opening", before=text)
    assert bring(reader, mine()).status_code == 303
    assert stand(group) == [text]


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": "", "at": ""},
        {"quote": "Not mine.", "at": "0"},
        {"quote": " ", "at": "18"},
        {"at": "1"},
        {"at": "x"},
        {"piece": "99", "quote": ""},
        {"group": ""},
        {"group": "x"},
        {"group": str(uuid.uuid4())},
    ],
)
def test_what_is_not_in_the_text_is_not_even_shown(
    reader: Browser, group: Group, wrong: dict[str, str]
) -> None:
    answer = preview(reader, mine(), QUOTE, **wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert stand(group) == []


def test_an_edit_elsewhere_is_told_before_the_look_and_after(reader: Browser, group: Group) -> None:
    chosen = Fields(reader.get(page_of(mine())).content.decode()).values
    shown = Fields(preview(reader, mine(), QUOTE).content.decode()).values
    reader.write("opening", before="I did not call him.")
    told = "You have written here since you opened this page, so nothing was shared with the group."
    for path, sent in ((page_of(mine()), chosen), (f"{page_of(mine())}bring/", shown)):
        answer = reader.post(path, sent | {"whole": "yes"})
        assert answer.status_code == 409
        assert told in plain(answer.content.decode())
        assert "I did not call him." in answer.content.decode()
    assert stand(group) == []


def test_words_that_moved_are_brought_as_they_were_looked_at(reader: Browser, group: Group) -> None:
    shown = Fields(preview(reader, mine(), QUOTE).content.decode()).values
    reader.write("opening", before=f"It is November. {TEXT}")
    assert reader.post(f"{page_of(mine())}bring/", shown).status_code == 303
    assert stand(group) == [QUOTE]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("", 409),
        (" \n", 409),
        ("Words of the other reader.", 409),
        (f"{QUOTE}!", 409),
        ("x" * 100_001, 422),
    ],
)
def test_nothing_else_is_ever_put_there_in_the_readers_name(
    reader: Browser, other_reader: Browser, group: Group, words: str, status: int
) -> None:
    reader.get(page_of(mine()))
    answer = reader.post(f"{page_of(mine())}bring/", forged(reader, group, words))
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()
    assert Share.objects.count() == 0
    reader.post(f"{page_of(mine())}bring/", forged(reader, group, QUOTE))
    assert stand(group) == [QUOTE]


def test_a_later_edit_does_not_follow(reader: Browser, group: Group) -> None:
    bring(reader, mine(), QUOTE)
    reader.write("opening", before="I did not call him.")
    assert stand(group) == [QUOTE]


def test_sent_twice_it_stands_once(reader: Browser, group: Group) -> None:
    places = {bring(reader, mine(), QUOTE)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert stand(group) == [QUOTE]
    bring(reader, mine())
    assert stand(group) == [QUOTE, TEXT]
    copy = Share.objects.get(pk=next(iter(places)).partition("#share-")[2])
    assert actions.take_back(the_reader(), copy.pk)
    bring(reader, mine(), QUOTE)
    assert stand(group) == [TEXT, QUOTE]
    # Never by an id that was taken back: that would go again at the next start.
    assert not Share.objects.filter(pk=copy.pk).exists()


def test_only_so_many_from_one_reflection(
    reader: Browser, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST", 1)
    bring(reader, mine(), QUOTE)
    answer = bring(reader, mine(), "all year")
    assert answer.status_code == 422
    assert "You’ve shared as much from this answer as a group can hold." in plain(
        answer.content.decode()
    )
    assert stand(group) == [QUOTE]


# Which group


def test_only_groups_that_read_this_are_offered(reader: Browser, group: Group) -> None:
    second = found(reader, name="Sundays")
    elsewhere = Group.objects.create(name="Elsewhere", devotional="other", time_zone="UTC")
    add(elsewhere, reader, "Ruth")
    html = reader.get(page_of(mine())).content.decode()
    assert re.findall(r'name="group" value="([^"]+)"( checked)?', html) == [
        (str(second.pk), " checked"),
        (str(group.pk), ""),
    ]
    assert "Elsewhere" not in html
    # By a link that names one, only the words are left to choose.
    for one in (group, second):
        html = reader.get(f"{page_of(mine())}?group={one.pk}").content.decode()
        assert re.findall(r'type="(\w+)" name="group" value="([^"]+)"', html) == [
            ("hidden", str(one.pk))
        ]
        assert f"share with {one.name}?" in plain(html)
    html = reader.get(f"{page_of(mine())}?group={elsewhere.pk}").content.decode()
    assert html.count('type="radio" name="group"') == 2
    assert preview(reader, mine(), QUOTE, group=str(elsewhere.pk)).status_code == 422
    shown = preview(reader, mine(), QUOTE, group=str(group.pk))
    assert "Share this with Thursdays?" in plain(shown.content.decode())
    bring(reader, mine(), QUOTE, group=str(group.pk))
    assert (stand(group), stand(second)) == ([QUOTE], [])
    with pytest.raises(NotThere):
        share(
            the_reader(),
            membership=Membership.objects.by(the_reader()).get(group=elsewhere),
            reflection=mine(),
            words=QUOTE,
        )


def test_only_members_are_offered_to_share_and_by_the_names_of_their_groups(
    reader: Browser, other_reader: Browser, group: Group, leader: Browser
) -> None:
    second = found(leader, name="Mornings")
    add(second, reader, "Ruth")
    found(leader, name="Elsewhere")
    for page in ("/journal/", "/readings/", f"/history/{mine().pk}/"):
        html = reader.get(page).content.decode()
        links = re.findall(r'<a href="([^"]+)">Share with <bdi>(.*?)</bdi></a>', html)
        assert sorted(links, key=lambda link: link[1]) == [
            (f"{page_of(mine())}?group={second.pk}", "Mornings"),
            (f"{page_of(mine())}?group={group.pk}", "Thursdays"),
        ]
    assert "Share with" not in other_reader.get("/journal/").content.decode()


def test_without_a_group_it_is_said_what_one_is(reader: Browser) -> None:
    html = reader.get(page_of(mine())).content.decode()
    assert "You’re not in a group for this text, so what you wrote stays private to you." in plain(
        html
    )
    assert CANARY not in html
    answer = reader.post(page_of(mine()), {"whole": "yes"})
    assert "You’re not in a group for this text" in plain(answer.content.decode())


def test_an_emptied_box_has_nothing_to_bring(reader: Browser, group: Group) -> None:
    reader.write("opening", before="")
    html = reader.get(page_of(mine())).content.decode()
    assert "This box is empty now, so there is nothing to share from it." in plain(html)
    assert 'name="piece"' not in html


def test_words_that_do_not_open_cost_their_line(reader: Browser, group: Group) -> None:
    bring(reader, mine(), QUOTE)
    bring(reader, mine(), "all year")
    Share.objects.filter(pk=Share.objects.order_by("shared_at")[0].pk).update(sealed=b"nonsense")
    html = reader.get("/share/").content.decode()
    assert copies(html) == ["all year"]
    assert "This can’t be opened right now" in plain(html)
    Reflection.objects.filter(pk=mine().pk).update(sealed=b"nonsense")
    answer = reader.get(page_of(mine()))
    assert "This can’t be opened right now" in plain(answer.content.decode())
    with pytest.raises(NotYourWords):
        share(the_reader(), membership=me(group), reflection=mine(), words=QUOTE)


# Whose it is


def test_nobody_else_brings_or_takes_back_these_words(
    reader: Browser,
    group: Group,
    leader: Browser,
    groupmate: Browser,
    other_reader: Browser,
    stranger: Browser,
    new_browser: Callable[[], Browser],
) -> None:
    """Not those of the same group, not those of another, not who was removed, and no stranger."""
    bring(reader, mine(), QUOTE)
    copy, removed = Share.objects.get(), new_browser()
    add(group, removed, "", standing=Membership.Standing.REMOVED)
    found(other_reader, name="Others")
    take_back = f"/share/take-back/{copy.pk}/"
    for browser in (leader, groupmate, other_reader, removed, stranger):
        assert browser.get(page_of(mine())).status_code == 404
        shown = browser.get("/share/")
        assert shown.status_code == 200
        assert QUOTE not in shown.content.decode()
        form = browser.fields("/groups/new/")
        sent = form | {"group": str(group.pk), "words": QUOTE, "whole": "yes"}
        for path in (page_of(mine()), f"{page_of(mine())}bring/"):
            assert browser.post(path, sent).status_code == 404
        assert browser.get(take_back).status_code == 404
        answer = browser.post(take_back, sent)
        if browser is stranger:
            assert answer.status_code == 404
        else:  # as for a copy that is gone already
            told = (answer.status_code, answer["Location"], answer.content)
            assert told == (303, "/share/#taken-back", b"")
    assert stand(group) == [QUOTE]
    assert QUOTE in reader.get("/share/").content.decode()
    assert reader.get(page_of(mine())).status_code == 200
    assert reader.get(take_back).status_code == 200
    assert reader.post(take_back).status_code == 303
    assert stand(group) == []


@pytest.mark.parametrize("standing", ["waiting", "removed"])
def test_who_is_not_a_member_now_brings_nothing(
    reader: Browser, group: Group, standing: str
) -> None:
    shown = Fields(preview(reader, mine(), QUOTE).content.decode()).values
    member = me(group)
    Membership.objects.filter(pk=member.pk).update(standing=standing)
    answer = reader.post(f"{page_of(mine())}bring/", shown)
    assert answer.status_code == 422
    assert "Thursdays" not in answer.content.decode()
    with pytest.raises(NotThere):
        share(the_reader(), membership=member, reflection=mine(), words=QUOTE)
    assert Share.objects.count() == 0


def test_with_another_s_membership_or_reflection_nothing_is_brought(
    reader: Browser, group: Group, leader: Browser
) -> None:
    lead = Membership.objects.by(reader_in(leader)).get(group=group)
    with pytest.raises(NotThere):
        share(the_reader(), membership=lead, reflection=mine(), words=QUOTE)
    with pytest.raises(NotThere):
        share(reader_in(leader), membership=lead, reflection=mine(), words=QUOTE)
    assert Share.objects.count() == 0


def test_forged_requests_are_refused(reader: Browser, group: Group) -> None:
    bring(reader, mine(), QUOTE)
    path = f"/share/take-back/{Share.objects.get().pk}/"
    sent = {"group": str(group.pk), "words": TEXT, "whole": "yes"}
    for address in (page_of(mine()), f"{page_of(mine())}bring/", path):
        assert reader.post(address, sent, headers=FORGED).status_code == 403
    assert stand(group) == [QUOTE]


def test_nothing_of_it_is_stored_in_the_clear_or_kept_by_a_browser(
    reader: Browser, group: Group
) -> None:
    shown = preview(reader, mine(), QUOTE)
    bring(reader, mine(), QUOTE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM devotional_share")
        [row] = cursor.fetchall()
    assert not any(b"brother" in (x if isinstance(x, bytes) else str(x).encode()) for x in row)
    take_back = reader.get(f"/share/take-back/{Share.objects.get().pk}/")
    for answer in (shown, reader.get(page_of(mine())), reader.get("/share/"), take_back):
        assert answer["Cache-Control"] == "no-store, private"


# Everything that was brought


def test_all_that_was_brought_by_group(reader: Browser, group: Group) -> None:
    sundays = found(reader, name="Sundays")
    Membership.objects.filter(group=sundays).update(name="Ruthie")
    for words, to in (("all year", group), (QUOTE, group), ("hangs up", sundays)):
        bring(reader, mine(), words, group=str(to.pk))
    html = reader.get("/share/").content.decode()
    assert copies(html) == ["hangs up", QUOTE, "all year"]
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == ["Sundays", "Thursdays"]
    assert [plain(x) for x in re.findall(r'<p class="from-where".*?</p>', html)] == [
        "On Doors · as Ruthie",
        "On Doors · as Ruth",
        "On Doors · as Ruth",
    ]


def test_nothing_brought_yet(reader: Browser, guest: Browser) -> None:
    for browser in (reader, guest):
        answer = browser.get("/share/")
        assert "You haven’t shared anything." in plain(answer.content.decode())
    assert guest.cookies == {}


def test_pages_of_what_was_brought(
    reader: Browser, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devotional.sharing.brought.SHOWN", 2)
    for words in ("all year", QUOTE, "hangs up"):
        bring(reader, mine(), words)
    first = reader.get("/share/").content.decode()
    assert (copies(first), 'href="?start=2"' in first) == (["hangs up", QUOTE], True)
    rest = reader.get("/share/?start=2").content.decode()
    assert (copies(rest), 'href="?start=0"' in rest) == (["all year"], True)
    assert "There’s nothing more." in plain(reader.get("/share/?start=4").content.decode())
    for odd in ("-1", "x", "99999999999"):
        assert reader.get(f"/share/?start={odd}").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    reader: Browser, group: Group, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for words in ("all year", QUOTE, "hangs up")[:number]:
        bring(reader, mine(), words)
    path, reflection = page_of(mine()), mine()
    with django_assert_num_queries(2):
        assert len(copies(reader.get("/share/").content.decode())) == number
    with django_assert_num_queries(4):
        reader.get(path)
    sent = Fields(reader.get(path).content.decode()).values | {"whole": "yes"}
    with django_assert_num_queries(3):
        shown = reader.post(path, sent)
    fields = Fields(shown.content.decode()).values
    with django_assert_num_queries(13):
        reader.post(f"{path}bring/", fields)
    assert len(stand(group)) == number + 1
    assert reflection.pk == mine().pk


# Taking back


def take_back(browser: Browser, copy: Share) -> Any:
    browser.get(f"/share/take-back/{copy.pk}/")
    return browser.post(f"/share/take-back/{copy.pk}/")


def test_taking_back_asks_once_and_deletes_the_copy(reader: Browser, group: Group) -> None:
    bring(reader, mine(), QUOTE)
    copy = Share.objects.get()
    html = reader.get(f"/share/take-back/{copy.pk}/").content.decode()
    assert "Take this back from Thursdays?" in plain(html)
    assert copies(html) == [QUOTE]
    for _ in range(2):
        answer = take_back(reader, copy)
        assert (answer.status_code, answer["Location"]) == (303, "/share/#taken-back")
        assert (Share.objects.count(), Origin.objects.count()) == (0, 0)
    assert mine().text == TEXT
    assert reader.get(f"/share/take-back/{copy.pk}/").status_code == 404


def test_who_merges_keeps_and_takes_back_what_the_guest_brought(
    reader: Browser, group: Group, new_browser: Callable[[], Browser]
) -> None:
    """Where both wrote and both brought, all of it hangs on the one reflection that is left."""
    other = new_browser()
    other.write("opening", before="From the laptop.")
    add(group, other, "Ruth too")
    laptop = Reflection.objects.by(reader_in(other)).get()
    bring(other, laptop)
    bring(reader, mine(), QUOTE)
    merge(reader_in(other), into=the_reader())
    assert sorted(stand(group)) == ["From the laptop.", QUOTE]
    assert {each.reflection for each in Origin.objects.all()} == {mine()}
    assert {each.membership for each in Share.objects.all()} == {me(group)}
    theirs = next(each for each in Share.objects.all() if each.text != QUOTE)
    take_back(reader, theirs)
    assert stand(group) == [QUOTE]
    assert share_of(reader).shared_at <= timezone.now()
