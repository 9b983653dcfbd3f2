"""People who read one devotional together, and what they put before each other.

Names are typed by people and shown to the group alone. Nothing here points to a reflection: what
is shared is a copy, and the copy knows nothing of where it came from. Rows are met through
`access.py` only.
"""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from devotional.readers.models import Reader
from devotional.readers.sealed import OwnedQuerySet, Sealed, SealedText

MOST_MEMBERS = 30  # as a group begins; its leader may change that
OPEN_FOR = timedelta(days=14)  # an invitation lets people in at once; then the leader approves
GOOD_FOR = timedelta(days=90)  # and after that it is as if it had never been


class Group(models.Model):
    """Some people, one devotional, and when they meet."""

    class Rhythm(models.IntegerChoices):
        """Days from one section to the next."""

        OWN_PACE = 0
        DAILY = 1
        WEEKLY = 7
        FORTNIGHTLY = 14

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    devotional = models.CharField(max_length=100)
    made_at = models.DateTimeField(auto_now_add=True)
    limit = models.PositiveSmallIntegerField(
        default=MOST_MEMBERS, help_text="Members who may join without being asked about."
    )
    # The schedule (T7)
    rhythm = models.PositiveSmallIntegerField(choices=Rhythm, default=Rhythm.OWN_PACE)
    first_on = models.DateField(null=True, help_text="The day of the first meeting.")
    meets_at = models.TimeField(null=True, help_text="On the group's own clock.")
    time_zone = models.CharField(max_length=64, help_text="An IANA name.")
    skipped = models.JSONField(default=list, help_text="Days without the meeting due then, ISO.")
    section = models.CharField(
        max_length=64,
        help_text="Where they are, at their own pace; else with what their meetings begin.",
    )
    planned_at = models.DateTimeField(
        null=True, help_text="When any of this was last changed; empty until then."
    )

    def __str__(self) -> str:
        return f"group {self.id}"


class Membership(models.Model):
    """A reader in a group, by the first name that they gave there."""

    class Standing(models.TextChoices):
        MEMBER = "member"
        WAITING = "waiting"  # for the leader's word
        REMOVED = "removed"  # by the leader, who is asked if they come again

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40, help_text="Empty for who was removed.")
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.MEMBER)
    is_leader = models.BooleanField(default=False)
    joined_at = models.DateTimeField()

    objects = OwnedQuerySet["Membership"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "reader"], name="one_membership_a_group"),
            models.UniqueConstraint(
                fields=["group"], condition=Q(is_leader=True), name="one_leader_a_group"
            ),
        ]

    def __str__(self) -> str:
        return f"membership {self.id}"


class Invitation(Sealed):
    """A group's one link. Looked for by a keyed hash; sealed, so that the leader sees it again."""

    BOUND_NAME = "invitation"

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="invitation")
    digest = models.CharField(max_length=64, unique=True)
    open_until = models.DateTimeField(help_text="After that the leader is asked.")
    good_until = models.DateTimeField(help_text="After that it is unknown.")

    def __str__(self) -> str:
        return f"invitation {self.id}"


class Feed(Sealed):
    """A member's own calendar link, kept as an invitation is."""

    BOUND_NAME = "feed"

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="feed")
    digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"feed {self.id}"


class ReadIt(models.Model):
    """That a member said of a section "I've read it"; nothing else ever says so."""

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="read", db_index=False
    )
    section = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "section"], name="read_once")]

    def __str__(self) -> str:
        return f"read {self.pk}"


class Share(SealedText):
    """A copy of words that a member chose to put before the group (T5)."""

    BOUND_NAME = "share"

    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, related_name="shares", db_index=False
    )
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="shares")
    section = models.CharField(max_length=64)
    asked = models.TextField(help_text="The prompt's words as they were answered.")
    shared_at = models.DateTimeField()

    objects = OwnedQuerySet["Share"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["group", "-shared_at", "-id"], name="shares_by_time")]

    def __str__(self) -> str:
        return f"share {self.id}"
