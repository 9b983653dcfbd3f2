"""B3, the half about texts: what is kept is what was sent, whatever was sent."""

import random
from collections import Counter
from dataclasses import dataclass, field

from harness.http_client import SECTIONS, Device, Page
from harness.odd_texts import (
    LIMIT,
    Way,
    filled_up,
    kept_of,
    odd_text,
    on_the_wire,
)
from harness.site import Site
from harness.writers import BROKEN

OVER = 0.005  # the share of texts that are a byte too long


@dataclass(slots=True)
class Tally:
    """What became of the texts of one run."""

    answers: Counter[int] = field(default_factory=Counter)
    kept: int = 0
    refused: int = 0  # over the limit, and the words before still stand
    wrong: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)


def save_odd_texts(site: Site, tally: Tally, chance: random.Random, count: int) -> None:
    """Save `count` odd texts in the boxes of one reader, and look at each after it."""
    device = Device(site.port)
    pages = {section: Page(device, section) for section in SECTIONS}
    # The reader begins with one plain save; pages opened before it would be a stranger's.
    first = pages["opening"].save("First words.")
    tally.expected.add("First words.")
    tally.answers[first.status] += 1
    for _ in range(count):
        section = chance.choice(list(SECTIONS))
        prompt = chance.choice(SECTIONS[section])
        try:
            save_one(pages[section], prompt, tally, chance)
        except (*BROKEN, AssertionError) as error:
            tally.wrong.append(f"no answer: {type(error).__name__} {error}")
            device.close()
    device.close()


def save_one(page: Page, prompt: str, tally: Tally, chance: random.Random) -> None:
    text, way = odd_text(chance), chance.choice(list(Way))
    before = page.text(prompt)
    too_long = chance.random() < OVER
    if too_long:
        text = filled_up(text, LIMIT) + "!"
    expected = kept_of(text, way)
    too_long = len(expected.encode()) > LIMIT  # bytes that are no UTF-8 grow where they are marked
    reply = page.save(on_the_wire(text, way), prompt)
    tally.answers[reply.status] += 1
    stands = page.text(prompt)
    if too_long and reply.status == 422 and stands == before:
        tally.refused += 1
    elif not too_long and reply.status == 200 and stands == expected:
        tally.kept += 1
        tally.expected.add(expected)
        if not reply.names_digest_of(expected):
            tally.wrong.append(f"wrong hash for {text[:60]!a} as {way}")
    else:
        tally.wrong.append(
            f"{reply.status} for {text[:60]!a} ({len(text)} letters) as {way}: {stands[:60]!a}"
        )
