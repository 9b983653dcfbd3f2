"""Where Chromium is on this machine, and how it is started: for journeys and for the benches."""

import os
import shutil

PHONE = {"width": 390, "height": 844}

DESK = {"width": 1280, "height": 900}

# What each window of Chromium loads and runs for its own address bar takes more of the processor
# than most of our pages. Only the last list that a browser is given counts, so Playwright's own is
# repeated here.
OFF = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "AimEnabled", "LensOverlay", "MediaRouter"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "PreconnectToSearch"),
)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(OFF)}",
    # Chromium asks its maker about each form; here it hears nobody.
    "--autofill-server-url=http://127.0.0.1:9/",
]


def chromium() -> str | None:
    """The browser on this machine, or None."""
    return first_of("chromium", "chromium-browser", "google-chrome")


def headless_chromium() -> str | None:
    """The same without the program around its pages, where it is installed, or the whole browser.

    Journeys take a fifth less of the processor in it, and what happens within a page is the same:
    it is built from the same source, and Playwright itself starts it where no window is asked for.
    """
    return first_of("chromium-headless-shell") or chromium()


def first_of(*names: str) -> str | None:
    """Where the first of these programs is that is installed; CHROMIUM names another one."""
    named = os.environ.get("CHROMIUM")
    return next(
        (path for name in ([named] if named else names) if (path := shutil.which(name))), None
    )
