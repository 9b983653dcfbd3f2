"""Names between a page and the server, and those of what a device keeps.

A page that was kept or left open by the version before runs its old script against this server, and
puts what this server answers into its old page. So fields, headers, and the ids and classes that
the script looks for stay, or both are taken and sent for one release. That it works with that very
version's scripts, and with what its browser had kept, is held by
`tests/browser/test_kept_by_b6f588b.py`, where records on the device are too.
"""

import re
from hashlib import sha256
from typing import Any

import pytest

from harness.actors import Browser
from harness.databases import ROOT

OPENING = "/reflect/on-doors/opening/"
PANEL = f"{OPENING}panel/"
BOXES = {f"{name}-{prompt}" for name in ("text", "version") for prompt in ("before", "closed")}
FORM = BOXES | {"op", "reading", "questions", "writer"}
# What the script of a page finds in the form that comes for it.
IDS = {"leaf-foot", "notice", "op", "on-paper", "yours-here", "state-before", "state-closed"}
# Where a device keeps something, and by which names tabs hear of each other.
ON_THE_DEVICE = {
    *("devotional:writing", "devotional:writer", "devotional:closed-tabs", "devotional:places"),
    *("devotional:aa", "devotional:invitations"),  # IndexedDB, then localStorage
    *("devotional:session", "devotional:left-at", "devotional:search", "devotional:not-mine"),
    *("devotional:tab:", "devotional:first-save", "devotional-"),  # locks, then caches
}


def names_in(html: str) -> set[str]:
    return {*re.findall(r'\bname="([^"]+)"', html)}


def ids_in(html: str) -> set[str]:
    return {*re.findall(r'\bid="([^"]+)"', html)}


def panel(browser: Browser) -> str:
    return browser.get(PANEL).content.decode()


def test_the_fields_of_the_form_before_anyone_agreed(guest: Browser) -> None:
    assert names_in(panel(guest)) - {"paper"} == FORM | {"consent"}


def test_the_fields_of_a_readers_form(reader: Browser) -> None:
    found = names_in(panel(reader))
    assert (FORM | {"paper", "seen-before"}) - found == set()


def test_what_a_script_finds_in_the_form(reader: Browser) -> None:
    html = panel(reader)
    assert IDS - ids_in(html) == set()
    forms: list[Any] = re.findall(r'<form method="post" action="([^"]+)" class="reflection"', html)
    assert forms == [OPENING]
    boxes = re.findall(r'<textarea class="box" id="([^"]+)" name="\1" data-prompt="([^"]+)"', html)
    assert boxes == [("text-before", "before"), ("text-closed", "closed")]


def outcomes_in(html: str) -> dict[str, tuple[str, str]]:
    """The state and the digest of each box that an answer speaks of."""
    found = re.findall(
        r'name="version-(\w+)" value="\d+" data-state="([\w-]*)" data-digest="(\w*)"', html
    )
    return {prompt: (state, digest) for prompt, state, digest in found}


def test_what_an_answer_says_of_each_box(reader: Browser) -> None:
    answer = reader.write("opening", before="Words.", closed="")
    html = answer.content.decode()
    assert outcomes_in(html) == {
        "before": ("saved", sha256(b"Words.").hexdigest()),
        "closed": ("empty", sha256(b"").hexdigest()),
    }
    assert {"op", "state-before", "state-closed"} - ids_in(html) == set()
    headers = {name: answer.headers[name] for name in ("HX-Retarget", "HX-Reswap", "X-Robots-Tag")}
    assert headers == {
        "HX-Retarget": "#notice",
        "HX-Reswap": "innerHTML",
        "X-Robots-Tag": "noindex, nofollow",
    }


def test_what_an_answer_offers_where_two_texts_met(reader: Browser) -> None:
    answer = reader.write("opening", change={"version-before": "0"}, before="From another page.")
    html = answer.content.decode()
    assert (answer.status_code, outcomes_in(html)["before"][0]) == (409, "conflict")
    assert '<input type="hidden" name="newest-before" value="1">' in html
    assert re.findall(r'name="keep" value="([^"]+)"', html) == [
        "mine:before",
        "other:before",
        "both:before",
    ]
    assert re.findall(r'<div class="(both)">', html) == ["both"]


@pytest.mark.parametrize("known", [True, False])
def test_who_is_here(known: bool, reader: Browser, stranger: Browser) -> None:
    """A page that comes back from a browser's memory asks for it."""
    mark = reader.fields(PANEL)["writer"]
    answer = (reader if known else stranger).get("/account/who/")
    assert (answer.content.decode(), len(mark)) == (mark if known else "", 24)


def test_names_on_the_device() -> None:
    scripts = [*(ROOT / "static/js").rglob("*.js"), ROOT / "templates/offline/service-worker.js"]
    said = {
        name
        for script in scripts
        for name in re.findall(r'"(devotional[:-][\w:-]*)"', script.read_text())
    }
    assert ON_THE_DEVICE - said == set()
