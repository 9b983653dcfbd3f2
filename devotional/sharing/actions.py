"""Bringing words to a group, and taking them back (T5, K11).

What is brought is a copy, sealed like what it was copied from; afterwards neither knows what
becomes of the other, except that the copy goes when the reflection goes. Only words that stand in
the reader's own reflection at that moment are ever put before a group in their name.
"""

import uuid

from django.db import transaction
from django.utils import timezone

from devotional.groups.access import memberships_of
from devotional.groups.models import Membership, Share
from devotional.lib.sqlite import empty_log
from devotional.readers import erasures
from devotional.readers.access import words_of
from devotional.readers.models import Reader
from devotional.readers.sealed import OwnedQuerySet
from devotional.reflections.models import Reflection
from devotional.sharing.models import Origin

MOST = 50  # copies from one reflection in one group


class NotShared(Exception):
    """Nothing was brought to the group."""


class NotThere(NotShared):
    """The reader is no member of such a group, or the reflection is gone."""


class NotYourWords(NotShared):
    """The words don't stand in the reflection, or no longer do."""


class TooMany(NotShared):
    """The group has as many copies from this reflection as it can."""


def share(reader: Reader, *, membership: Membership, reflection: Reflection, words: str) -> Share:
    """Put a copy of `words` before the group of `membership`; raises NotShared.

    The same words of the same reflection stand before a group once: asked for again, the answer is
    the copy that stands there.
    """
    with transaction.atomic():
        # Locked, so that a member who is being removed, or words that are being changed or
        # deleted, are not overtaken by what is done here.
        member = of_group(reader, membership)
        standing = of_reader(reader, reflection)
        if standing.reading.devotional != member.group.devotional:
            raise NotThere
        text = words_of(standing)
        if text is None or words not in text or not words.strip():
            raise NotYourWords
        before = copies_of(reader, standing).filter(group=member.group_id)
        there = list(before.order_by("-shared_at"))
        for copy in there:
            if words_of(copy) == words:
                return copy
        if len(there) >= MOST:
            raise TooMany
        return lay_before(member, standing, words)


def of_group(reader: Reader, membership: Membership) -> Membership:
    mine = memberships_of(reader).select_for_update(of=("self",))
    if found := mine.filter(pk=membership.pk).first():
        return found
    raise NotThere


def of_reader(reader: Reader, reflection: Reflection) -> Reflection:
    mine = Reflection.objects.by(reader).select_for_update(of=("self",))
    if found := mine.select_related("reading").filter(pk=reflection.pk).first():
        return found
    raise NotThere


def copies_of(reader: Reader, reflection: Reflection) -> OwnedQuerySet[Share]:
    """What the groups of `reader` have from one reflection."""
    origins = Origin.objects.filter(reflection=reflection).values("share")
    return Share.objects.by(reader).filter(pk__in=origins)


def lay_before(member: Membership, reflection: Reflection, words: str) -> Share:
    copy = Share(
        reader_id=member.reader_id,
        group_id=member.group_id,
        membership=member,
        section=reflection.section,
        asked=reflection.asked,
        shared_at=timezone.now(),
    )
    copy.text = words
    copy.save(force_insert=True)
    Origin.objects.create(share=copy, reflection=reflection)
    return copy


def take_back(reader: Reader, share_id: uuid.UUID) -> bool:
    """Delete a copy at once, for everyone and for good; False where there is none."""
    mine = Share.objects.by(reader).filter(pk=share_id)
    if not mine.exists():
        return False
    with erasures.erasing() as marks:
        marks.append(erasures.Mark("gone", share_id))
        mine.delete()
    empty_log()
    return True
