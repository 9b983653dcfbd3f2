"""What the scripts of autosave say, in the page's language."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()

# By the names that static/js/autosave knows them by.
PHRASES = {
    "kept": _("Saved on this device"),
    "onlyHere": _("Only on this device so far"),
    "putBack": _("Restored from this device, written"),
    "saving": _("Saving…"),
    "offline": _("Not sent yet: you’re offline. It’s safe on this device"),
    "unreachable": _("Not sent yet: the site can’t be reached. It’s safe on this device"),
    "busy": _("Not sent yet: the site is busy. It’s safe on this device"),
    "failing": _("Not sent yet: the site can’t save right now. It’s safe on this device"),
    "noRoom": _(
        "Not saved yet. Please keep this page open: your browser won’t let us store a copy"
        " on the device"
    ),
    "allSaved": _("Saved."),
    "choose": _("This answer was changed elsewhere too. Both are safe: please choose above."),
    "cleared": _("Cleared. You can undo this above."),
    "goOn": _("Tap again to go on anyway."),
    "left": _("About {n} thousand characters left"),
    "fewLeft": _("Fewer than 1,000 characters left"),
    "tooLong": _(
        "This is too long for one box. Please shorten it. Until then, all of it stays"
        " on this device."
    ),
    "tooLongAndNoRoom": _(
        "This is too long for one box. Please shorten it, and keep this page open: your browser"
        " won’t let us store a copy on the device."
    ),
    "noForm": {
        "offline": _("You’re offline."),
        "unreachable": _("The site can’t be reached right now."),
        "failing": _("The site can’t open your answers right now."),
    },
    "writeOn": _(
        "Keep writing: your words stay on this device and will be saved when the site can be"
        " reached again. What you wrote here before will show then."
    ),
    "writeOnFirst": _(
        "Keep writing: your words stay on this device. You can save them when the site can be"
        " reached again."
    ),
}


@register.simple_tag
def autosave_phrases() -> SafeString:
    """The phrases as JSON in the page, which no browser runs."""
    return json_script(PHRASES, "autosave-phrases")
