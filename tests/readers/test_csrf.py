"""Forged requests are refused: with a token for readers, by origin for those who have none."""

import pytest
from pytest_django import Settings

from devotional.readers.models import Reader
from devotional.reflections.models import Reflection
from harness.actors import Browser
from harness.html_forms import Fields

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


def test_a_stale_token_gives_the_form_back_with_its_words(reader: Browser) -> None:
    """From a page of ours: nothing is saved, no word is lost, and the new form is accepted (W7)."""
    html = reader.write(
        "opening", before="long open", change={"csrfmiddlewaretoken": ""}, htmx=False
    )
    assert html.status_code == 403
    assert html["Cache-Control"] == "no-store, private"
    fields = Fields(html.content.decode()).values
    assert fields["text-before"] == "long open"
    assert reader.texts()["before"] == "The canary of the first reader."
    assert reader.send(PATH, fields, htmx=False).status_code == 302
    assert reader.texts()["before"] == "long open"


def test_htmx_gets_a_new_token_and_may_send_the_same_again(reader: Browser) -> None:
    sent = reader.fields(f"{PATH}panel/") | {"text-before": "long open", "csrfmiddlewaretoken": "x"}
    refused = reader.send(PATH, sent)
    assert refused.status_code == 403
    assert "<textarea" not in refused.content.decode()
    fields = Fields(refused.content.decode()).values
    assert fields["op"] == sent["op"]
    again = sent | {"csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]}
    assert reader.send(PATH, again).status_code == 200


@pytest.mark.parametrize("htmx", [True, False])
def test_another_site_is_refused_and_gets_no_token(htmx: bool, reader: Browser) -> None:
    sent = reader.fields(f"{PATH}panel/") | {"text-before": "forged", "csrfmiddlewaretoken": ""}
    headers = {"origin": "https://elsewhere.example"} | ({"hx-request": "true"} if htmx else {})
    refused = reader.post(PATH, sent, headers=headers)
    assert refused.status_code == 403
    html = refused.content.decode()
    assert "csrfmiddlewaretoken" not in html
    assert "load the page again and save once more" in html
    assert refused.get("HX-Retarget", "") == ("#notice" if htmx else "")


def test_a_form_made_for_nobody_asks_once_there_is_a_reader(guest: Browser) -> None:
    """Agreed in one tab, written in another: nothing is saved before they say so again."""
    other_tab = guest.fields(f"{PATH}panel/")
    guest.write("opening", closed="First tab.")
    asked = guest.send(PATH, other_tab | {"text-before": "Second tab."})
    assert asked.status_code == 401
    assert "in another tab" in asked.content.decode()
    fields = other_tab | Fields(asked.content.decode()).values
    fields.pop("consent")
    fields.pop("text-closed")
    assert guest.send(PATH, fields | {"text-before": "Second tab."}).status_code == 200
    assert guest.texts() == {"before": "Second tab.", "closed": "First tab."}


def test_behind_a_proxy_that_does_not_tell_the_scheme(guest: Browser, settings: Settings) -> None:
    """Old browsers send no Sec-Fetch-Site; their https Origin is ours all the same."""
    settings.CSRF_TRUSTED_ORIGINS = ["https://testserver"]
    sent = guest.fields(f"{PATH}panel/") | {"text-before": "mine"}
    assert guest.post(PATH, sent, headers={"origin": "https://testserver"}).status_code == 302
