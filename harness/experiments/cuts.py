"""B1, where the moment is chosen: a network cut in the middle of a save, a server killed between
the commit of a first save and its answer. Sent again, each save is kept once, and nothing else is.
"""

import random
from collections import Counter

from harness.cut_connections import COMMITTED, lose_the_answer, operations, unread
from harness.http_client import SECTIONS, Device, Page
from harness.readback import read
from harness.site import Site
from harness.waiting import eventually
from harness.writers import Account, Box, Findings, settle


def cut_saves(site: Site, count: int, seed: int) -> tuple[Findings, Counter[int]]:
    """Cut saves at any byte, or only their answers, then send them whole; fields in any order.

    What the database then holds, and how often each status was answered.
    """
    chance = random.Random(seed)  # noqa: S311  # a seed to run it again
    account = Account()
    answers: Counter[int] = Counter()
    page = Page(Device(site.port))
    boxes = {prompt: Box(page.device, "opening", prompt) for prompt in SECTIONS["opening"]}
    account.boxes += boxes.values()
    for number in range(count + 1):
        prompt = chance.choice(list(boxes))
        text = f"{number}: {chance.random()} and some words more, {chance.random()}"
        form = page.filled({prompt: text})
        form = dict(chance.sample(list(form.items()), len(form)))
        if number and chance.random() < 0.8:
            with unread(page, form, share=chance.uniform(0.1, 0.999)):
                pass
        elif number:
            lose_the_answer(page, form, site.database)
        reply = page.send(form)
        answers[reply.status] += 1
        boxes[prompt].acknowledged += [text] if reply.status == 200 else []
        if reply.status != 200:
            page.open()
    page.device.close()
    return settle(account, read(site)), answers


def second_readers_of_a_cut_first_save(site: Site) -> int:
    """Kill the server between the commit of a first save and its answer, and send it again.

    How many readers there are beyond the one that wrote. Leaves the server running.
    """
    before = read(site).readers
    page = Page(Device(site.port))
    form = page.filled({"becoming": f"The first words, and nobody {random.random()} heard."})  # noqa: S311
    page.device.close()
    count = operations(site.database)
    with unread(page, form):
        assert eventually(lambda: operations(site.database) > count, COMMITTED, pause=0.001)
        site.kill()
    site.start()
    assert page.send(form).status == 200
    page.device.close()
    return read(site).readers - before - 1
