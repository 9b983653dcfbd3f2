"""What django-allauth asks of us: who may sign in, what happens then, how codes are mailed (K3).

A passkey is a way in of its own here, so no second step follows any of the ways. Whoever has come
in by one goes to the page of arriving; which words are whose is asked there, not here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.mail import mailers
from django.core.mail.backends.smtp import EmailBackend
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devotional.readers.arrivals import expect
from devotional.readers.limits import client_address, may_try
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Account, Reader

THEN = "devotional.readers.then"  # where someone wanted to go who had to sign in first
NOTICE = "devotional.readers.notice"  # what the next page has to say

NOT_RIGHT = gettext_lazy("That username or password isn’t right. Please check both.")
TOO_OFTEN = gettext_lazy("Too many tries. Wait a few minutes, or sign in another way.")

HOUR = timedelta(hours=1)
# Passwords tried at one name in an hour, right or wrong, from all addresses together: 40 times what
# one address may try at once, and 4,800 guesses a day at a password that is in no list of common
# ones. A browser that holds the reader's key is never kept out by it.
TRIED_BY_NAME = 200

# The server's refusals, the network's, and what can't be written in a mail.
CANT_SEND = (SMTPException, OSError, ValueError)


class RefusedAddressError(Exception):
    """No mail goes to this address, however often it is tried."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NOT_RIGHT,
        "username_password_mismatch": NOT_RIGHT,
        "incorrect_code": gettext_lazy("That code isn’t right. Please check it again."),
        "rate_limited": TOO_OFTEN,
        "too_many_login_attempts": TOO_OFTEN,
        "refused_address": gettext_lazy(
            "The mail server doesn’t take mail for this address. Check the spelling, or use "
            "another one."
        ),
    }

    def is_open_for_signup(self, request: ReaderRequest) -> bool:
        return False  # a reader comes before an account, and is made by their first save

    def get_client_ip(self, request: ReaderRequest) -> str:
        return client_address(request)

    def _get_login_attempts_cache_key(self, request: ReaderRequest, **credentials: str) -> str:
        """Whose wrong passwords are counted: those for one name, from one address."""
        return f"{login_of(credentials)} {client_address(request)}"

    def pre_authenticate(self, request: ReaderRequest, **credentials: str) -> None:
        """Raises ValidationError where a password was tried too often, before it is looked at."""
        super().pre_authenticate(request, **credentials)
        login = login_of(credentials)
        if is_own(request.reader, login):
            return
        if not may_try("sign-in", login, times=TRIED_BY_NAME, within=HOUR):
            raise self.validation_error("too_many_login_attempts")

    def get_login_stages(self) -> list[str]:
        return ["allauth.account.stages.LoginByCodeStage"]

    def pre_login(
        self, request: ReaderRequest, user: Account, **_how: object
    ) -> HttpResponse | None:
        if user.is_active and user.reader_id:
            return None
        clear_login(request)
        return render(request, "account/no_reader.html", status=403)

    def post_login(self, request: ReaderRequest, user: Account, **_how: object) -> HttpResponse:
        """Go where everyone goes who has just signed in; no address in the request changes it."""
        assert user.reader is not None  # noqa: S101  # pre_login has seen to it
        then = request.session.pop(THEN, "")
        if then and request.reader == user.reader:
            return redirect(then)  # not an arrival: their own browser, and signed in once more
        expect(request, user.reader)
        return redirect(settings.LOGIN_REDIRECT_URL)

    def add_message(
        self, request: ReaderRequest, level: int, *_template: Any, message: Any = None, **_more: Any
    ) -> None:
        if message and level >= messages.ERROR:
            request.session[NOTICE] = str(message)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Raises RefusedAddressError, or ImmediateHttpResponse where trying later may help."""
        message = self.render_mail(template_prefix, email, context)
        with telling_what_failed(self.request, email):
            message.send()

    def rehearse_mail(self, email: str) -> None:
        """For an address that nobody has here: all that sending takes, but the message.

        So the answer is the same where the mail server is down or refuses the address, and takes
        about as long. And nobody is mailed because a stranger typed their address.
        """
        mailer = mailers.default
        if not isinstance(mailer, EmailBackend):
            return
        with telling_what_failed(self.request, email):
            rehearse(mailer, self.get_from_email(), email)


def login_of(credentials: dict[str, str]) -> str:
    """The name or the address that someone signs in by."""
    return (credentials.get("email") or credentials.get("username") or "").lower()


def is_own(reader: Reader | None, login: str) -> bool:
    """Whether `login` is of the account of `reader`, whose key this browser holds."""
    account = getattr(reader, "account", None)
    return account is not None and login in (account.name, account.email)


def rehearse(mailer: EmailBackend, sender: str, recipient: str) -> None:
    """Raises what sending would."""
    mailer.open()
    server = mailer.connection
    assert server is not None  # noqa: S101  # open() raises where there is none
    try:
        server.ehlo_or_helo_if_needed()
        code, said = server.mail(mailer.prep_address(sender))
        if code != 250:
            raise SMTPSenderRefused(code, said, sender)
        code, said = server.rcpt(mailer.prep_address(recipient))
        if code not in (250, 251):
            raise SMTPRecipientsRefused({recipient: (code, said)})
        server.rset()
    finally:
        mailer.close()


@contextmanager
def telling_what_failed(request: ReaderRequest, email: str) -> Iterator[None]:
    """Where a mail to `email` fails, raise what says whose fault it is: the address's or not."""
    try:
        yield
    except CANT_SEND as error:
        if is_about_the_address(error, email):
            raise RefusedAddressError from error
        raise ImmediateHttpResponse(not_sent(request)) from error


def is_about_the_address(error: Exception, email: str) -> bool:
    """Whether the server refused `email` for good (RFC 5321: 5yz), or was never to be asked."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _said in error.recipients.values())
    return isinstance(error, ValueError) and not can_be_written(email)


def can_be_written(email: str) -> bool:
    """Whether SMTP has a form for `email`; a part may be too long once it is in ASCII."""
    mailer = mailers.default
    try:
        if isinstance(mailer, EmailBackend):
            mailer.prep_address(email)
    except ValueError:
        return False
    return True


def not_sent(request: ReaderRequest) -> HttpResponse:
    return render(request, "account/not_sent.html", status=503)


class PasskeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This passkey doesn’t work here. Please sign in another way."
        ),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": settings.SITE_NAME}

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        """What a device shows beside the passkey; it knows its owner, so it need not know us."""
        shown = user.email or user.name or _("A reader here")
        return {"id": user.pk.hex.encode(), "name": shown, "display_name": shown}

    def generate_authenticator_name(self, user: Account, type: str) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)s") % {"number": number}
