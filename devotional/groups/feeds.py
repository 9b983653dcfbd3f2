"""A member's own calendar link: made, found, shown again, and renewed (T7).

Kept as an invitation is: looked for by a keyed hash, and sealed. It goes with the membership, so
whoever leaves or is removed has a link to nothing.
"""

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from devotional.content.library import Devotional
from devotional.groups.access import MEMBER
from devotional.groups.calendars import calendar_of
from devotional.groups.models import Feed, Group, Membership
from devotional.groups.schedule import schedule_of
from devotional.groups.tokens import digest_of, new_token
from devotional.readers.access import words_of

PURPOSE = "feed"


def renew_feed(me: Membership) -> Feed:
    """A link for `me` alone; one that there was is dead at once."""
    token = new_token()
    feed = Feed(membership=me, digest=digest_of(token, purpose=PURPOSE))
    with transaction.atomic():
        # Two of the same form wait for each other here.
        Membership.objects.select_for_update().get(pk=me.pk)
        feed.text = token  # sealed in the transaction, as a rotation of keys asks
        Feed.objects.filter(membership=me).delete()
        feed.save(force_insert=True)
    return feed


def feed_of(me: Membership) -> Feed | None:
    return Feed.objects.filter(membership=me).first()


def address_of(feed: Feed) -> str | None:
    """Its whole address; None where the keys on this server don't open it. Then renew it."""
    token = words_of(feed)
    return None if token is None else settings.SITE_URL + reverse("feed:calendar", args=[token])


def group_behind(token: str) -> Group | None:
    """Whose meetings the link shows; None for one that was renewed, or whose member is gone."""
    feeds = Feed.objects.filter(digest=digest_of(token, purpose=PURPOSE))
    feed = feeds.filter(membership__standing=MEMBER).select_related("membership__group").first()
    return feed.membership.group if feed else None


def meetings_of(group: Group, devotional: Devotional | None) -> bytes:
    """The calendar file of `group`; empty of meetings at one's own pace."""
    schedule = schedule_of(group, devotional)
    entries = []
    for meeting in schedule.meetings:
        section = devotional.sections[meeting.section] if devotional else None
        if devotional and section:
            path = reverse("library:section", args=[devotional.id, section.id])
            entries.append((meeting, section, settings.SITE_URL + path))
    return calendar_of(
        schedule,
        group_id=group.id,
        made_at=group.made_at,
        planned_at=group.planned_at or group.made_at,
        entries=entries,
    )
