"""The settings of the tests."""

from harness.settings import *  # noqa: F403

# Real ones take a third of a second each, on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
