"""Changing the ways in: adding an address, a passkey or a password, and taking one away (K3).

Who changes them is the reader of this browser's cookie. The first way may be added by whoever
writes here; from then on it takes a sign-in within the hour, by any of the ways, so that someone
who finds an open tablet can't make a door of their own.
"""

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.ratelimit import respond_429
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib.auth import update_session_auth_hash
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devotional.readers import accounts
from devotional.readers.account_forms import AddressForm, PasskeyForm, PasswordForm
from devotional.readers.adapter import NOTICE, RefusedAddressError
from devotional.readers.addresses import (
    is_right,
    may_send,
    pending_address,
    send_code,
    tell_it_is_gone,
)
from devotional.readers.erasing import end_sessions
from devotional.readers.middleware import ReaderRequest
from devotional.readers.models import Account, Reader
from devotional.readers.signing_in_views import (
    mail_is_offered,
    passkeys_are_offered,
    sign_in_first,
    where,
)

KEEP = "readers:keep"
LATELY = 60 * 60  # seconds
NO_CODE = gettext_lazy("This code has expired. Please ask for a new one.")


def changes_ways[**P](
    view: Callable[Concatenate[ReaderRequest, Account, P], HttpResponse],
) -> Callable[Concatenate[ReaderRequest, P], HttpResponseBase]:
    """Call `view` with the account of this browser's reader, if they may change it now."""

    @wraps(view)
    def guarded(request: ReaderRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        reader = request.reader
        if reader is None:
            raise Http404
        account = accounts.account_of(reader)
        if must_sign_in(request, reader):
            return sign_in_first(request, then=request.path if request.method == "GET" else KEEP)
        return view(request, account, *args, **kwargs)

    return guarded


def must_sign_in(request: ReaderRequest, reader: Reader) -> bool:
    """Whether the ways to `reader` may be changed only after signing in once more."""
    account = accounts.account_of(reader)
    return accounts.exists(account) and not signed_in_lately(request, account)


def signed_in_lately(request: ReaderRequest, account: Account) -> bool:
    if request.user.pk != account.pk:
        return False
    records = get_authentication_records(request, account)
    return bool(records) and time.time() - records[-1]["at"] < LATELY


def sign_in_here(request: ReaderRequest, account: Account, *, method: str) -> None:
    """Let the session know what was just proven. Signing in turns its key."""
    if request.user.pk != account.pk:
        get_adapter().login(request, account)
    record_authentication(request, account, method)


def page(
    request: ReaderRequest,
    template: str,
    account: Account,
    form: BaseForm | None = None,
    **more: Any,
) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    known = {"ways": accounts.ways_into(account), "form": form, **more}
    known["notice"] = request.session.pop(NOTICE, "")
    return render(request, template, known, status=status)


@where(mail_is_offered)
@changes_ways
def email(request: ReaderRequest, account: Account) -> HttpResponse:
    """Add an address, or change it: a code goes there first."""
    form = AddressForm(request.POST or None, account=account)
    if not form.is_valid():
        return page(request, "account/email.html", account, form)
    address = form.cleaned_data["email"]
    if not may_send(request, account, address):
        return cast(HttpResponse, respond_429(request))
    try:
        send_code(request, account, address)
    except RefusedAddressError:
        form.add_error("email", get_adapter().validation_error("refused_address"))
        return page(request, "account/email.html", account, form)
    return redirect("account_email_verification_sent")


@where(mail_is_offered)
@changes_ways
def email_code(request: ReaderRequest, account: Account) -> HttpResponse:
    pending = pending_address(request, account)
    if pending is None:
        request.session[NOTICE] = str(NO_CODE)
        return redirect("account_email")
    if request.method != "POST":
        return page(request, "account/email_code.html", account, email=pending.email)
    if is_right(request, pending, request.POST.get("code", "")):
        before = account.email
        try:
            accounts.add_email(account, pending.email)
        except IntegrityError:
            request.session[NOTICE] = str(NO_CODE)
            return redirect("account_email")
        if before != pending.email:
            tell_it_is_gone(before)
        sign_in_here(request, account, method="code")
        return to_ways(has_changed=bool(before) and before != pending.email)
    if pending_address(request, account) is None:
        request.session[NOTICE] = str(NO_CODE)
        return redirect("account_email")
    response = page(request, "account/email_code.html", account, email=pending.email, wrong=True)
    response.status_code = 422
    return response


@changes_ways
def password(request: ReaderRequest, account: Account) -> HttpResponse:
    """Set a name and a password, or others."""
    had_one = account.has_usable_password()
    form = PasswordForm(request.POST or None, account=account)
    if form.is_valid():
        try:
            accounts.add_password(account, **form.cleaned_data)
        except IntegrityError:
            form.add_error("name", _("This username is taken. Please choose another."))
        else:
            sign_in_here(request, account, method="password")
            update_session_auth_hash(request, account)  # other sessions end
            return to_ways(has_changed=had_one)
    return page(request, "account/password.html", account, form)


@where(passkeys_are_offered)
@changes_ways
def add_passkey(request: ReaderRequest, account: Account) -> HttpResponse:
    """The browser makes a passkey of what the page holds, and its answer comes back here."""
    form = PasskeyForm(request.POST or None, user=account)
    if form.is_valid():
        accounts.add_passkey(account, **form.cleaned_data)
        sign_in_here(request, account, method="mfa")
        return redirect(KEEP)
    options = json.dumps(begin_registration(account, passwordless=True)["publicKey"])
    return page(request, "account/passkey.html", account, form, options=options)


def to_ways(*, has_changed: bool) -> HttpResponse:
    """Back to the page of ways, which offers to end the others where one was changed or removed.

    Whoever changes a way in may have a reason: somebody else knew it, and may be in already.
    """
    return redirect(reverse(KEEP) + ("?changed" if has_changed else ""))


REMOVE = {"email": accounts.remove_email, "password": accounts.remove_password}


@changes_ways
def remove_way(request: ReaderRequest, account: Account, way: str) -> HttpResponse:
    """Take the address or the password away."""
    ways = accounts.ways_into(account)
    if not {"email": ways.email, "password": ways.has_password}[way]:
        raise Http404
    return ask_then(request, account, lambda: REMOVE[way](account), way=way)


@changes_ways
def remove_passkey(request: ReaderRequest, account: Account, pk: int) -> HttpResponse:
    passkey = next((key for key in accounts.ways_into(account).passkeys if key.id == pk), None)
    if passkey is None:
        raise Http404
    return ask_then(
        request, account, lambda: accounts.remove_passkey(account, pk), way="passkey", key=passkey
    )


def ask_then(
    request: ReaderRequest, account: Account, remove: Callable[[], None], **asked: Any
) -> HttpResponse:
    """Ask once; and where nothing else brings the reader back, only take that very yes."""
    last = accounts.is_last_way(account)
    if request.method == "POST" and (not last or request.POST.get("last") == "yes"):
        if account.reader:  # who came in by it elsewhere may change nothing any more
            end_sessions(account.reader, but=request.session.session_key)
        before = account.email
        remove()
        if not account.email:
            tell_it_is_gone(before)
        if accounts.exists(account):
            update_session_auth_hash(request, account)  # without a password it is another one
        return to_ways(has_changed=True)
    return page(request, "account/remove.html", account, last=last, **asked)
