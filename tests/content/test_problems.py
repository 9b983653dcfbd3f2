"""A2: what an author is told, about which line. Numbers are those in `problems.Kind`."""

from pathlib import Path

import pytest

from devotional.content.loader import ContentError, read_devotional

from .conftest import Complaints, Read, Write
