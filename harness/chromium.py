"""Where Chromium is on this machine, and how it is started: for journeys and for the benches."""

import os
import shutil

PHONE = {"width": 390, "height": 844}

DESK = {"width": 1280, "height": 900}

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Chromium asks its maker about each form; here it hears nobody.
    "--autofill-server-url=http://127.0.0.1:9/",
]


def chromium() -> str | None:
    """The browser on this machine, or None."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if (path := shutil.which(name))), None)
