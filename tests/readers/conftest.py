"""What tests of signing in stand on: a mail server, and a site that knows it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from harness.mailbox import Mailbox


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """Mail is configured, and arrives here."""
    with Mailbox() as server:
        settings.MAIL_OFFERED = True
        settings.DEFAULT_FROM_EMAIL = "Devotional <hello@example.org>"
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {"host": "127.0.0.1", "port": server.port, "timeout": 10},
            }
        }
        yield server
