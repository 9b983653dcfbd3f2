"""Django's settings, in the order of a request: what runs, how it answers, where it keeps things.

What a host may choose comes from `devotional.environment`. Nothing here asks the environment
itself, makes a folder or opens a file; what needs the data folder makes it at first use.
"""

import dataclasses
import os
import sys
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import django
from django.utils.csp import CSP
from django.utils.functional import SimpleLazyObject

from devotional import environment
from devotional.lib import data_folder, postgresql, sqlite
from devotional.lib.log_lines import FORMATTERS
from devotional.settings.accounts import *  # noqa: F403  # names of Django's and allauth's own

BASE_DIR = Path(__file__).resolve().parent.parent.parent

try:
    env = environment.read(os.environ, base=BASE_DIR)
except environment.WrongValue as error:
    # One line in place of a traceback, for every way to start: the reader of it set a variable.
    sys.exit(str(error))

# Who and where we are

SITE_URL = env.site_url
SITE_NAME = env.site_name
SITE_OPERATOR = env.site_operator
SITE_CONTACT = env.site_contact

HOST = env.host
PORT = env.port
WORKERS = env.workers
THREADS = env.threads
TRUSTED_PROXIES = env.trusted_proxies

DEBUG = env.debug
ALLOWED_HOSTS = env.allowed_hosts
# Whether we are well: asked on the machine, by its address, without TLS.
ANSWERED_TO_ANY_HOST = ("/healthz", "/readyz")

# Where things are kept

DATA = env.data
CONTENT_DIR = env.content
CONTENT_LAST_GOOD = DATA / "content"  # the last good reading of each file, for when one breaks
KEY_RING = env.key_ring
ERASURES = env.erasures  # where it is not in DATA: several machines must share one


def _kept_secret_key() -> str:
    return data_folder.secret_key(DATA)


# Lazy, so that checks, type checking and a build need no data folder.
SECRET_KEY = env.secret_key or cast(str, SimpleLazyObject(_kept_secret_key))

if env.database_url is None:
    _database = sqlite.database(DATA / "devotional.sqlite3")
else:
    _database = postgresql.database(**dataclasses.asdict(env.database_url))
DATABASES: dict[str, dict[str, Any]] = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What runs. Readers are not Django users; an account is, and points to its reader. Of readers'
# pages only those under /account/ know sessions and users, and none knows messages.

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "devotional",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

# What only adds headers stands first, so that error pages, refusals and static files have them, and
# the way to https too.
MIDDLEWARE = [
    "devotional.lib.access_log.Routes",
    "devotional.lib.headers.closed_headers",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "devotional.lib.hosts.Common",
    "devotional.readers.middleware.ReaderMiddleware",
    # These two do nothing until a view asks for the session or the user.
    "devotional.lib.sessions.Sessions",
    "devotional.lib.same_origin.SameOriginMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "devotional.lib.whole_requests.whole_requests",
    "devotional.errors.Unavailable",
]

ROOT_URLCONF = "devotional.urls"
WSGI_APPLICATION = "devotional.wsgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # What pages say of the site comes from tags; public ones are made without a request.
            "context_processors": ["devotional.readers.middleware.reader"],
        },
    }
]

# The host's pages: only where a path is given for them, and Django's admin is not there otherwise.

ADMIN_PATH = env.admin_path
if ADMIN_PATH:
    INSTALLED_APPS += ["django.contrib.messages", "django.contrib.admin.apps.SimpleAdminConfig"]
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1,
        "django.contrib.messages.middleware.MessageMiddleware",  # idle until a view says something
    )
    MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie more
    # An engine of its own, asked after ours: pages for readers go on knowing nothing of a request.
    TEMPLATES.append(
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "NAME": "host",
            "DIRS": [
                BASE_DIR / "templates" / "host",
                Path(django.__file__).parent / "contrib" / "admin" / "templates",
            ],
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    )

# Words and times

LANGUAGE_CODE = "en"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.time_zone

# Static files: collected by `serve` into the data folder under names that hold their hash

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "staticfiles": {"BACKEND": "devotional.lib.static.StaticStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Requests: small forms, no files

FILE_UPLOAD_HANDLERS: list[str] = []

# Cookies and forms

SECURE_COOKIES = env.https
READER_COOKIE_NAME = "__Host-reader" if env.https else "reader"

# A proxy that ends TLS may leave us seeing http, so that a form's https Origin looks foreign.
CSRF_TRUSTED_ORIGINS = [SITE_URL] if env.https else []
# Django's token: on the host's pages alone, whose views ask for it by themselves. Readers were
# given its cookie by versions before; signing out still deletes it.
CSRF_COOKIE_NAME = "__Host-csrftoken" if env.https else "csrftoken"
CSRF_COOKIE_SECURE = env.https
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "devotional.errors.forged"

# Accounts: ways to sign in. A session only remembers that someone has just signed in, so that they
# may change those ways; who writes is known by the reader's own cookie.

SESSION_COOKIE_NAME = "__Host-session" if env.https else "session"
SESSION_COOKIE_SECURE = env.https
SESSION_COOKIE_AGE = 60 * 60  # seconds

# What can't work here is not offered: email without a mail server, passkeys at an address to
# which browsers tie none.
MAIL_OFFERED = env.email_url is not None
PASSKEYS_OFFERED = env.carries_passkeys

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "devotional_limits",
        "KEY_FUNCTION": "devotional.readers.limits.cache_key",
        # Full, it forgets some; that must cost more requests than the limits allow.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Transport

SECURE_HSTS_SECONDS = env.hsts_seconds
if env.https and env.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True  # without a proxy that tells us the scheme this would never end
    SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
    SECURE_REDIRECT_EXEMPT = [rf"^{path[1:]}$" for path in ANSWERED_TO_ANY_HOST]
# Subdomains and the browsers' preload list are for the owner of the whole domain to decide.
# And mail goes nowhere on purpose (see Mail below), which a check takes for a development setting.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "mail.E001"]
# Django's CsrfViewMiddleware is missed by a check; SameOriginMiddleware stands in its place.
SILENCED_SYSTEM_CHECKS += ["security.W003"]
if ADMIN_PATH:
    # They look at the first template engine; the host's is the second.
    SILENCED_SYSTEM_CHECKS += ["admin.E402", "admin.E404"]

# Headers

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Nothing about a page goes to other sites, and our own forms still say where they come from: under
# "no-referrer" a browser sends `Origin: null`, which is refused where it sends no Sec-Fetch-Site.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Mail: codes and nothing else; nobody is mailed an error report. Without a server it goes nowhere.

MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
}
if env.email_url is not None:
    MAILERS["default"] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env.email_url.host,
            "port": env.email_url.port,
            "username": env.email_url.user,
            "password": env.email_url.password,
            "use_tls": env.email_url.tls == "starttls",
            "use_ssl": env.email_url.tls == "tls",
            "timeout": 10,  # seconds; somebody waits
        },
    }
    DEFAULT_FROM_EMAIL = env.email_from

# Logs and error reports: what happened and where in the code, never what was sent

LOG_FORMAT = env.log_format
DEFAULT_EXCEPTION_REPORTER = "devotional.lib.reporting.PrivateReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "devotional.lib.reporting.PrivateReporterFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private": {"()": "devotional.lib.reporting.PrivateRecords"}},
    "formatters": {"chosen": {"()": FORMATTERS[env.log_format]}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "chosen",
            "filters": ["private"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.log_level},
    "loggers": {
        # Replaces Django's own handlers, of which one mails whole requests.
        "django": {"handlers": [], "level": "NOTSET", "propagate": True},
        # Filtered where they begin as well, for handlers that others may add.
        "django.request": {"filters": ["private"]},
        # At DEBUG this one repeats every query with its parameters.
        "django.db.backends": {"level": "INFO"},
    },
}
