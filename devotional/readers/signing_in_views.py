"""Signing in: django-allauth's views, with our words, our pages and our statuses (K3).

Each page gives the same answer whether or not an address or a name is known here. Nobody signs up:
see `ways_views` for how a reader comes to have an account.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.logout import logout
from allauth.core.ratelimit import respond_429
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from devotional.readers.account_forms import ByPasskeyForm, NewPasswordForm, SignInForm
from devotional.readers.adapter import NOTICE, THEN, RefusedAddressError
from devotional.readers.addresses import may_mail_code
from devotional.readers.arrivals import CHANGED, next_in, note_next
from devotional.readers.limits import client_address, may_try
from devotional.readers.middleware import ReaderRequest

A_WHILE = timedelta(minutes=5)
PASSKEYS = 300  # questions and answers from one address in a while: a congregation's, all at once


def where[**P](
    offered: Callable[[], bool],
) -> Callable[[Callable[P, HttpResponseBase]], Callable[P, HttpResponseBase]]:
    """A view that is there only where this site can do what it is for."""

    def decorate(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
        @wraps(view)
        def reply(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not offered():
                raise Http404
            return view(*args, **kwargs)

        return reply

    return decorate


def mail_is_offered() -> bool:
    return bool(settings.MAIL_OFFERED)


def passkeys_are_offered() -> bool:
    return bool(settings.PASSKEYS_OFFERED)


def sign_in_first(request: HttpRequest, *, then: str) -> HttpResponse:
    """Ask for any of the ways in once more, and come back to `then`."""
    if request.user.is_authenticated:
        logout(request)
    request.session[THEN] = then
    request.session[NOTICE] = _("To change how you sign in, please sign in again.")
    return redirect("account_login")


class Ours:
    """What our pages need to know, and how they answer a form that is not right."""

    request: ReaderRequest
    is_first_step = False  # of those that one comes to from elsewhere, and goes on from

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_first_step and request.method == "POST":
            note_next(self.request)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return known | {
            "notice": self.request.session.pop(NOTICE, ""),
            "next": next_in(self.request),
            "offers_email": settings.MAIL_OFFERED,
            "offers_passkeys": settings.PASSKEYS_OFFERED,
        }

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == 200:
            too_often = any(
                error.code == "too_many_login_attempts"
                for errors in form.errors.as_data().values()
                for error in errors
            )
            response.status_code = 429 if too_often else 422
        return response

    def beside_the_address(self, form: BaseForm, code: str) -> HttpResponse:
        """Say what is wrong with the address that a code was to go to, or with asking again."""
        form.add_error("email", get_adapter().validation_error(code))
        return self.form_invalid(form)


class SignIn(Ours, account.LoginView):  # type: ignore[misc]  # allauth is untyped
    """The one page with every way in; its own form is for name and password."""

    is_first_step = True
    template_name = "account/sign_in.html"
    form_class = SignInForm


class SendCode(Ours, account.RequestLoginCodeView):  # type: ignore[misc]
    """Mail a code to sign in with. Asked for again, it sends a new one."""

    is_first_step = True
    template_name = "account/sign_in.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("account_login")

    def form_valid(self, form: Any) -> HttpResponse:
        email = form.cleaned_data["email"]
        if not may_mail_code(self.request, "code", email):
            return self.beside_the_address(form, "too_many_login_attempts")
        then = self.request.session.get(THEN)
        logout(self.request)  # nobody is signed in while a code is on its way
        note_next(self.request)
        if then:
            self.request.session[THEN] = then
        try:
            if form._user is None:
                get_adapter().rehearse_mail(email)
            response: HttpResponse = super().form_valid(form)
        except RefusedAddressError:
            return self.beside_the_address(form, "refused_address")
        return response


class TypeCode(Ours, account.ConfirmLoginCodeView):  # type: ignore[misc]
    template_name = "account/sign_in_code.html"


class ByPasskey(Ours, webauthn.LoginWebAuthnView):  # type: ignore[misc]
    """GET gives a script what the browser is to be asked; POST brings its answer."""

    is_first_step = True
    form_class = ByPasskeyForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """429 for too many: each question makes a session, also for who never answers it."""
        if not may_try("passkey", client_address(request), times=PASSKEYS, within=A_WHILE):
            too_often: HttpResponse = respond_429(request)
            return too_often
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class ForgottenPassword(Ours, account.PasswordResetView):  # type: ignore[misc]
    template_name = "account/password_forgotten.html"

    def form_valid(self, form: Any) -> HttpResponse:
        email = form.cleaned_data["email"]
        if not may_mail_code(self.request, "new password", email):
            return self.beside_the_address(form, "too_many_login_attempts")
        try:
            if not form.users:
                get_adapter().rehearse_mail(email)
            response: HttpResponse = super().form_valid(form)
        except RefusedAddressError:
            return self.beside_the_address(form, "refused_address")
        return response


class TypePasswordCode(Ours, account.ConfirmPasswordResetCodeView):  # type: ignore[misc]
    template_name = "account/password_code.html"


class NewPassword(Ours, account.CompletePasswordResetView):  # type: ignore[misc]
    template_name = "account/password_new.html"
    form_class = NewPasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it and sign in; in the place of another, the arrival ends where others are ended."""
        had_one = self._process.user.has_usable_password()
        self.request.session.pop(THEN, None)
        response: HttpResponse = super().form_valid(form)
        if had_one:
            self.request.session[CHANGED] = True
        return response
