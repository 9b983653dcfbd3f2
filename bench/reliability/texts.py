"""B3, the half about texts: what is kept is what was sent, whatever was sent."""

import random
import threading
from collections import Counter
from collections.abc import Iterator

from bench.reliability.report import Options, Row
from harness.experiments.texts import Tally, save_odd_texts
from harness.readback import read
from harness.site import Site

THREADS = 4


def run(options: Options) -> Iterator[Row]:
    site = Site(options.folder)
    site.start()
    tallies = [Tally() for _ in range(THREADS)]
    shares = [options.texts // THREADS + (n < options.texts % THREADS) for n in range(THREADS)]
    threads = [
        threading.Thread(
            target=save_odd_texts,
            args=(site, tally, random.Random(f"{options.seed}/{number}"), share),  # noqa: S311
        )
        for number, (tally, share) in enumerate(zip(tallies, shares, strict=True))
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        site.stop()
    stored = read(site).texts
    strange = len(stored - set().union(*(tally.expected for tally in tallies)))
    answers = sum((tally.answers for tally in tallies), Counter())
    wrong = [line for tally in tallies for line in tally.wrong]
    kept, refused = sum(t.kept for t in tallies), sum(t.refused for t in tallies)
    for line in wrong[:10]:
        print("B3:", line)
    yield Row(
        "B3",
        f"{kept + refused:,} fuzzed texts saved, {refused} of them over the limit",
        f"{len(wrong)} not kept as sent, {strange} kept that were never sent; "
        f"answers {dict(sorted(answers.items()))}",
        not wrong
        and strange == 0
        and kept + refused == options.texts
        and not any(status >= 500 for status in answers),
    )
