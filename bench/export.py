"""How long everything takes to take away, and how much memory: `python -m bench.export`.

Side by side for 10, 1,000 and 10,000 reflections of a few sentences each, every one with an earlier
wording, and for 1,000 of 50 KB. Runs in this process, on a database that is thrown away.
"""

import logging
import os
import resource
import sys
import time
import tracemalloc
from datetime import timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "harness.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from devotional.content.loader import current_library  # noqa: E402
from devotional.journal.archive import files_of  # noqa: E402
from devotional.journal.export import plan_for  # noqa: E402
from devotional.lib.encryption import ensure_key_ring  # noqa: E402
from devotional.lib.zip_stream import zip_stream  # noqa: E402
from devotional.readers.guests import make_guest  # noqa: E402
from devotional.readers.models import Reader  # noqa: E402
from devotional.reflections.models import Reading, Reflection, Revision  # noqa: E402

SENTENCE = "Whether I finally have the conversation with my brother; so, Thursday. "


def main() -> int:
    logging.disable(logging.CRITICAL)
    ensure_key_ring(settings.KEY_RING)
    call_command("migrate", interactive=False, verbosity=0)
    print(f"{'reflections':>12} {'words':>9} {'ZIP':>9} {'queries':>8} {'time':>8} {'memory':>9}")
    for number, size in ((10, 1500), (1_000, 1500), (10_000, 1500), (1_000, 50_000)):
        reader = written(number, size)
        with CaptureQueriesContext(connection) as queries:
            sent, _seconds = take(reader)
        _sent, seconds = take(reader)
        tracemalloc.start()
        take(reader)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(
            f"{number:>12,} {megabytes(2 * number * size)} {megabytes(sent)} {len(queries):>8,} "
            f"{seconds:>6.2f} s {megabytes(peak)}"
        )
        reader.delete()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"most memory that this process ever had: {megabytes(resident).strip()}")
    return 0


def written(number: int, size: int) -> Reader:
    """A reader with `number` reflections in readings of the essay, and as many revisions."""
    reader = make_guest()
    devotional = current_library().devotionals[0]
    prompts = [(section, prompt) for section in devotional.sections for prompt in section.prompts]
    now = timezone.now()
    with transaction.atomic():
        for count in range(number):
            turn, place = divmod(count, len(prompts))
            at = now - timedelta(days=number - count)
            if place == 0:
                reading = Reading.objects.create(
                    reader=reader, devotional=devotional.id, number=turn + 1, begun_at=at
                )
            section, prompt = prompts[place]
            reflection = Reflection(
                reader=reader,
                reading=reading,
                section=section.id,
                prompt=prompt.id,
                asked=prompt.words,
                section_digest=section.digest,
                begun_at=at,
                written_at=at,
            )
            text = f"{count} {SENTENCE * (size // len(SENTENCE))}"
            reflection.text = text
            reflection.save(force_insert=True)
            revision = Revision(
                reader=reader,
                reflection=reflection,
                version=1,
                asked=prompt.words,
                written_at=at,
            )
            revision.text = text
            revision.save(force_insert=True)
    return reader


def take(reader: Reader) -> tuple[int, float]:
    began = time.monotonic()
    plan = plan_for(reader, current_library())
    sent = sum(len(part) for part in zip_stream(files_of(plan)))
    return sent, time.monotonic() - began


def megabytes(size: int) -> str:
    return f"{size / 2**20:>6.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
