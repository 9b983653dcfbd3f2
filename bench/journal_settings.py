"""The settings of the journal's bench: the real ones, without collected static files."""

from devotional.settings import *  # noqa: F403

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir(parents=True)  # noqa: F405  # WhiteNoise warns where it is missing
