"""The settings under test: the real ones, read from an environment that holds nothing of ours.

A developer's own variables and data folder must neither change a test nor be touched by one.
"""

import atexit
import os
import shutil
import tempfile

from devotional import environment

for name in environment.VARIABLES:
    os.environ.pop(name, None)
_data = tempfile.mkdtemp(prefix="devotional-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["DATA"] = _data
os.environ["ADMIN_PATH"] = "host"  # so that every test is one with the host's pages on

from devotional.settings import *  # noqa: E402, F403

# Names with a hash need a collected copy; the tests of `serve` make one and look at it.
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir(parents=True)  # noqa: F405  # WhiteNoise warns where it is missing

# Real ones take a third of a second each, on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
