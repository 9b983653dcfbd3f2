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
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if (path := shutil.which(name))), None)
