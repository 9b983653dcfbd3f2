"""From which reflection a share was copied, so that it goes when the reflection goes (K11).

This row is the bridge's own: groups can't see across it, and it says nothing to anyone.
"""

from django.db import models

from devotional.groups.models import Share
from devotional.reflections.models import Reflection


class Origin(models.Model):
    """One share and the reflection that its words were copied from."""

    share = models.OneToOneField(
        Share, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    reflection = models.ForeignKey(Reflection, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"origin of share {self.share_id}"
