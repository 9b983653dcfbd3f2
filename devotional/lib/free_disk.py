"""How much room is left on the disk that the database lies on, before it is full.

A full disk stops everyone. So what can wait, above all making new readers, stops earlier, and what
is left is for those who write already.
"""

import shutil
import time
from pathlib import Path

FLOOR = 1 << 30  # bytes: days of hundreds of writers, and room for a backup or a migration …
FLOOR_SHARE = 0.05  # … or, of a small disk, this much of it, where that is less
LOOK_EVERY = 5.0  # seconds; a flood must not ask the system for each request

_looked: dict[Path, tuple[float, bool]] = {}  # by folder: when, monotonic, and what was seen


def is_low(folder: Path) -> bool:
    """Whether the disk of `folder` has less room than the floor; looked at now and then."""
    now = time.monotonic()
    looked_at, low = _looked.get(folder, (None, False))
    if looked_at is None or now - looked_at > LOOK_EVERY:
        low = is_below_floor(folder)
        _looked[folder] = (now, low)
    return low


def is_below_floor(folder: Path) -> bool:
    """The same, looked at now. False where the system can't say: then the disk itself will."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return False
    return disk.free < min(FLOOR, disk.total * FLOOR_SHARE)
