"""Re-exports every slice's models for Django's registry. Nothing else imports this module."""

from devotional.readers.models import DeviceToken, Reader
from devotional.reflections.models import Operation, Reading, Reflection, Revision

__all__ = ["DeviceToken", "Operation", "Reader", "Reading", "Reflection", "Revision"]
