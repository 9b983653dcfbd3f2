"""The pages that are weighed, and who opens them: cover and section anyone, the others a reader.

The reader has fifty reflections and leads a group; the journal so is as long as a page of it gets.
"""

from dataclasses import dataclass
from uuid import uuid4

from harness.http_client import DEVOTIONAL, FORM, Device, encoded
from harness.population import COVER_PATH, JOURNAL_PATH, SECTION_PATH, device_of
from harness.site import Site

READERS = 10
READER = 4


@dataclass(frozen=True, slots=True)
class Page:
    """One page for one visitor."""

    name: str
    url: str
    cookie: str = ""  # the reader's token, where it is a reader's own page

    @property
    def is_public(self) -> bool:
        return not self.cookie


def pages_of(site: Site) -> list[Page]:
    device = device_of(site.port, READER)
    token = device.cookies["reader"]
    group = group_led_by(device)
    device.close()
    return [
        Page("cover", site.url + COVER_PATH),
        Page("section", site.url + SECTION_PATH),
        Page("journal", site.url + JOURNAL_PATH, token),
        Page("group", site.url + group, token),
    ]


def group_led_by(device: Device) -> str:
    """A group that the reader makes by its form; the path of its page."""
    form = device.get("/groups/new/").fields
    form |= {"name": "Thursdays", "first_name": "Lea", "devotional": DEVOTIONAL, "rhythm": "0"}
    form["op"] = str(uuid4())
    made = device.request("POST", "/groups/new/", encoded(form), {"Content-Type": FORM})
    if made.status != 303:
        raise RuntimeError(f"the group was not made: {made.status}")
    return "/".join(made.headers["location"].split("/")[:3]) + "/"
