"""Forged requests are refused by where they come from, at every address and for everybody."""

import uuid

import pytest
from pytest_django import Settings

from devotional.readers.models import Reader
from harness.actors import FORGED, ORIGIN, Browser
from harness.html_forms import Fields
from harness.routes import PART, ROUTES

PATH = "/reflect/on-doors/opening/"
CANARY = "The canary of the first reader."

ELSEWHERE = [
    pytest.param(FORGED, id="another site"),
    pytest.param(
        {"origin": "http://groups.testserver", "sec-fetch-site": "same-site"}, id="a sibling"
    ),
    pytest.param({"origin": "null", "sec-fetch-site": "cross-site"}, id="a sandboxed frame"),
    pytest.param({"origin": ORIGIN, "sec-fetch-site": "none"}, id="no page at all"),
    # Browsers before Sec-Fetch-Site, and every browser on plain http in a home network.
    pytest.param({"origin": "https://elsewhere.example"}, id="another site, old browser"),
    pytest.param({"origin": "http://groups.testserver"}, id="a sibling, old browser"),
    pytest.param({"origin": "http://testserver:8000"}, id="another port, old browser"),
    pytest.param({"origin": "https://testserver"}, id="another scheme, old browser"),
    pytest.param({"origin": "null"}, id="a sandboxed frame, old browser"),
    pytest.param({"origin": ""}, id="nothing is said"),
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_another_site_cannot_write_as_a_guest(headers: dict[str, str], guest: Browser) -> None:
    sent = guest.fields(f"{PATH}panel/") | {"text-before": "planted"}
    refused = guest.post(PATH, sent, headers=headers)
    assert refused.status_code == 403
    assert not refused.cookies
    assert Reader.objects.count() == 0


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("headers", ELSEWHERE)
def test_another_site_cannot_write_as_a_reader(
    headers: dict[str, str], htmx: bool, reader: Browser
) -> None:
    sent = reader.fields(f"{PATH}panel/") | {"text-before": "forged"}
    refused = reader.post(PATH, sent, headers=headers | ({"hx-request": "true"} if htmx else {}))
    assert refused.status_code == 403
    html = refused.content.decode()
    assert "reload the page and save again" in html
    assert "please tell whoever runs this site" in html
    assert (CANARY in html, refused["Cache-Control"]) == (False, "no-store, private")
    assert refused.get("HX-Retarget", "") == ("#notice" if htmx else "")
    assert reader.texts()["before"] == CANARY


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "FOO"])
def test_every_address_is_guarded(method: str, reader: Browser) -> None:
    """The host's and allauth's too, and those that take no form."""
    filled = dict.fromkeys(("slug", "str", "path", "anything"), "x")
    filled |= {"int": "1", "uuid": str(uuid.uuid4())}
    paths = [f"/{PART.sub(lambda part: filled[part[1]], route)}" for route in ROUTES.values()]
    answers = {p: reader.generic(method, p, headers=FORGED).status_code for p in paths}
    assert answers == dict.fromkeys(paths, 403)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_from_another_site_leads_here(method: str, reader: Browser) -> None:
    for path in ("/", "/journal/", PATH):
        answer = reader.generic(method, path, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, id="a browser"),
        pytest.param({"origin": ORIGIN}, id="an old browser, or plain http"),
        pytest.param(
            {"origin": "null", "sec-fetch-site": "same-origin"}, id="a proxy hides the referrer"
        ),
    ],
)
def test_a_page_of_ours_is_believed(headers: dict[str, str], reader: Browser) -> None:
    sent = reader.fields(f"{PATH}panel/") | {"text-before": "mine"}
    assert reader.post(PATH, sent, headers=headers).status_code == 302
    assert reader.texts()["before"] == "mine"


def test_behind_a_proxy_that_does_not_tell_the_scheme(guest: Browser, settings: Settings) -> None:
    """Old browsers send no Sec-Fetch-Site; their https Origin is ours all the same."""
    settings.CSRF_TRUSTED_ORIGINS = ["https://testserver"]
    sent = guest.fields(f"{PATH}panel/") | {"text-before": "mine"}
    assert guest.post(PATH, sent, headers={"origin": "https://testserver"}).status_code == 302


@pytest.mark.parametrize("htmx", [True, False])
def test_a_page_of_the_version_before_still_saves(htmx: bool, reader: Browser) -> None:
    """Kept or left open, it sends a token in its form, or in a header, and the cookie of it."""
    reader.cookies["csrftoken"] = "c" * 32
    sent = reader.fields(f"{PATH}panel/") | {"text-before": "long open"}
    sent |= {"csrfmiddlewaretoken": "t" * 64}
    headers = {"x-csrftoken": "t" * 64} | ({"hx-request": "true"} if htmx else {})
    saved = reader.post(PATH, sent, headers=headers)
    assert saved.status_code == (200 if htmx else 302)
    assert reader.texts()["before"] == "long open"
    assert "csrftoken" not in saved.cookies


def test_no_reader_is_given_a_token(reader: Browser) -> None:
    for path in (PATH, "/journal/", "/account/", "/account/sign-in/", "/groups/new/"):
        page = reader.get(path)
        assert page.status_code == 200
        assert "csrf" not in page.content.decode()
    assert list(reader.cookies) == ["reader"]


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
