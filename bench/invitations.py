"""B12: guessed invitations over the network, and the visits of bots, against a running server.

    python -m bench.invitations [--guesses 10000]

Starts a server of its own with one group, whose good link is opened among the guesses, and counts
what was found and what was left behind.
"""

import argparse
import http.client
import secrets
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

from harness.site import Site

AGENTS = ("WhatsApp/2.23.20.0", "Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1 Facebot")
TABLES = ("reader", "membership", "devicetoken")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--guesses", type=int, default=10_000)
    guesses = options.parse_args().guesses
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        site.start()
        try:
            report(site, guesses)
        finally:
            site.stop()


def report(site: Site, guesses: int) -> None:
    door = make_group(site)
    before = rows(site)
    server = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    began = time.monotonic()
    answers = Counter(ask(server, "GET", f"/j/{secrets.token_urlsafe(16)}") for _ in range(guesses))
    took = time.monotonic() - began
    bots = Counter(
        ask(server, method, door, agent)
        for agent in AGENTS
        for method in ("HEAD", "GET")
        for _ in range(100)
    )
    left = {name: rows(site)[name] - before[name] for name in before}
    hits = sum(count for (status, _cookie), count in answers.items() if status == 200)
    print(f"{'B12':<28}{'what':<44}figure")
    print(f"{'guessed invitations':<28}{f'{guesses:,} of 128 bits':<44}{hits} hits")
    print(f"{'':<28}{'answers by status':<44}{shown(answers)}")
    print(f"{'':<28}{'guesses a second, one connection':<44}{guesses / took:,.0f}")
    print(f"{'bots at the good link':<28}{f'{sum(bots.values())} HEAD and GET':<44}{shown(bots)}")
    print(f"{'left behind':<28}{'rows and sessions':<44}{left}")
    assert hits == 0
    assert set(bots) == {(200, False)}
    assert not any(left.values())


def make_group(site: Site) -> str:
    """A group by its own form; the path of its link, as its leader is shown it."""
    server = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    fields = f"name=Bench&first_name=Lea&writer=&op={uuid4()}&rhythm=0"
    fields += "&devotional=the-continual-pursuit-of-breakthrough"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": site.url}
    server.request("POST", "/groups/new/", fields, headers)
    made = server.getresponse()
    made.read()
    assert made.status == 303, made.status
    cookie = (made.headers["Set-Cookie"] or "").partition(";")[0]
    server.request("GET", made.headers["Location"], headers={"Cookie": cookie})
    page = server.getresponse().read().decode()
    return "/j/" + page.partition("/j/")[2][:22]


def ask(
    server: http.client.HTTPConnection, method: str, path: str, agent: str = "guesser"
) -> tuple[int, bool]:
    """The status of one request, and whether the answer set a cookie."""
    server.request(method, path, headers={"User-Agent": agent})
    answer = server.getresponse()
    answer.read()
    return answer.status, answer.headers["Set-Cookie"] is not None


def rows(site: Site) -> Counter[str]:
    names = [*(f"devotional_{name}" for name in TABLES), "django_session"]
    return Counter(
        {name: site.database.ask(f"SELECT count(*) FROM {name}")[0][0] for name in names}  # noqa: S608
    )


def shown(answers: Counter[tuple[int, bool]]) -> str:
    return ", ".join(f"{count:,} × {status}" for (status, _), count in sorted(answers.items()))


if __name__ == "__main__":
    main()
