"""How `from_0001/` was made: by the code of commit 8b6f0df itself, which knew migration 0001 alone.

    git worktree add --detach OLD 8b6f0df
    cd OLD && DATA=FOLDER python manage.py migrate
    cd OLD && DATA=FOLDER python …/tests/upgrade/make.py …/tests/upgrade/from_0001

It runs with that code, not with today's, and so isn't run again: the files are what counts.
"""
# mypy: ignore-errors
# ruff: noqa: E402

import gzip
import json
import os
import shutil
import sqlite3
import sys
import uuid
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"

import django

django.setup()

from django.conf import settings

from devotional.lib.encryption import ensure_key_ring
from devotional.readers.guests import give_token, make_guest
from devotional.reflections.models import Reading, Reflection, Revision
from devotional.reflections.saving import Answer, Place, save_reflections

ODD = [
    "A door. My brother.\n",
    "  leading and trailing, and two\n\n\nempty lines \t \n",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u0301 ﬁ 漢字 𝒳",
    "שלום \u202eabc\u202c עולם — مرحبا",
    "<b>&amp;</b> {{ 7*7 }} '; DROP TABLE x; --",
    "long " * 1_500,
    "\u00a0\u2028\u200b\ufeff",
]
ESSAY = "the-continual-pursuit-of-breakthrough"


def write(reader, section, prompt, text, *, number=1, based_on=0):
    place = Place(devotional=ESSAY, section=section, section_digest="0" * 64, reading=number)
    answer = Answer(prompt=prompt, asked=f"What of {prompt}?", text=text, based_on=based_on)
    return save_reflections(reader, place=place, answers=[answer], op_id=uuid.uuid4())


def main(to: Path) -> None:
    ensure_key_ring(Path(settings.KEY_RING))
    tokens = {}
    for number in range(3):
        reader = make_guest()
        tokens[str(reader.pk)] = give_token(reader)
        for index, text in enumerate(ODD):
            write(reader, ("opening", "hingy", "gradual")[index % 3], f"prompt-{index}", text)
        write(reader, "hingy", "turned", f"An earlier wording of {number}. " * 20)
        write(reader, "hingy", "turned", f"Quite another one, of {number}.", based_on=1)
        write(
            reader, "hingy", "turned", f"Written elsewhere by {number}.", based_on=1
        )  # a conflict
        write(reader, "hingy", "cleared", "Stood here.")
        write(reader, "hingy", "cleared", "", based_on=1)
    kept = {
        "tokens": tokens,
        "reflections": {
            str(row.pk): [str(row.reader_id), row.section, row.prompt, row.version, row.text]
            for row in Reflection.objects.all()
        },
        "revisions": {
            str(row.pk): [str(row.reader_id), str(row.reflection_id), row.kind, row.text]
            for row in Revision.objects.all()
        },
        "readings": sorted(str(row.pk) for row in Reading.objects.all()),
    }
    (to / "words.json").write_text(json.dumps(kept, indent=1, ensure_ascii=True) + "\n")
    whole = Path(settings.DATA) / "whole.sqlite3"
    with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as database:
        database.execute("VACUUM INTO ?", [str(whole)])
    (to / "devotional.sqlite3.gz").write_bytes(gzip.compress(whole.read_bytes(), 9, mtime=0))
    shutil.copy(settings.KEY_RING, to / "keyring")
    print(len(kept["reflections"]), "reflections,", len(kept["revisions"]), "revisions")


main(Path(sys.argv[1]))
