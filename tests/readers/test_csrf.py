"""Forged requests are refused: with a token for readers, by origin for those who have none."""

import pytest

from devotional.readers.models import Reader
from devotional.reflections.models import Reflection
from tests.conftest import Browser

PATH = "/reflect/on-doors/opening/"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_another_site_cannot_write_as_a_guest(headers: dict[str, str], guest: Browser) -> None:
    sent = guest.fields(f"{PATH}panel/") | {"text-before": "planted"}
    refused = guest.post(PATH, sent, headers=headers)
    assert refused.status_code == 403
    assert not refused.cookies
    assert Reader.objects.count() == 0


def test_the_browsers_word_that_it_is_our_own_page_is_enough(guest: Browser) -> None:
    sent = guest.fields(f"{PATH}panel/") | {"text-before": "mine"}
    saved = guest.post(PATH, sent, headers={"sec-fetch-site": "same-origin", "hx-request": "true"})
    assert saved.status_code == 200


@pytest.mark.parametrize("change", [{"csrfmiddlewaretoken": ""}, {"csrfmiddlewaretoken": "x" * 64}])
def test_a_reader_needs_the_token(change: dict[str, str], reader: Browser) -> None:
    refused = reader.write("opening", before="forged", change=change)
    assert refused.status_code == 403
    assert Reflection.objects.get().text == "The canary of the first reader."


def test_the_refusal_says_what_to_do(reader: Browser) -> None:
    page = reader.write("opening", change={"csrfmiddlewaretoken": ""}, htmx=False)
    assert page.status_code == 403
    assert page["Cache-Control"] == "no-store, private"
    html = page.content.decode()
    assert "<h1>We could not be sure that this came from you</h1>" in html
    assert "load the page again and save once more" in html
