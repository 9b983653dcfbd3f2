"""Re-exports every slice's models for Django's registry. Nothing else imports this module."""

from devotional.groups.models import Feed, Group, Invitation, Membership, ReadIt, Share
from devotional.journal.models import Deleted, Hinge
from devotional.readers.models import (
    Account,
    Attempts,
    DeviceLink,
    DeviceToken,
    Merge,
    Reader,
    ReturnCode,
)
from devotional.reflections.models import (
    KeyCheck,
    OnPaper,
    Operation,
    Reading,
    Reflection,
    Revision,
)
from devotional.sharing.models import Origin

__all__ = [
    "Account",
    "Attempts",
    "Deleted",
    "DeviceLink",
    "DeviceToken",
    "Feed",
    "Group",
    "Hinge",
    "Invitation",
    "KeyCheck",
    "Membership",
    "Merge",
    "OnPaper",
    "Operation",
    "Origin",
    "ReadIt",
    "Reader",
    "Reading",
    "Reflection",
    "ReturnCode",
    "Revision",
    "Share",
]
