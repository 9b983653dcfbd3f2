"""An email address on its way to being someone's: the code that was mailed, typed back.

How often any code is mailed is counted here too, also of those that sign in.

Kept in the session until then; the account hears of an address only when it is proven. An address
that is somebody else's gets a mail too, another one, so that the page is the same either way.
"""

import logging
import time
from dataclasses import asdict, dataclass
from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.http import HttpRequest

from devotional.readers.accounts import belongs_to_another
from devotional.readers.adapter import RefusedAddressError, is_own
from devotional.readers.limits import client_address, may_try
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Account

logger = logging.getLogger("devotional.mail")

PENDING = "devotional.readers.address"
LONGEST = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT  # seconds
TYPED_AT_MOST = 3  # times

HOUR, A_WHILE = timedelta(hours=1), timedelta(minutes=10)
TO_ONE_ADDRESS = 5  # codes of a kind that one network asks for in a while
TO_ALL_ADDRESSES = 60  # the same: a congregation's, all at once
# Codes of every kind to one address in an hour, asked for by all networks: what four of them may
# ask for, so that fewer keep nobody from a code, and no mailbox is filled by many.
TO_ONE_FROM_ALL = 100
BY_ONE_READER = 10  # codes to take an address by, in an hour


@dataclass(slots=True)
class Pending:
    account: str
    email: str
    code: str  # empty where nobody can know it
    sent_at: float
    wrong: int = 0


def may_send(request: ReaderRequest, account: Account, email: str) -> bool:
    """Whether one more code may go out to an address that is to be `account`'s."""
    by_reader = may_try("address:reader", account.pk.hex, times=BY_ONE_READER, within=HOUR)
    return by_reader and may_mail_code(request, "address", email)


def may_mail_code(request: ReaderRequest, kind: str, email: str) -> bool:
    """Count one more code of a kind, by the address it goes to and the network that asks for it.

    By both together first, so that a stranger uses up nobody's codes, and what is refused uses up
    nobody else's in that network. By the address alone only very many are counted, and never
    what a browser asks for that holds the key of the one whose address it is.
    """
    email, network = email.lower(), client_address(request)
    return (
        may_try(f"{kind}:to", f"{email} {network}", times=TO_ONE_ADDRESS, within=A_WHILE)
        and may_try(f"{kind}:from", network, times=TO_ALL_ADDRESSES, within=A_WHILE)
        and (
            is_own(request.reader, email)
            or may_try("codes:to", email, times=TO_ONE_FROM_ALL, within=HOUR)
        )
    )


def send_code(request: HttpRequest, account: Account, email: str) -> None:
    """Raises RefusedAddressError, or ImmediateHttpResponse where trying later may help."""
    adapter = get_adapter()
    taken = belongs_to_another(email, account)
    code = "" if taken else adapter.generate_login_code()
    mail = "account/email/in_use" if taken else "account/email/code"
    adapter.send_mail(mail, email, {"code": code})
    keep(request, Pending(account.pk.hex, email, code, time.time()))


def tell_it_is_gone(email: str) -> None:
    """Mail an address that it is nobody's way in any more, in words that say nothing else.

    Whoever finds an open tablet could change it; the one whose mail it is should hear of that. The
    change stands also where the mail can't go out.
    """
    if not (email and settings.MAIL_OFFERED):
        return
    try:
        get_adapter().send_mail("account/email/gone", email, {})
    except (ImmediateHttpResponse, RefusedAddressError):
        logger.warning("the mail about an address that is no way in any more could not be sent")


def keep(request: HttpRequest, pending: Pending) -> None:
    request.session[PENDING] = asdict(pending)


def pending_address(request: HttpRequest, account: Account) -> Pending | None:
    """The address whose code is to be typed now, or None: too late, or another reader's."""
    kept = request.session.get(PENDING)
    pending = Pending(**kept) if kept else None
    if pending is None or pending.account != account.pk.hex:
        return None
    return pending if time.time() - pending.sent_at < LONGEST else None


def is_right(request: HttpRequest, pending: Pending, typed: str) -> bool:
    """Compare, and count what is wrong; after the last try there is nothing left to try."""
    if compare_user_code(actual=typed, expected=pending.code):
        forget(request)
        return True
    pending.wrong += 1
    keep(request, pending)
    if pending.wrong >= TYPED_AT_MOST:
        forget(request)
    return False


def forget(request: HttpRequest) -> None:
    request.session.pop(PENDING, None)
