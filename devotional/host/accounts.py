"""Who may look after the site: an account without a reader, made and ended on the server (S8).

A host has no words here, and no reader can become one: whoever both writes and looks after the
site has two accounts, and is never the one by being the other.
"""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from devotional.readers.limits import may_try
from devotional.readers.models import Account

A_WHILE = timedelta(minutes=5)
FOR_ONE_NAME = 5  # tries to sign in by a name, from one address in a while
FROM_ONE_ADDRESS = 50  # by all names in a while
BY_NAME = 100  # from all addresses in an hour: nobody locks a host out by guessing from one or two


class NameTaken(Exception):
    """The name belongs to a reader's account."""


def hosts() -> QuerySet[Account]:
    return Account.objects.filter(is_staff=True, is_active=True, reader=None)


def is_host(user: object) -> bool:
    return isinstance(user, Account) and user.is_active and user.is_staff and user.reader_id is None


def make_host(name: str, password: str) -> bool:
    """Make a host, or give the one of that name another password; True if there was none.

    Another password ends what was signed in with the old one.
    """
    host = hosts().filter(name=name).first()
    if host is None and Account.objects.filter(name=name).exists():
        raise NameTaken
    is_new = host is None
    host = host or Account(name=name, is_staff=True)
    host.set_password(password)
    host.save()
    return is_new


def end_host(name: str) -> bool:
    """Take a host away, signed in or not; False where there is none of that name."""
    ended, _by_model = hosts().filter(name=name).delete()
    return bool(ended)


def may_sign_in(name: str, address: str) -> bool:
    """Count a try, right or wrong, before the password is looked at: side by side, too."""
    return (
        may_try("host", f"{name} {address}", times=FOR_ONE_NAME, within=A_WHILE)
        and may_try("host from", address, times=FROM_ONE_ADDRESS, within=A_WHILE)
        and may_try("host by name", name, times=BY_NAME, within=timedelta(hours=1))
    )


def signed_in(name: str, password: str) -> Account | None:
    """The host of that name and password; as much work where there is none of that name."""
    host = hosts().filter(name=name).first()
    if host is None:
        make_password(password)
        return None
    return host if host.check_password(password) else None
