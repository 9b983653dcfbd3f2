"""The site's own settings, read from an environment that holds nothing of ours.

For what runs in one process with the site: the tests and some of the benches. A
developer's own variables and data folder must neither change a run nor be touched by it.
"""

import atexit
import os
import shutil
import tempfile

from devotional import environment
from harness.databases import RUN, SERVER, address_of

for name in environment.VARIABLES:
    os.environ.pop(name, None)
_data = tempfile.mkdtemp(prefix="devotional-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["DATA"] = _data
if SERVER:
    os.environ["DATABASE_URL"] = address_of(f"suite_{RUN}")
os.environ["ADMIN_PATH"] = "host"  # so that every test is one with the host's pages on

from devotional.settings import *  # noqa: E402, F403

# Names with a hash need a collected copy; the tests of `serve` make one and look at it.
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir(parents=True)  # noqa: F405  # WhiteNoise warns where it is missing

if SERVER:
    DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405  # a test is one long transaction
