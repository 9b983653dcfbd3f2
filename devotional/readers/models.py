"""A reader: a person who writes here, and the ways by which they are known again (K1-K4).

A reader is not a Django user. An account is, and points to its reader, so that making one moves no
data. Nothing of what a reader wrote lives here.
"""

import uuid
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone


def today() -> date:
    """The day it is in UTC, as days of visits are kept."""
    return timezone.now().date()


class Reader(models.Model):
    """Made at the first save to which someone agreed, or on joining a group; never at a visit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consent_version = models.CharField(
        max_length=64, help_text="Empty for who has never agreed: then no words are kept."
    )
    consented_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    seen_on = models.DateField(help_text="The day of the last visit; guests are kept by it.")

    def __str__(self) -> str:
        return f"reader {self.id}"


class DeviceToken(models.Model):
    """One browser's key to its reader. Kept as a hash: a stolen database opens nothing."""

    digest = models.CharField(max_length=64, unique=True)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="device_tokens")
    made_at = models.DateTimeField(auto_now_add=True)
    used_on = models.DateField(
        default=today, help_text="The day when it was last shown; it ends by it."
    )

    def __str__(self) -> str:
        return f"a browser of {self.reader_id}"


class ReturnCode(models.Model):
    """What brings a reader back on another browser. One a reader; a new one ends the old (K2).

    Kept as a hash: 100 random bits need no slow one.
    """

    reader = models.OneToOneField(
        Reader, on_delete=models.CASCADE, primary_key=True, related_name="return_code"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"the return code of {self.reader_id}"


class DeviceLink(models.Model):
    """What brings a reader to another device: good once, and for minutes. One a reader (K14).

    Kept as a keyed hash. Its row outlives its use, so that the device that made it can say so.
    """

    LEFT_OUT_OF_BACKUPS = True  # a restored one opens nothing that anybody wants

    reader = models.OneToOneField(
        Reader, on_delete=models.CASCADE, primary_key=True, related_name="device_link"
    )
    digest = models.CharField(max_length=64, unique=True)
    good_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.CharField(
        max_length=64,
        blank=True,
        help_text="A keyed hash of the form that used it, until its browser has arrived.",
    )

    def __str__(self) -> str:
        return f"a link of {self.reader_id} to another device"


class Account(AbstractBaseUser, PermissionsMixin):
    """A way to sign in: Django's user, with everything it can do without left out (K3)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reader = models.OneToOneField(
        Reader,
        on_delete=models.CASCADE,
        null=True,
        related_name="account",
        help_text="Empty for a host who only looks after the site.",
    )
    name = models.CharField(
        max_length=40, unique=True, null=True, blank=True, help_text="To sign in with a password."
    )
    email = models.EmailField(blank=True, help_text="The verified address, where there is one.")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    last_login = None  # when someone comes by is nobody's business

    objects = BaseUserManager["Account"]()

    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return f"account {self.id}"


class Merge(models.Model):
    """That a guest's rows became a reader's: ids and counts, no word of them (K4)."""

    guest_id = models.UUIDField(unique=True)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")
    moved = models.JSONField(help_text="How many rows of each kind were moved.")
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"merge of {self.guest_id} into {self.reader_id}"


class Attempts(models.Model):
    """How often something was tried in a while, by a keyed hash of who tried it."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"attempts until {self.until:%H:%M}"
