"""B3, the half about addresses: whatever is sent to any of them, by any method, the answer is none
of 5xx.

Addresses come from the resolver, so that a new one is tried from its first day. Who asks is a
reader with one of everything, who is furnished anew where a request has erased what there was.
"""

import http.client
import random
import re
import socket
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

from harness.full_reader import HINGE, Furnished, furnish
from harness.mailbox import Mailbox
from harness.odd_requests import Ask, Source, made_odd
from harness.routes import path_of
from harness.site import Site

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
TIMEOUT = 60  # seconds for an answer
LIMITED = ("export:zip", "export:print", "export:print-reading")  # at once; see `long_replies`
QUERIES = ("q", "of", "start", "until", "after", "today", "compare", "section", "question", "next")


@dataclass(slots=True)
class Tally:
    """What was answered."""

    answers: Counter[int] = field(default_factory=Counter)
    limited: int = 0  # downloads at once beyond what there is room for, said with Retry-After
    furnished: int = 0
    wrong: list[str] = field(default_factory=list)


def ask_all(
    site: Site,
    mailbox: Mailbox,
    lock: threading.Lock,
    tasks: list[tuple[str, str]],
    tally: Tally,
    *,
    inputs: int,
    seed: int,
) -> None:
    """Try the endpoints of `tasks` one after the other, with `inputs` requests for each."""
    have: Furnished | None = None
    may_have_changed = False
    for name, method in tasks:
        try:
            if have is None or (may_have_changed and not is_all_there(have)):
                with lock:  # a code is in the last mail
                    have = furnish(site, mailbox)
                tally.furnished += 1
                have.reader.close()
            chance = random.Random(f"{seed}/{name}/{method}")  # noqa: S311  # to run it again
            try_endpoint(site, have, name, method, tally, inputs, chance)
            may_have_changed = method in ("POST", "PUT")
        except Exception as error:
            tally.wrong.append(f"{method} {name}: stopped by {type(error).__name__} {error}")
            have = None


def is_all_there(have: Furnished) -> bool:
    """Whether a reader still has what odd requests are to be tried on."""
    group = have.reader.get(f"/groups/{have.values['group_id']}/lead/")
    hinges = have.reader.get("/hinges/")
    have.reader.close()
    return group.status == 200 and HINGE in hinges.html


def try_endpoint(
    site: Site,
    have: Furnished,
    name: str,
    method: str,
    tally: Tally,
    inputs: int,
    chance: random.Random,
) -> None:
    """Send what is odd, with what the reader's browser would say of itself."""
    path = path_of(name, have.values_of(name))
    headers = {n: v.encode() for n, v in have.reader.headers().items() if n != "Cookie"}
    source = Source(chance, field_names(have, name, path))
    for _number in range(inputs):
        ask = Ask(method, path, "", dict(headers), dict(have.reader.cookies), b"")
        made_odd(ask, source)
        status, waits = answer_to(site, ask)
        if status == 503 and waits and name in LIMITED:
            tally.limited += 1
            continue
        tally.answers[status] += 1
        if status >= 500 or status == 0:
            tally.wrong.append(f"{status} to {method} {name}: {ask.wire(site.port)[:1500]!r}")


NAMES: dict[str, list[str]] = {}


def field_names(have: Furnished, name: str, path: str) -> list[str]:
    """What fields there are at an address, looked up once."""
    if name not in NAMES:
        page = have.reader.get(path)
        have.reader.close()
        NAMES[name] = sorted({*QUERIES, *re.findall(r'name="([\w-]+)"', page.html)})
    return NAMES[name]


def answer_to(site: Site, ask: Ask) -> tuple[int, bool]:
    """The status of what is answered, 0 for nothing; and whether it says when to try again."""
    try:
        with closing(socket.create_connection(("127.0.0.1", site.port), TIMEOUT)) as connection:
            connection.sendall(ask.wire(site.port))
            reply = http.client.HTTPResponse(connection, method=ask.method)
            with closing(reply):
                reply.begin()
                reply.read()
                return reply.status, reply.headers.get("Retry-After") is not None
    except (OSError, http.client.HTTPException):
        return 0, False
