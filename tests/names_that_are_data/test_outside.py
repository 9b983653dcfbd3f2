"""Names that others hold: in links, on paper, in calendars, in browsers and in a host's files.

The names of variables and commands are a host's; `tests/deploy/` holds that the recipes use no
others. Who gets what at each address is in `tests/policy.py`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.test import Client

from devotional import environment
from harness.databases import ROOT
from harness.routes import ROUTES

# What stands in links, QR codes, calendars and bookmarks, and what a page that was kept or left
# open asks for. The names of the parts between brackets don't matter.
ADDRESSES = {
    *("/", "/healthz", "/readyz", "/sitemap.xml", "/robots.txt"),
    *("/service-worker.js", "/manifest.webmanifest", "/offline/"),
    *("/read/<slug>/", "/read/<slug>/<slug>/", "/print/<slug>/", "/print/<slug>/<slug>/"),
    *("/handout/<slug>/<slug>/", "/guide/<slug>/<slug>/", "/meeting/<slug>/<slug>/"),
    *("/preview/<slug>.png", "/preview/<slug>/<slug>.png"),
    *("/reflect/<slug>/<slug>/", "/reflect/<slug>/<slug>/panel/"),
    *("/j/<anything>", "/calendar/<str>.ics"),
    *("/account/", "/account/return/", "/account/arrive/", "/account/who/"),
    *("/account/another-device/", "/account/carry-on/<path>"),
    *("/account/return-code/", "/account/sign-in/", "/account/sign-out/", "/account/signed-out/"),
    *("/privacy/", "/consent/", "/erase/", "/export/", "/export/everything.zip"),
    *("/journal/", "/journal/search/", "/readings/", "/readings/<slug>/", "/hinges/"),
    *("/history/<uuid>/", "/share/", "/share/<uuid>/"),
    *("/groups/", "/groups/new/", "/groups/<uuid>/", "/groups/<uuid>/lead/"),
    *("/groups/<uuid>/invite/", "/groups/<uuid>/invite/sheet/", "/groups/<uuid>/calendar/"),
    "/hinges/ask-again/<slug>/<slug>/",
}
# By these names django-allauth finds its own pages.
ALLAUTH = {
    "account_login": "sign-in/",
    "account_request_login_code": "sign-in/code/",
    "account_confirm_login_code": "sign-in/code/type/",
    "mfa_login_webauthn": "sign-in/passkey/",
    "account_email": "email/",
    "account_email_verification_sent": "email/code/",
    "account_remove_email": "email/remove/",
    "mfa_add_webauthn": "passkeys/add/",
    "mfa_remove_webauthn": "passkeys/<int:pk>/remove/",
    "account_set_password": "password/",
    "account_remove_password": "password/remove/",
    "account_reset_password": "password/forgotten/",
    "account_confirm_password_reset_code": "password/forgotten/code/",
    "account_complete_password_reset": "password/forgotten/new/",
}
VARIABLES = [
    *("DATA", "CONTENT", "DATABASE_URL", "KEY_RING", "ERASURES", "SECRET_KEY", "HOST", "PORT"),
    *("SITE_URL", "ALLOWED_HOSTS", "SITE_NAME", "SITE_OPERATOR", "SITE_CONTACT", "TIME_ZONE"),
    *("EMAIL_URL", "EMAIL_FROM", "TRUSTED_PROXIES", "HSTS_SECONDS", "WORKERS", "THREADS"),
    *("LOG_LEVEL", "LOG_FORMAT", "ADMIN_PATH", "DEBUG"),
]
COMMANDS = [
    *("backup", "make_host", "migrate", "prune_guests", "replay_erasures", "restore"),
    *("rotate_keys", "serve"),
]
UNITS = [
    *("devotional-backup.service", "devotional-backup.timer"),
    *("devotional-prune.service", "devotional-prune.timer", "devotional.service"),
]
PRINT_COOKIES = """
from django.conf import settings as s
print(s.READER_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_NAME)
"""


def test_addresses() -> None:
    found = {"/" + re.sub(r"<(\w+):\w+>", r"<\1>", route) for route in ROUTES.values()}
    assert ADDRESSES - found == set()


def test_the_addresses_of_allauth() -> None:
    found = {name: path for name, path in ROUTES.items() if re.match("account_|mfa_", name)}
    assert found == {name: f"account/{path}" for name, path in ALLAUTH.items()}


def test_the_places_on_a_page_that_links_lead_to(content: Path) -> None:
    page = Client().get("/print/on-doors/").content.decode()
    assert re.findall(r'id="(part-[^"]+)"', page) == [
        "part-opening",
        "part-hinges",
        "part-thresholds",
    ]


def test_variables() -> None:
    assert sorted(environment.VARIABLES) == sorted(VARIABLES)


def test_commands() -> None:
    ours = [name for name, app in get_commands().items() if app == "devotional"]
    assert sorted(ours) == COMMANDS


def test_units() -> None:
    found = [file.name for file in (ROOT / "deploy").iterdir()]
    assert sorted(name for name in found if name.endswith((".service", ".timer"))) == UNITS


@pytest.mark.parametrize(
    ("site", "cookies"),
    [
        ("http://127.0.0.1:8000", "reader csrftoken session"),
        ("https://read.example.org", "__Host-reader __Host-csrftoken __Host-session"),
    ],
)
def test_cookies(site: str, cookies: str, tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", PRINT_COOKIES],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "devotional.settings",
            "DATA": str(tmp_path),
            "SITE_URL": site,
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert said.stdout == f"{cookies}\n"
