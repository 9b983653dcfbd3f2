"""The settings of the tests."""

import os

from harness.settings import *  # noqa: F403

# Real ones take a third of a second each, on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Playwright runs its loop in the thread of the tests, and Django would let nobody at the database
# after a journey. Nothing here is asynchronous: each call is over before the next one begins.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
