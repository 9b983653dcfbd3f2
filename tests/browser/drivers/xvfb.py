"""A screen of its own, in memory, for a browser that can't do without one."""

import os
import select
import shutil
from pathlib import Path

from tests.browser.drivers import processes
from tests.browser.drivers.driver import MissingEngineError

SIZE = "1400x4400x24"  # pixels and bits: as high as the longest picture that a test takes


class Screen:
    """An X server that nobody else uses; `display` is its name for programs."""

    def __init__(self, folder: Path) -> None:
        path = shutil.which("Xvfb")
        if path is None:
            raise MissingEngineError("no screen for WebKit here: install the package `xvfb`")
        log = folder / "xvfb.log"
        reading, writing = os.pipe()
        try:
            self.process = processes.start(
                [
                    path,
                    "-displayfd",  # finds a free number by itself, and tells it when it is ready
                    str(writing),
                    "-screen",
                    "0",
                    SIZE,
                    "-nolisten",
                    "tcp",
                    "-noreset",
                ],
                log,
                pass_fds=(writing,),
            )
            os.close(writing)
            writing = -1

            def number() -> str | None:
                is_there, _, _ = select.select([reading], [], [], 0)
                return os.read(reading, 20).decode().strip() or None if is_there else None

            self.display = f":{processes.wait_for_start(self.process, log, number)}"
        finally:
            os.close(reading)
            if writing >= 0:
                os.close(writing)

    def close(self) -> None:
        processes.stop(self.process)
