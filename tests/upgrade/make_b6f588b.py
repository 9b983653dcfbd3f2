"""How `from_b6f588b/` was made: by the code of commit b6f588b itself, once on each database.

    git worktree add --detach OLD b6f588b
    cd OLD && DATA=FOLDER python …/tests/upgrade/make_b6f588b.py …/tests/upgrade/from_b6f588b
    cd OLD && DATA=ANOTHER DATABASE_URL=postgres://… python …/tests/upgrade/make_b6f588b.py …

It runs with that code and what it filled its own tables with, not with today's, and so isn't run
again: the files are what counts. Each of its two folders is all that a site had: the database (a
copy of the file, or what `pg_dump --inserts` said), the key ring, the secret key, the erasure log;
and in `words.json` what people had in hand, and every text by the export of then.
"""
# mypy: ignore-errors
# ruff: noqa: E402

import gzip
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
os.environ["DJANGO_SETTINGS_MODULE"] = "devotional.settings"

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from tests.together import reader_in

from devotional.groups.feeds import address_of
from devotional.groups.invitations import invitation_of, link_of
from devotional.groups.joining import join
from devotional.groups.models import Feed, Group, Membership
from devotional.journal.models import Deleted
from devotional.readers.merging import merge
from devotional.readers.return_codes import make_code
from devotional.reflections.keys import prove_key_ring
from tests.conftest import DOORS
from tests.upgrade import make_everything as old

OPENING = "/reflect/on-doors/opening/"


def export(browser):
    """Each text in the export, by the id of its row; what is kept as JSON, as it is."""
    answer = browser.get("/export/everything.zip")
    zipped = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    (name,) = (name for name in zipped.namelist() if name.endswith("everything.json"))
    return dict(texts_in(json.loads(zipped.read(name))))


def texts_in(found):
    if isinstance(found, list):
        for part in found:
            yield from texts_in(part)
    elif isinstance(found, dict):
        if "opened" in found:
            yield found["id"], found.get("text", found.get("kept"))
        for part in found.values():
            yield from texts_in(part)


def meetings(address):
    """The id and the beginning of each entry of a calendar."""
    file = Client().get(address).content.decode()
    return [
        re.findall(r"^(?:UID|DTSTART[^:]*):(.*?)\r$", event, re.MULTILINE)
        for event in file.split("BEGIN:VEVENT")[1:]
    ]


def fill():
    writers = [old.write(text) for text in old.TEXTS]
    lead, mate, guest, one_who_deletes, one_who_waits = writers[:5]
    with_open_page, without_answer = writers[-2:]
    merge(reader_in(guest), into=reader_in(lead))
    code = make_code(reader_in(lead))
    old.sign_up(reader_in(lead), reader_in(mate))
    old.second_reading(lead)
    old.meet(lead, mate)
    group = Group.objects.get()
    Group.objects.update(limit=2)  # so that whoever comes now waits
    invitation = invitation_of(Membership.objects.get(is_leader=True))
    join(reader_in(one_who_waits), invitation, name="Wim")
    old.delete_one(one_who_deletes)
    calendar = address_of(Feed.objects.get()).removeprefix(settings.SITE_URL)
    form = with_open_page.fields(OPENING + "panel/")
    save = without_answer.fields(OPENING + "panel/") | {"text-closed": "Its answer was lost."}
    old.done(without_answer.send(OPENING, save))
    return {
        "readers": [
            {
                "cookies": {name: cookie.value for name, cookie in writer.cookies.items()},
                "texts": export(writer),
            }
            for writer in writers
            if writer is not guest
        ],
        "open page": form,
        "save without an answer": save,
        "code": code,
        "password": {"login": "bert", "password": "a door on its hinges"},
        "group": str(group.pk),
        "invitation": link_of(invitation).removeprefix(settings.SITE_URL),
        "calendar": calendar,
        "meetings": meetings(calendar),
        "deleted": str(Deleted.objects.get(part=0).reflection_id),
    }


def dump():
    address = os.environ["DATABASE_URL"]
    command = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", address]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = said.splitlines()
    # Nothing for psql alone, so that any client can load it.
    return "\n".join(line for line in lines if line and not line.startswith(("\\", "--"))) + "\n"


def main(to):
    setup_test_environment()
    data = Path(settings.DATA)
    settings.CONTENT_DIR = data / "content"
    settings.CONTENT_DIR.mkdir(parents=True)
    (settings.CONTENT_DIR / "on-doors.md").write_text(DOORS)
    call_command("migrate", interactive=False, verbosity=0)
    prove_key_ring()
    words = fill()
    old.require_something_everywhere()
    to = to / ("postgresql" if os.environ.get("DATABASE_URL") else "sqlite")
    to.mkdir(parents=True)
    (to / "words.json").write_text(json.dumps(words, indent=1, ensure_ascii=True) + "\n")
    for name in ("keyring", "secret_key", "erasures"):
        shutil.copy(data / name, to / name)
    shutil.copytree(settings.CONTENT_DIR, to.parent / "content", dirs_exist_ok=True)
    if os.environ.get("DATABASE_URL"):
        (to / "dump.sql.gz").write_bytes(gzip.compress(dump().encode(), 9, mtime=0))
        return
    whole = data / "whole.sqlite3"
    with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as database:
        database.execute("VACUUM INTO ?", [str(whole)])
    (to / "devotional.sqlite3.gz").write_bytes(gzip.compress(whole.read_bytes(), 9, mtime=0))


main(Path(sys.argv[1]).absolute())
