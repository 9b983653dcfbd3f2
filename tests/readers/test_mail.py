"""What is mailed, and what happens when it can't be (K3, B5)."""

import re

import pytest
from pytest_django import Settings

from devotional.apps import named_in_mail
from harness.actors import Browser
from harness.mailbox import Mailbox
from tests.readers.actions import ANNA, add_email, ask_for_code, fill

CODE_MAIL = """\
Your code for Devotional:

{code}

Enter it on the page where you asked for it, within 15 minutes. Don’t share it; we’ll never ask for\
 it in any other way.

If you didn’t ask for this, you can ignore it. Nobody can get in this way without the code.

http://127.0.0.1:8000
"""


def everything(mailbox: Mailbox) -> str:
    return "\n".join(mail.as_string() for mail in mailbox.mails)


def test_each_code_comes_in_a_plain_mail(
    reader: Browser, stranger: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    ask_for_code(stranger)
    fill(stranger, "/account/password/forgotten/", email=ANNA)
    assert len(mailbox.mails) == 3
    for mail in mailbox.mails:
        mailbox.mails = [mail]
        code = mailbox.code()
        assert mail["Subject"] == f"Your code: {code}"
        assert mail["To"] == ANNA
        assert mail["From"] == "Devotional <hello@example.org>"
        assert mail.get_content_type() == "text/plain"
        assert mailbox.text() == CODE_MAIL.format(code=code)


def test_mail_comes_from_the_site_and_not_from_the_machine(
    reader: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    assert mailbox.callers == {"[127.0.0.1]"}
    assert mailbox.mails[-1]["Message-ID"].endswith("@[127.0.0.1]>")


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("devotional.example", "devotional.example"),
        ("localhost", "localhost"),
        ("10.0.0.7", "[10.0.0.7]"),
        ("::1", "[IPv6:::1]"),
    ],
)
def test_hosts_are_named_as_mail_has_it(host: str, named: str) -> None:
    assert named_in_mail(host) == named


def test_an_address_in_use_is_told_how_to_come_in(
    reader: Browser, other_reader: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    fill(other_reader, "/account/email/", email=ANNA)
    assert mailbox.mails[-1]["Subject"] == "You already use this address"
    assert "http://127.0.0.1:8000/account/sign-in/" in mailbox.text()


def test_a_name_with_signs_is_not_escaped(
    reader: Browser, mailbox: Mailbox, settings: Settings
) -> None:
    settings.SITE_NAME = "Bread & Wine"
    fill(reader, "/account/email/", email=ANNA)
    assert mailbox.text().splitlines()[0] == "Your code for Bread & Wine:"


def test_no_mail_holds_what_was_written_or_who_wrote_it(
    reader: Browser, other_reader: Browser, stranger: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    ask_for_code(stranger)
    fill(stranger, "/account/password/forgotten/", email=ANNA)
    fill(other_reader, "/account/email/", email=ANNA)
    text = everything(mailbox)
    assert len(mailbox.mails) == 4
    assert "canary" not in text
    assert "On Doors" not in text


def test_nobody_is_mailed_because_a_stranger_typed_their_address(
    stranger: Browser, mailbox: Mailbox
) -> None:
    ask_for_code(stranger, "nobody@example.org")
    fill(stranger, "/account/password/forgotten/", email="nobody@example.org")
    assert mailbox.mails == []
    # The server was asked, so that its refusals and its time are the same for everyone.
    assert mailbox.asked_for == ["nobody@example.org"] * 2


@pytest.mark.parametrize("address", [ANNA, "nobody@example.org"])
def test_a_mail_server_that_is_down_is_no_error(
    reader: Browser, stranger: Browser, mailbox: Mailbox, settings: Settings, address: str
) -> None:
    add_email(reader, mailbox)
    settings.MAILERS["default"]["OPTIONS"]["port"] = 1  # nothing listens there
    answers = [
        fill(reader, "/account/email/", email="anna@other.example"),
        ask_for_code(stranger, address),
        fill(stranger, "/account/password/forgotten/", email=address),
    ]
    for answer in answers:
        assert answer.status_code == 503
        assert answer["Cache-Control"] == "no-store, private"
        assert "Please try again, or use a return code instead." in answer.content.decode()


MALFORMED = ["=?utf-8?q?anna?=@example.org", f"anna@{'ü' * 60}.example"]
REFUSED = re.compile(r'<p class="problem" id="email-problem">The mail server doesn’t take mail')


@pytest.mark.parametrize("address", ["anna@no.example", *MALFORMED])
def test_an_address_that_no_server_takes_is_said_beside_it(
    reader: Browser, stranger: Browser, mailbox: Mailbox, address: str
) -> None:
    """Trying later helps nothing. What was typed stays in its field."""
    mailbox.refusal = "550 no such mailbox"
    answers = [
        fill(reader, "/account/email/", email=address),
        ask_for_code(stranger, address),
        fill(stranger, "/account/password/forgotten/", email=address),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert answer["Cache-Control"] == "no-store, private"
        html = answer.content.decode()
        assert len(REFUSED.findall(html)) == 1
        assert re.findall(r'name="email"[^>]* value="([^"]*)"', html) == [address]
    assert mailbox.mails == []
    assert reader.get("/account/email/code/").status_code == 302  # no code is waited for


def test_a_server_that_takes_no_mail_of_ours_is_not_the_address_s_fault(
    reader: Browser, stranger: Browser, mailbox: Mailbox
) -> None:
    add_email(reader, mailbox)
    mailbox.refusal_of_sender = "550 not from you"
    answers = [ask_for_code(stranger, address) for address in (ANNA, "nobody@example.org")]
    assert [answer.status_code for answer in answers] == [503, 503]
