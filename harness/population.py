"""Fills a data folder with readers who wrote: `fill(site, 100_000)`, in a process of its own.

The models' own columns and the real sealing, each row bound to its reader; only Django's way of
inserting is left out, which takes four times as long. Rows are written as time would have written
them, everyone's first answers before anyone's second, so that one reader's words lie far apart.
"""

import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from harness.http_client import DEVOTIONAL, SECTIONS, Device
from harness.site import ROOT, Site

SECTION = "hingy"
PROMPT = SECTIONS[SECTION][0]
COVER_PATH = f"/read/{DEVOTIONAL}/"
SECTION_PATH = f"/read/{DEVOTIONAL}/{SECTION}/"
PANEL_PATH = f"/reflect/{DEVOTIONAL}/{SECTION}/panel/"
JOURNAL_PATH = "/journal/"

LONGEST = 3600  # seconds; a hundred thousand readers take some minutes
EACH = 50  # reflections of one reader
IN_A_READING = 6  # questions of the essay
READINGS = -(-EACH // IN_A_READING)
AGAIN, LATEST = 6, 7  # of a reader's readings, which are of the essay: half have read it twice
WORDS = """
    grace door morning the waited I and brother quiet it turned hinge for years of slowly light
    not yet again we prayed kitchen courage a letter rain forgave him she said ready almost home
""".split()  # noqa: SIM905  # thirty words are better read in a row


def token_of(number: int) -> str:
    """The cookie of the reader of that number."""
    return f"reader-{number:08d}".ljust(43, "x")


def device_of(port: int, number: int) -> Device:
    """The browser of the reader of that number."""
    device = Device(port)
    device.cookies["reader"] = token_of(number)
    return device


def fill(site: Site, readers: int) -> float:
    """Fill the folder of a site that has been started before and is stopped now; seconds taken."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "harness.population", str(readers)],
        cwd=ROOT,
        env=site.environment() | {"DJANGO_SETTINGS_MODULE": "devotional.settings"},
        check=True,
        timeout=LONGEST,
    )
    return time.monotonic() - began


def main(readers: int) -> None:
    import django

    django.setup()
    from django.db import connection

    from devotional.reflections.models import Reading, Reflection

    with connection.cursor() as cursor:
        # None of it has to outlive a loss of power: it is thrown away.
        for pragma in (
            "journal_mode = MEMORY",
            "synchronous = OFF",
            "foreign_keys = OFF",
            "cache_size = -2000000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
    ids = [uuid.uuid4() for _ in range(readers)]
    make_readers(ids)
    insert(Reading, "id reader_id devotional number begun_at", reading_rows(ids))
    insert(
        Reflection,
        "id reader_id reading_id sealed written_at begun_at section prompt asked section_digest"
        " version kept_at has_met_another",
        reflection_rows(ids),
    )


def make_readers(ids: list[uuid.UUID]) -> None:
    from django.utils import timezone

    from devotional.readers.consent import consent_version
    from devotional.readers.guests import token_digest
    from devotional.readers.models import DeviceToken, Reader

    now, agreed_to = timezone.now(), consent_version()
    insert(
        Reader,
        "id consent_version consented_at made_at seen_on",
        ((id_.hex, agreed_to, stored(now), stored(now), str(now.date())) for id_ in ids),
    )
    insert(
        DeviceToken,
        "digest reader_id made_at used_on",
        (
            (token_digest(token_of(n)), id_.hex, stored(now), str(now.date()))
            for n, id_ in enumerate(ids)
        ),
    )


def reading_rows(ids: list[uuid.UUID]) -> Iterator[tuple[Any, ...]]:
    from django.utils import timezone

    begun = timezone.now() - timedelta(days=7 * EACH)
    for turn in range(READINGS):
        at = stored(begun + timedelta(days=7 * IN_A_READING * turn))
        for n, id_ in enumerate(ids):
            twice = n % 2 == 1
            of_essay = turn == LATEST or (turn == AGAIN and twice)
            name = DEVOTIONAL if of_essay else f"gone-{turn}"
            yield 1 + n * READINGS + turn, id_.hex, name, 2 if turn == LATEST and twice else 1, at


def reflection_rows(ids: list[uuid.UUID]) -> Iterator[tuple[Any, ...]]:
    from django.utils import timezone

    from devotional.content.loader import current_library
    from devotional.reflections.models import Reflection

    essay = current_library().devotional(DEVOTIONAL)
    assert essay is not None
    asked = [(section, prompt) for section in essay.sections for prompt in section.prompts]
    chance = random.Random(4)  # noqa: S311  # the same texts each time
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(15, 90))) for _ in range(500)]
    begun = timezone.now() - timedelta(days=7 * EACH)
    row = Reflection()
    for count in range(EACH):
        turn, place = divmod(count, IN_A_READING)
        section, prompt = asked[place]
        constant = (section.id, prompt.id, prompt.words, section.digest, 1, None, False)
        week = begun + timedelta(days=7 * count)
        minutes = [stored(week + timedelta(minutes=minute)) for minute in range(7 * 24 * 60)]
        for n, id_ in enumerate(ids):
            row.id, row.reader_id = uuid.uuid4(), id_
            row.text = chance.choice(texts)
            at = chance.choice(minutes)
            reading = 1 + n * READINGS + turn
            yield row.id.hex, id_.hex, reading, row.sealed, at, at, *constant


def stored(at: datetime) -> str:
    """A time as it lies in the database."""
    from django.db import connection

    return str(connection.ops.adapt_datetimefield_value(at))


def insert(model: Any, names: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert `rows` of `model`; its indexes are made afterwards, which is quicker.

    `names` are of all its columns but an automatic id: a new one must not be left out.
    """
    from django.db import connection, transaction

    columns = names.split()
    automatic = {"id"} - set(columns)
    assert {field.column for field in model._meta.concrete_fields} - automatic == set(columns)
    table = model._meta.db_table
    places = ", ".join(["%s"] * len(columns))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
        for batch in batched(rows, 10_000):
            cursor.executemany(statement, batch)
        for _name, sql in indexes:
            cursor.execute(sql)


if __name__ == "__main__":
    main(int(sys.argv[1]))
