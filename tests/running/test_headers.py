"""The headers of every reply: pages, refusals, errors; and what https adds."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from devotional.lib.headers import CLOSED_FEATURES
from harness.waiting import PATIENCE

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
CLOSED = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in CLOSED_FEATURES),
    # Not "no-referrer", under which browsers send `Origin: null` with a form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def shared(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Cross-Origin-Resource-Policy": "cross-origin"})


urlpatterns = [
    path("page/", page),
    path("refused/", refused),
    path("broken/", broken),
    path("shared/", shared),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize(
    ("method", "address", "host", "status"),
    [
        ("GET", "/page/", "testserver", 200),
        ("GET", "/page", "testserver", 301),
        ("GET", "/page/", "evil.example", 400),
        ("GET", "/refused/", "testserver", 403),
        ("POST", "/page/", "testserver", 403),
        ("GET", "/nothing/", "testserver", 404),
        ("GET", "/broken/", "testserver", 500),
    ],
)
def test_every_reply_is_closed(method: str, address: str, host: str, status: int) -> None:
    client = Client(raise_request_exception=False)

    response = client.generic(method, address, headers={"host": host})

    assert response.status_code == status
    assert {name: response.headers.get(name) for name in CLOSED} == CLOSED
    assert "Strict-Transport-Security" not in response.headers


def test_a_view_may_open_what_others_load() -> None:
    response = Client().get("/shared/")

    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


READ_SETTINGS = """
import json, django
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in (
    "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE",
    "CSRF_TRUSTED_ORIGINS", "SECURE_PROXY_SSL_HEADER", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
)}))
"""


def settings_with(**variables: str) -> dict[str, object]:
    run = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "devotional.settings",
            **variables,
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    found: dict[str, object] = json.loads(run.stdout)
    return found


def test_plain_http() -> None:
    assert settings_with() == {
        "CSRF_COOKIE_NAME": "csrftoken",
        "CSRF_COOKIE_SECURE": False,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_TRUSTED_ORIGINS": [],
        "SECURE_PROXY_SSL_HEADER": None,
        "SECURE_SSL_REDIRECT": False,
        "SECURE_HSTS_SECONDS": 0,
    }


def test_https_behind_a_proxy() -> None:
    found = settings_with(
        SITE_URL="https://read.example.org", TRUSTED_PROXIES="1", HSTS_SECONDS="600"
    )

    assert found == {
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_TRUSTED_ORIGINS": ["https://read.example.org"],
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 600,
    }


def test_a_proxy_that_is_not_trusted_decides_nothing() -> None:
    found = settings_with(SITE_URL="https://read.example.org")

    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["SECURE_SSL_REDIRECT"] is False
    assert found["CSRF_COOKIE_SECURE"] is True
