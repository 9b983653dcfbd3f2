"""The journal with 10, 1,000 and 10,000 reflections, side by side: time and queries (K6).

    python -m bench.journal [--rounds 15]

Three readers in one database on the disk, each called as a server calls, in turn. Time is that of
the processor, median of the rounds, so that other work on the machine hardly shows; what is to be
read is the ratio to ten reflections. A page holds twenty entries, so the first column shows half of
one. Searching opens every word there is, and so may grow; opening a page may not.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

SIZES = (10, 1_000, 10_000)
GONE = 9  # devotionals that are no longer on the shelf, beside the one that is
RARE, RARE_ROWS = "a-rare-one", 3
WORDS = """
    grace door morning the waited I and brother quiet it turned hinge for years of slowly light
    not yet again we prayed kitchen courage a letter rain forgave him she said ready almost home
""".split()  # noqa: SIM905  # thirty words are better read in a row
HITS = "Ararat"  # in five texts of each reader
WITHOUT = "zyzzyva"


def words(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(20, 200))) + ". ’Tis so."


def write(number: int, chance: random.Random) -> tuple[str, Any]:
    """A reader with so many reflections over six years; the key to them, and the reader."""
    from django.utils import timezone

    from devotional.content.loader import current_library
    from devotional.readers.guests import give_token, make_guest
    from devotional.reflections.models import Reading, Reflection

    reader = make_guest()
    essay = current_library().devotionals[0]
    asked = [(section, prompt) for section in essay.sections for prompt in section.prompts]
    names = [essay.id, *(f"gone-{n}" for n in range(GONE))]
    now = timezone.now()
    rows: list[Reflection] = []
    readings: list[Reading] = []
    while len(rows) < number:
        rare = len(rows) < RARE_ROWS
        name = RARE if rare else chance.choice([names[0], chance.choice(names)])
        reading = Reading(
            reader=reader,
            devotional=name,
            number=1 + sum(each.devotional == name for each in readings[-2000:]),
            begun_at=now,
        )
        reading.save()
        readings.append(reading)
        for section, prompt in asked[: RARE_ROWS if rare else max(number - len(rows), 0)]:
            at = now - timedelta(seconds=chance.randrange(6 * 365 * 86_400))
            row = Reflection(
                id=uuid.uuid4(),
                reader=reader,
                reading=reading,
                section=section.id,
                section_digest=section.digest,
                prompt=prompt.id,
                asked=prompt.words,
                begun_at=at,
                written_at=at,
            )
            text = words(chance)
            row.text = f"{text} On {HITS}." if len(rows) % (number // 5) == 1 else text
            rows.append(row)
    Reflection.objects.bulk_create(rows[:number], batch_size=200)
    return give_token(reader), reader


def measure(look: Callable[[], Any]) -> float:
    """Milliseconds of the processor's time for one answer."""
    begun = time.thread_time()
    answer = look()
    took = time.thread_time() - begun
    assert answer.status_code == 200, answer.status_code
    return took * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devotional-journal-") as folder:
        os.environ["DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.journal_settings"
        run(Path(folder), options.rounds)


def run(folder: Path, rounds: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from devotional.journal.timeline import PAGE, Point
    from devotional.lib.encryption import ensure_key_ring
    from devotional.reflections.models import Reflection
    from harness.html_forms import Fields

    call_command("migrate", interactive=False, verbosity=0)
    ensure_key_ring(Path(settings.KEY_RING))
    chance = random.Random(4)  # noqa: S311  # the same journals each time
    clients: list[Client] = []
    last: list[str] = []
    for size in SIZES:
        with transaction.atomic():
            token, reader = write(size, chance)
        client = Client(headers={"origin": "http://127.0.0.1", "host": "127.0.0.1"})
        client.cookies[settings.READER_COOKIE_NAME] = token
        clients.append(client)
        oldest = list(Reflection.objects.by(reader).order_by("written_at", "id")[:PAGE])[-1]
        last.append(str(Point.above(oldest.written_at)))

    def find(words: str, *, earlier: bool = False) -> Callable[[int], Any]:
        def post(which: int) -> Any:
            sent = Fields(clients[which].get("/journal/search/").content.decode()).values
            sent |= {"words": words} | ({"earlier": "yes"} if earlier else {})
            return lambda: clients[which].post("/journal/search/", sent)

        return post

    def page(path: str) -> Callable[[int], Any]:
        return lambda which: lambda: clients[which].get(path)

    looks: list[tuple[str, Callable[[int], Any]]] = [
        ("open the journal", page("/journal/")),
        ("its last page", lambda which: page(f"/journal/?before={last[which]}")(which)),
        ("the year before last", page("/journal/?until=2024")),
        (f"by part, one with {RARE_ROWS} answers", page(f"/readings/{RARE}/")),
        ("find a word that is there", find(HITS)),
        ("find one that is not", find(WITHOUT)),
        ("find one that is everywhere", find("grace")),
        ("… and in earlier versions", find(WITHOUT, earlier=True)),
    ]
    print(f"{'':34}" + "".join(f"{size:>18,}" for size in SIZES))
    for name, prepare in looks:
        ways = [prepare(which) for which in range(len(SIZES))]
        counts: list[int] = []
        for look in ways:
            look()
            with CaptureQueriesContext(connection) as queries:
                look()
            counts.append(len(queries))
        took: list[list[float]] = [[] for _ in ways]
        for _ in range(rounds):
            for which, look in enumerate(ways):
                took[which].append(measure(look))
        times = [statistics.median(each) for each in took]
        cells = (
            f"{ms:7.1f} ms ×{ms / times[0]:<4.1f} {count:>2}q"
            for ms, count in zip(times, counts, strict=True)
        )
        print(f"{name:34}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
