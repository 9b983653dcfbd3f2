"""Whatever is sent to the pages of signing in: an answer in words, never an error (B3)."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_django import Settings

from devotional.readers.models import Account
from harness.actors import Browser
from harness.mailbox import Mailbox
from tests.readers.actions import PASSWORD, fill


def credential(**response: Any) -> str:
    return json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response})


CREDENTIALS = [
    "",
    "null",
    "[]",
    "{}",
    "1",
    '"x"',
    "[" * 5000,
    "[" * 100_000,
    '{"id":' * 100_000,
    "9" * 5000,
    "-" + "9" * 90_000,
    '{"id": 1}',
    '{"response": null}',
    '{"id": "AA", "rawId": "AA", "response": "x"}',
    credential(),
    credential(clientDataJSON="AAAA", authenticatorData="AAAA", signature="A", userHandle="AAAA"),
    credential(clientDataJSON="e30", authenticatorData="AAAA", signature="A", userHandle=None),
    credential(clientDataJSON="AAAA", attestationObject="AAAA"),
    credential(clientDataJSON="e30", attestationObject="oA"),
    credential(clientDataJSON="e30", attestationObject="_____w"),
    credential(clientDataJSON=[], attestationObject={}, userHandle={}),
]
TEXTS = [
    "",
    "\0",
    "\ud800",
    "\U0001f600" * 300,
    "\u202e",
    "' OR 1=1 --",
    "a" * 5000,
    "\r\n x",
    "İ@i.example",
    "a@b\ud83d.example",
]

TO_PASSWORD = ("/account/password/", "password")
# What is not refused: long enough for a password.
ANSWERS: dict[tuple[str, ...], int] = {
    (*TO_PASSWORD, "\U0001f600" * 300): 302,
    (*TO_PASSWORD, "' OR 1=1 --"): 302,
    (*TO_PASSWORD, "İ@i.example"): 302,
    (*TO_PASSWORD, "a@b\ud83d.example"): 302,
}


@pytest.mark.parametrize("made_up", CREDENTIALS)
def test_credentials(reader: Browser, stranger: Browser, settings: Settings, made_up: str) -> None:
    settings.PASSKEYS_OFFERED = True
    stranger.get("/account/sign-in/passkey/", headers={"accept": "application/json"})
    came = fill(stranger, "/account/sign-in/", "/account/sign-in/passkey/", credential=made_up)
    assert came.status_code == 302
    assert fill(reader, "/account/passkeys/add/", credential=made_up).status_code == 422
    assert not Account.objects.exists()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("page", "to", "names"),
    [
        ("/account/sign-in/", "/account/sign-in/", ("login", "password")),
        ("/account/sign-in/", "/account/sign-in/code/", ("email",)),
        ("/account/password/forgotten/", "/account/password/forgotten/", ("email",)),
        ("/account/email/", "/account/email/", ("email",)),
        ("/account/password/", "/account/password/", ("name",)),
        ("/account/password/", "/account/password/", ("password",)),
    ],
)
def test_texts(
    reader: Browser, mailbox: Mailbox, text: str, page: str, to: str, names: tuple[str, ...]
) -> None:
    assert reader.get(page).status_code == 200
    sent = {"name": "anna", "password": PASSWORD} | dict.fromkeys(names, text)
    body = urlencode(sent, errors="surrogatepass")
    answer = reader.post(to, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == ANSWERS.get((to, *names, text), 422)


@pytest.mark.parametrize("text", TEXTS)
def test_codes(reader: Browser, mailbox: Mailbox, text: str) -> None:
    fill(reader, "/account/email/", email="anna@example.org")
    assert reader.get("/account/email/code/").status_code == 200
    body = urlencode({"code": text}, errors="surrogatepass")
    answer = reader.post(
        "/account/email/code/", body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 422
