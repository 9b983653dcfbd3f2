"""What is typed on the pages of signing in, checked: one field where one will do.

Passwords are typed once: they can be shown, pasted, and made by a password manager.
"""

import re
import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ResetPasswordKeyForm
from allauth.mfa.adapter import get_adapter as get_passkey_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm, SignupWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from devotional.readers.models import Account

NAME = re.compile(r"[^\W_](?:[\w.-]{1,38})[^\W_]")  # letters of every script, digits and . _ -


def plain_name(text: str) -> str:
    """A name as it is kept and looked up: however it is typed, it is the same name."""
    return unicodedata.normalize("NFKC", text.strip()).lower()


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is untyped
    """Name or address, and password. One look-up and one hash, whatever was typed."""

    def clean_login(self) -> str:
        return plain_name(self.cleaned_data["login"])

    def user_credentials(self) -> dict[str, str]:
        # Names have no @. allauth would try both, which takes longer where the address is known.
        login = self.cleaned_data["login"]
        kind = "email" if "@" in login else "username"
        return {kind: login, "password": self.cleaned_data["password"]}


class AddressForm(forms.Form):
    email = forms.EmailField(max_length=254)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if email == self.account.email:
            raise forms.ValidationError(_("You’re already using this address."))
        return email


class PasswordForm(forms.Form):
    """A name to sign in with, and a password. Whoever has an address here may do without a name."""

    name = forms.CharField(max_length=40, required=False)
    password = forms.CharField(max_length=1000, strip=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.initial["name"] = account.name or ""

    def clean_name(self) -> str:
        name = plain_name(self.cleaned_data["name"])
        if not name and self.account.email:
            return ""
        if not NAME.fullmatch(name):
            raise forms.ValidationError(
                _("A name has 3 to 40 letters or digits; . _ and - are fine in between.")
            )
        if Account.objects.filter(name=name).exclude(pk=self.account.pk).exists():
            raise forms.ValidationError(_("This username is taken. Please choose another."))
        return name

    def clean_password(self) -> str:
        named = Account(name=self.cleaned_data.get("name"), email=self.account.email)
        password: str = get_adapter().clean_password(self.cleaned_data["password"], named)
        return password


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]  # allauth is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]


# What allauth's reader of a credential lets through where it was made up.
MADE_UP = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class CredentialField(forms.JSONField):
    """JSON, also where Python's reader gives up: nested too deep, or a number of 5,000 digits."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (RecursionError, ValueError) as error:
            raise get_passkey_adapter().validation_error("incorrect_code") from error


class PasskeyForm(SignupWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """A passkey that was just made, and what to call it."""

    name = forms.CharField(max_length=40, required=False)
    credential = CredentialField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except MADE_UP as error:
            raise get_passkey_adapter().validation_error("incorrect_code") from error
        return cleaned


class ByPasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """A passkey that signs in by itself."""

    credential = CredentialField(widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except MADE_UP as error:
            raise get_passkey_adapter().validation_error("incorrect_code") from error
