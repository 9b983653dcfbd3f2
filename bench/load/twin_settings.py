"""The settings of the twin: the site's own, with other pages."""

from devotional.settings import *  # noqa: F403

ROOT_URLCONF = "bench.load.twin"
