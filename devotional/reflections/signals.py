"""What reflections tell the slices above them."""

from django.dispatch import Signal

# replaced: dict[UUID, UUID]. Each reflection named first is about to go, and the one named second
# stands for it: move what points to it, within the transaction that is open. Sender: Reflection.
stepping_aside = Signal()

# reflection: Reflection. Its reader deletes it: erase at once what was copied from it for others,
# within the transaction that is open; answer with a list of the ids of what is gone for good.
# Sender: Reflection.
deleting = Signal()
