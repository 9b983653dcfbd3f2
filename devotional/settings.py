"""Django's settings, in the order of a request: what runs, how it answers, where it keeps things.

What a host may choose comes from `devotional.environment`. Nothing here asks the environment
itself, makes a folder or opens a file; what needs the data folder makes it at first use.
"""

import os
import sys
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import django
from django.utils.csp import CSP
from django.utils.functional import SimpleLazyObject

from devotional import environment
from devotional.lib import data_folder, sqlite
from devotional.lib.log_lines import FORMATTERS

BASE_DIR = Path(__file__).resolve().parent.parent

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
PREVIEWS = DATA / "previews"  # pictures for links, drawn at first need; can be thrown away
KEY_RING = env.key_ring


def _kept_secret_key() -> str:
    return data_folder.secret_key(DATA)


# Lazy, so that checks, type checking and a build need no data folder.
SECRET_KEY = env.secret_key or cast(str, SimpleLazyObject(_kept_secret_key))

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "devotional.lib.sqlite",
        "NAME": DATA / "devotional.sqlite3",
        "OPTIONS": sqlite.options(),
        # One connection a thread, kept: opening one for each request costs a third of the saves.
        "CONN_MAX_AGE": None,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What runs. Readers are not Django users; an account is, and points to its reader. Only the pages
# under /account/ know sessions and users, and no page knows messages.

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

# What only adds headers stands first, so that error pages, refusals and static files have them.
MIDDLEWARE = [
    "devotional.lib.access_log.Routes",
    "django.middleware.security.SecurityMiddleware",
    "devotional.lib.headers.closed_headers",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "devotional.lib.static.StaticFiles",
    "devotional.lib.hosts.Common",
    # These two do nothing until a view asks for the session or the user.
    "devotional.lib.sessions.Sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
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
            # None: what pages say of the site comes from tags, and nothing knows the request.
            "context_processors": [],
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
    "devotional.lib.bundles.BundleFinder",
]
# One file made of several, in order; read by BundleFinder.
STATIC_BUNDLES: dict[str, list[str]] = {
    "css/site.css": [
        "css/fonts.css",
        "css/tokens.css",
        "css/base.css",
        "css/prose.css",
        "css/forms.css",
        "css/panel.css",
        "css/lookback.css",
        "css/pages.css",
        "css/offline.css",
        "css/print.css",
    ],
    "js/site.js": [
        "js/aa.js",
        "js/share.js",
        "js/place.js",
        "js/resume.js",
        "js/together.js",
        "js/invited.js",
        "js/times.js",
        "js/grow.js",
        "js/ask-again.js",
        "js/local.js",
        "js/writing.js",
        "js/outbox.js",
        "js/offline.js",
        "js/back.js",
        "js/copy.js",
        "js/leaving.js",
    ],
}
# A reader's own pages have more to do. One script there too: two would each keep a state of their
# own of what they share.
STATIC_BUNDLES["js/private.js"] = [
    *STATIC_BUNDLES["js/site.js"],
    "js/who.js",
    "js/left.js",
    "js/passkeys.js",
    "js/reveal.js",
    "js/choosing.js",
    "js/journal.js",
    "js/time-zone.js",
    "js/search.js",
]
STATIC_BUNDLES["css/private.css"] = [
    "css/account.css",
    "css/signing-in.css",
    "css/rights.css",
    "css/journal.css",
    "css/hinges.css",
    "css/sharing.css",
    "css/export.css",
    "css/groups.css",
    "css/joining.css",
    "css/inviting.css",
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

CSRF_COOKIE_NAME = "__Host-csrftoken" if env.https else "csrftoken"
CSRF_COOKIE_SECURE = env.https
CSRF_COOKIE_HTTPONLY = True  # forms and fragments carry the token; no script reads the cookie
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "devotional.readers.views.csrf_failure"
# A proxy that ends TLS may leave us seeing http, so that a form's https Origin looks foreign.
CSRF_TRUSTED_ORIGINS = [SITE_URL] if env.https else []

# Accounts: ways to sign in. A session only remembers that someone has just signed in, so that they
# may change those ways; who writes is known by the reader's own cookie.

AUTH_USER_MODEL = "devotional.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS += [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    }
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "readers:arrive"
SESSION_COOKIE_NAME = "__Host-session" if env.https else "session"
SESSION_COOKIE_SECURE = env.https
SESSION_COOKIE_AGE = 60 * 60  # seconds

# What can't work here is not offered: e-mail without a mail server, passkeys at an address to
# which browsers tie none.
MAIL_OFFERED = env.email_url is not None
PASSKEYS_OFFERED = env.carries_passkeys

ACCOUNT_ADAPTER = "devotional.readers.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_METHODS = {"username", "email"}
# Nobody signs up by allauth; what it is told here only settles how it signs people in.
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is kept once its code was typed, never before
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is mailed because a stranger typed their address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds; phones are slow to show mail
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False  # who is signed in may sign in again
ACCOUNT_SESSION_REMEMBER = True  # for the hour of SESSION_COOKIE_AGE
ALLAUTH_USER_CODE_FORMAT = {"length": 8, "numeric": False, "dashed": True}
# A congregation shares one address, so those numbers are generous; what guards an account is the
# number for each account ("key"). All in the database, for all processes together.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "50/5m/ip,5/5m/key",
    "request_login_code": "60/10m/ip,5/10m/key",
    "reset_password": "60/10m/ip,5/10m/key",
    "reset_password_from_key": "20/m/ip",
}

MFA_ADAPTER = "devotional.readers.adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]  # as a way in of its own, never as a second step
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey is all that is asked for, and tablets are shared: the device must see who holds it.
MFA_WEBAUTHN_USER_VERIFICATION = "required"

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
# Nothing about a page goes to other sites, and our own forms still say where they come from:
# under "no-referrer" a browser sends `Origin: null`, which the CSRF check refuses.
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
