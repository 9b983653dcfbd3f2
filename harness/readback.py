"""What a data folder really holds, read through the models in a process of its own.

`read(site)` starts this module on the site's folder, with the site's keys; the process prints
every box with its history as JSON. Nothing is asked of the running server.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.site import ROOT, Site

LONGEST = 300  # seconds; the benches leave much behind


@dataclass(frozen=True, slots=True)
class Kept:
    """One box: what stands in it and what stood there before."""

    version: int
    text: str
    history: tuple[tuple[str, str], ...]  # kind and text, oldest first

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.history] + [self.text]

    @property
    def earlier(self) -> list[str]:
        return [text for kind, text in self.history if kind == "earlier"]


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that a data folder holds."""

    readers: int
    operations: int
    reader_of: Mapping[str, str]  # by the digest of a device's token
    boxes: Mapping[tuple[str, str, str], Kept]  # by reader, section and prompt

    def box(self, device_digest: str, section: str, prompt: str) -> Kept | None:
        return self.boxes.get((self.reader_of.get(device_digest, ""), section, prompt))

    @property
    def texts(self) -> set[str]:
        return {text for kept in self.boxes.values() for text in kept.texts}


def read(site: Site) -> Holdings:
    done = subprocess.run(
        [sys.executable, "-m", "harness.readback"],
        cwd=ROOT,
        env=site.environment(),
        capture_output=True,
        check=True,
        timeout=LONGEST,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return Holdings(
        readers=found["readers"],
        operations=found["operations"],
        reader_of=found["reader_of"],
        boxes={
            tuple(where): Kept(version, text, tuple((kind, words) for kind, words in history))
            for where, version, text, history in found["boxes"]
        },
    )


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"
    django.setup()
    from devotional.readers.models import DeviceToken, Reader
    from devotional.reflections.models import Operation, Reflection, Revision

    history: dict[object, list[tuple[str, str]]] = {}
    for revision in Revision.objects.order_by("version", "written_at"):
        history.setdefault(revision.reflection_id, []).append((revision.kind, revision.text))
    found = {
        "readers": Reader.objects.count(),
        "operations": Operation.objects.count(),
        "reader_of": {
            token.digest: str(token.reader_id) for token in DeviceToken.objects.iterator()
        },
        "boxes": [
            [
                (str(one.reader_id), one.section, one.prompt),
                one.version,
                one.text,
                history.get(one.pk, []),
            ]
            for one in Reflection.objects.iterator()
        ],
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
