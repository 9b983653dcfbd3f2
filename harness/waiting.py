"""Waiting until something has come about: one loop with a deadline, in place of long sleeps."""

import time
from collections.abc import Callable

PATIENCE = 60  # seconds; what is waited for takes one or two here, more on a busy machine
PAUSE = 0.02  # seconds between two looks


def eventually(
    check: Callable[[], object], seconds: float = PATIENCE, *, pause: float = PAUSE
) -> bool:
    """Whether `check` becomes true, looked at again and again until the time is over."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
