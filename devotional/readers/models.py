"""A reader: a person who writes here. Not a Django user; an account will point to its reader (K1).

Nothing of what a reader wrote lives here, and nothing that names a person.
"""

import uuid

from django.db import models


class Reader(models.Model):
    """Made at the first save to which someone agreed, never at a visit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consent_version = models.CharField(max_length=64)
    consented_at = models.DateTimeField()
    made_at = models.DateTimeField(auto_now_add=True)
    seen_on = models.DateField(help_text="The day of the last visit; guests are kept by it.")

    def __str__(self) -> str:
        return f"reader {self.id}"


class DeviceToken(models.Model):
    """One browser's key to its reader. Kept as a hash: a stolen database opens nothing."""

    digest = models.CharField(max_length=64, unique=True)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="device_tokens")
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"a browser of {self.reader_id}"
