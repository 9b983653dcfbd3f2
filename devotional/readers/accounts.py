"""An account and the ways in that it holds: an email address, passkeys, a password (K3).

An account exists exactly as long as it holds a way in: it is made with the first and goes with the
last, so that no half-made one ever looks like a way back. Nothing here knows of requests.
"""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from devotional.readers.models import Account, Reader, ReturnCode


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in of one reader's account, and which of them this site offers."""

    email: str = ""
    passkeys: tuple[Passkey, ...] = ()
    has_password: bool = False
    name: str = ""

    @property
    def any(self) -> bool:
        return self.count > 0

    @property
    def count(self) -> int:
        return len(self.passkeys) + bool(self.email) + self.has_password

    @property
    def offers_email(self) -> bool:
        return bool(settings.MAIL_OFFERED)

    @property
    def offers_passkeys(self) -> bool:
        return bool(settings.PASSKEYS_OFFERED)


def account_of(reader: Reader) -> Account:
    """The reader's account, or the one that would be theirs: not saved, and so not there yet.

    It has the reader's own id, which is random, so that a passkey can be made for an account
    before there is one.
    """
    if hasattr(reader, "account"):
        return reader.account
    # By the id alone: given the reader, Django would take it for theirs at once.
    return Account(id=reader.id, reader_id=reader.id, password=make_password(None))


def exists(account: Account) -> bool:
    return account.pk is not None and not account._state.adding


def ways_of(reader: Reader) -> Ways:
    """The ways in of `reader`'s account: none where there is no account."""
    return ways_into(reader.account) if hasattr(reader, "account") else Ways()


def ways_into(account: Account) -> Ways:
    passkeys = Authenticator.objects.filter(user_id=account.pk).order_by("pk")
    has_password = account.has_usable_password()
    return Ways(
        email=account.email,
        passkeys=tuple(Passkey(row.pk, row.data["name"]) for row in passkeys),
        has_password=has_password,
        name=(account.name or "") if has_password else "",
    )


def belongs_to_another(email: str, account: Account) -> bool:
    others = EmailAddress.objects.exclude(user_id=account.pk)
    return bool(others.filter(email=email).exists())


@transaction.atomic
def add_email(account: Account, email: str) -> None:
    """Make `email` the account's one address: whoever reads its mail has just typed the code.

    Raises IntegrityError where another account was quicker.
    """
    account.email = email
    account.save()
    EmailAddress.objects.filter(user=account).delete()
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)


def add_password(account: Account, *, name: str, password: str) -> None:
    """Raises IntegrityError where the name was taken just now."""
    account.name = name or None
    account.set_password(password)
    account.save()


@transaction.atomic
def add_passkey(account: Account, *, name: str, credential: dict[str, Any]) -> None:
    account.save()
    WebAuthn.add(account, name, credential)


@transaction.atomic
def remove_email(account: Account) -> None:
    EmailAddress.objects.filter(user=account).delete()
    account.email = ""
    if not account.name:
        # A password alone names nobody.
        account.set_unusable_password()
    account.save()
    end_if_empty(account)


@transaction.atomic
def remove_password(account: Account) -> None:
    account.set_unusable_password()
    account.name = None
    account.save()
    end_if_empty(account)


@transaction.atomic
def remove_passkey(account: Account, passkey_id: int) -> None:
    Authenticator.objects.filter(user=account, pk=passkey_id).delete()
    end_if_empty(account)


def end_if_empty(account: Account) -> None:
    if not ways_into(account).any:
        account.delete()


def is_last_way(account: Account) -> bool:
    """Whether nothing brings the reader back once one way in is gone."""
    ways = ways_into(account)
    goes_too = bool(ways.email) and ways.has_password and not account.name
    return (
        ways.count - goes_too <= 1
        and not ReturnCode.objects.filter(reader=account.reader_id).exists()
    )
