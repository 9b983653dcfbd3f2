"""Texts are kept as they were sent, over the wire and back; too long a one is refused whole."""

import random

import pytest

from harness.experiments.texts import Tally, save_odd_texts
from harness.http_client import Page
from harness.odd_texts import FAMILY, LIMIT, Way, kept_of, on_the_wire
from harness.site import Site
from tests.reliability.conftest import SEED

ODD = {
    "ZWJ emoji": f"{FAMILY} and 👩🏽‍🚀 and ❤️‍🔥",
    "four bytes": "𝔊𝔬𝔱𝔥𝔦𝔠 𠜎 \U0010fffd",
    "right-to-left overrides": "\u202eabc\u202c שלום \u2067x\u2069",
    "combining marks": "e\u0301 is not é, a\u0300\u0301\u0302",
    "NUL": "before\0after",
    "surrogates": "high \ud83d low \udc00 end",
    "CRLF": "one\r\ntwo\rthree\nfour",
    "trailing spaces": "  kept  \n\n  \t ",
    "only spaces": "     ",
    "one long line": "long " * 19_000,
    "exactly the limit": "ü" * (LIMIT // 2),
}


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_text_is_kept_as_it_was_sent(text: str, way: Way, page: Page) -> None:
    reply = page.save(on_the_wire(text, way))
    assert reply.status == 200
    assert reply.names_digest_of(kept_of(text, way))
    assert page.text() == kept_of(text, way)


def test_what_is_documented_to_change_is_all_that_does() -> None:
    assert kept_of("a\r\nb\rc\0d", Way.RAW) == "a\nb\nc\ufffdd"
    assert kept_of("a\nb \ud800", Way.FORM) == "a\nb \ufffd"
    assert on_the_wire("a\nb", Way.FORM) == "a\r\nb"


def test_over_the_limit(page: Page) -> None:
    standing = page.text()
    refused = page.save("x" * (LIMIT + 1))
    assert refused.status == 422
    assert page.text() == standing


def test_far_over_the_limit(page: Page) -> None:
    """Past what Django reads of a form: still an answer in words, and nothing is broken after."""
    standing = page.text()
    refused = page.save("x" * 2_600_000)
    assert refused.status == 422
    page.device.close()
    assert page.text() == standing


def test_fuzzed_texts(site: Site) -> None:
    tally = Tally()
    save_odd_texts(site, tally, random.Random(SEED), 150)  # noqa: S311
    assert tally.wrong == []
    assert tally.kept + tally.refused == 150
