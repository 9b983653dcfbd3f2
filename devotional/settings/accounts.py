"""How readers sign in: Django's settings for accounts, and allauth's. None depends on the host.

What is offered at all, and the session's cookie, does: that is in `devotional.settings`.
"""

from typing import Any

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
# number for each account ("key"), which stands first, so that tries beyond it use up nobody else's.
# Of a password the key is name and address together, and by the name alone many more are counted
# (`adapter.py`): a stranger must not lock an account by guessing at it. Codes by mail are counted
# alike (`addresses.py`). All in the database, for all processes together.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "5/5m/key,50/5m/ip",
    "request_login_code": None,
    "reset_password": None,
    "reset_password_from_key": "20/m/ip",
}

MFA_ADAPTER = "devotional.readers.adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]  # as a way in of its own, never as a second step
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey is all that is asked for, and tablets are shared: the device must see who holds it.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
