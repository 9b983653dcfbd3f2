"""Leaving a group: what goes, what stays, and who can't just go (T4)."""

from devotional.groups import members
from devotional.groups.models import Feed, Membership, Share
from devotional.readers import erasures
from devotional.readers.erasing import replay
from devotional.reflections.models import Reflection
from harness.actors import Browser
from tests.groups.factories import found, reader_in
from tests.groups.test_leading import do, of
from tests.groups.test_receivers import share


def test_it_is_said_first_what_happens_to_the_words(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    page = groupmate.get(f"/groups/{group.pk}/leave/").content.decode()
    assert "Everything you shared here is deleted straight away" in page
    assert "What you wrote stays in your journal." in page
    assert of(groupmate, group).standing == "member"


def test_who_leaves_takes_everything_along_and_leaves_no_row(
    leader: Browser, reader: Browser
) -> None:
    group = found(leader, Tom=reader)
    gone, stays = share(reader, group), share(leader, group)
    member = of(reader, group)
    feed = Feed(membership=member, digest="x" * 64)
    feed.text = "secret"
    feed.save()
    way = f"/groups/{group.pk}/leave/"
    form = reader.fields(way)
    answers = [reader.post(way, form)["Location"] for _twice in range(2)]
    assert answers == ["/groups/#left", "/groups/"]
    assert list(Membership.objects.values_list("name", flat=True)) == ["Lea"]
    assert list(Share.objects.values_list("pk", flat=True)) == [stays.pk]
    assert not Feed.objects.exists()
    assert "The canary" in Reflection.objects.by(reader_in(reader)).get().text
    assert {gone.pk, member.pk} <= {mark.id for mark in erasures.noted()}
    assert "Tom" not in leader.get(f"/groups/{group.pk}/").content.decode()
    assert reader.get(f"/groups/{group.pk}/").status_code == 404


def test_a_backup_does_not_bring_who_left_back(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    words, member = share(groupmate, group), of(groupmate, group)
    kept = member.pk
    assert members.leave(member)
    member.pk = kept
    member.save(force_insert=True)
    words.save(force_insert=True)
    assert replay() > 0
    assert list(Membership.objects.values_list("name", flat=True)) == ["Lea"]
    assert not Share.objects.exists()


def test_who_leads_hands_over_first(leader: Browser, groupmate: Browser) -> None:
    group = found(leader, groupmate=groupmate)
    way = f"/groups/{group.pk}/leave/"
    page = leader.get(way).content.decode()
    assert f'href="/groups/{group.pk}/lead/#members"' in page
    assert leader.post(way).status_code == 409
    assert of(leader, group).is_leader
    do(leader, f"/groups/{group.pk}/members/{of(groupmate, group).pk}/hand-over/")
    assert do(leader, way).status_code == 303
    assert list(Membership.objects.values_list("name", flat=True)) == ["groupmate"]


def test_the_lead_as_it_is_now_counts(leader: Browser, groupmate: Browser) -> None:
    """The page of leaving was open while the lead was handed over."""
    group = found(leader, groupmate=groupmate)
    before = of(groupmate, group)
    members.hand_over(of(leader, group), before)
    assert not members.leave(before)
    assert of(groupmate, group).is_leader
