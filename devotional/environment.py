"""Reads the environment: every variable that a host may set, its type, its default and its limits.

Here a string from outside becomes a typed value, or is refused in one sentence that names the
variable and says what it may be. Nothing here knows Django, makes a folder or opens a file:
reading the same environment twice is free and gives the same answer.
"""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("plain", "json")
SHORTEST_SECRET_KEY = 50  # characters; Django's own check asks for as many

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})

HOST_NAME = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*", re.IGNORECASE)

ADMIN_PATH = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
# The first parts of our own addresses, and of those that browsers ask for by themselves.
OWN_PATHS = frozenset(
    {"account", "calendar", "consent", "erase", "export", "groups", "guide", "handout", "healthz"}
    | {"hinges", "history", "j", "journal", "meeting", "offline", "preview", "print", "privacy"}
    | {"read", "readings", "readyz", "reflect", "share", "static"}
)

MAIL_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")


class WrongValue(ValueError):
    """A variable holds what it must not; the message is the one line to show."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how: by TLS from the start, by STARTTLS, or in the open."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"  # or "tls", or "none"


@dataclass(frozen=True, slots=True)
class Environment:
    """What the host has chosen. The field's name in capitals is the variable's name."""

    data: Path  # the folder with everything that must be kept
    content: Path  # the folder of devotionals
    key_ring: Path  # the file of encryption keys; worth keeping away from the backups
    secret_key: str  # empty: kept in the data folder, made at first use
    host: str  # the address to listen on
    port: int
    site_url: str  # where readers find the site: scheme and host, no slash at the end
    allowed_hosts: list[str]
    site_name: str
    site_operator: str  # who runs the site, in words that fit "run by …"
    site_contact: str
    time_zone: str
    email_url: MailServer | None  # none: no mail is sent, and no way that needs it is offered
    email_from: str
    trusted_proxies: int  # how many proxies stand before us, each adding to X-Forwarded-For
    hsts_seconds: int
    workers: int  # processes
    threads: int  # in each process
    log_level: str
    log_format: str  # "plain" for people, "json" for what collects logs
    admin_path: str  # where the host's pages are; empty: there are none
    debug: bool

    @property
    def https(self) -> bool:
        """Whether readers reach the site by TLS, whoever ends it."""
        return self.site_url.startswith("https://")

    @property
    def carries_passkeys(self) -> bool:
        """Browsers tie passkeys to a name, and only where the site is reached by TLS or at home."""
        host = urlsplit(self.site_url).hostname or ""
        return not is_ip(host) and (self.https or host == "localhost")


def read(variables: Mapping[str, str], *, base: Path) -> Environment:
    """Read all variables. An empty one counts as not set. `base` is the folder of the program."""

    def value[T](name: str, reader: Callable[[str, str], T], default: T) -> T:
        text = variables.get(name, "").strip()
        return reader(name, text) if text else default

    data = value("DATA", folder, base / "data")
    host = value("HOST", address, "127.0.0.1")
    port = value("PORT", between(1, 65535), 8000)
    site_url = value("SITE_URL", site_address, own_address(host, port))
    email_url = value("EMAIL_URL", mail_server, no_mail_server())
    return Environment(
        data=data,
        content=value("CONTENT", folder, base / "content"),
        key_ring=value("KEY_RING", file, data / "keyring"),
        secret_key=value("SECRET_KEY", secret, ""),
        host=host,
        port=port,
        site_url=site_url,
        allowed_hosts=value("ALLOWED_HOSTS", hosts, own_hosts(site_url, host)),
        site_name=value("SITE_NAME", line, "Devotional"),
        site_operator=value("SITE_OPERATOR", line, "the person who runs this server"),
        site_contact=value("SITE_CONTACT", line, ""),
        time_zone=value("TIME_ZONE", time_zone, "UTC"),
        email_url=email_url,
        email_from=value("EMAIL_FROM", mail_address, "") or own_mail_address(email_url),
        trusted_proxies=value("TRUSTED_PROXIES", between(0, 10), 0),
        hsts_seconds=value("HSTS_SECONDS", between(0, 100_000_000), 0),
        workers=value("WORKERS", between(1, 64), 2),
        threads=value("THREADS", between(1, 64), 4),
        log_level=value("LOG_LEVEL", log_level, "INFO"),
        log_format=value("LOG_FORMAT", log_format, "plain"),
        admin_path=value("ADMIN_PATH", admin_path, ""),
        debug=value("DEBUG", flag, False),
    )


def between(low: int, high: int) -> Callable[[str, str], int]:
    """A reader of whole numbers within limits, both included."""

    def number(name: str, text: str) -> int:
        # `int` alone would take "8_000", "+8" and digits of other scripts.
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise WrongValue(f"{name} must be a number from {low} to {high}, not '{text}'.")
        return int(text)

    return number


def flag(name: str, text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise WrongValue(f"{name} must be 1 or 0, not '{text}'.")


def line(name: str, text: str) -> str:
    """Words for a page: one line that prints, so no control characters."""
    if not text.isprintable():
        raise WrongValue(f"{name} must be one line of plain text.")
    return text


def folder(name: str, text: str) -> Path:
    path = file_path(name, text)
    if path.exists() and not path.is_dir():
        raise WrongValue(f"{name} must be a folder, but '{path}' is a file.")
    return path


def file(name: str, text: str) -> Path:
    path = file_path(name, text)
    if path.is_dir():
        raise WrongValue(f"{name} must be a file, but '{path}' is a folder.")
    return path


def file_path(name: str, text: str) -> Path:
    """An absolute path, so that a later change of the working folder moves nothing."""
    try:
        return Path(line(name, text)).expanduser().absolute()
    except RuntimeError as error:  # "~nobody-here"
        raise WrongValue(f"{name} names a home folder that isn't there: '{text}'.") from error


def secret(name: str, text: str) -> str:
    # Never repeated in the message: what is nearly a key is still a secret.
    if len(text) < SHORTEST_SECRET_KEY or len(set(text)) < 10:
        raise WrongValue(
            f"{name} must be at least {SHORTEST_SECRET_KEY} random characters; "
            "leave it out and one is made and kept in the data folder."
        )
    return text


def address(name: str, text: str) -> str:
    """An IP address to listen on. A name could mean several, and change."""
    if text == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError as error:
        raise WrongValue(
            f"{name} must be an IP address such as 127.0.0.1 or 0.0.0.0, not '{text}'."
        ) from error


def site_address(name: str, text: str) -> str:
    """An origin: `https://read.example.org`. Pages live at its root, so it has no path."""
    refusal = WrongValue(
        f"{name} must be an address such as https://read.example.org, without a path, not '{text}'."
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise refusal from error
    host = (parts.hostname or "").lower()
    extras = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or extras or not is_host(host):
        raise refusal
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")


def mail_server(name: str, text: str) -> MailServer:
    """`smtp://user:password@host:587` starts TLS, `smtps://…:465` begins with it.

    Mail in the open is for a relay on the same machine or network, and only where it is asked for:
    `smtp://localhost:25?tls=none`. No password is ever sent that way. Characters that mean
    something in an address are written as %40 and the like.
    """
    # The value is never repeated: there may be a password in it.
    refusal = WrongValue(
        f"{name} must be like smtp://user:password@mail.example.org:587, smtps://… for TLS from "
        "the start, or smtp://localhost:25?tls=none without any (and without a password)."
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refusal from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    tls = {("smtp", ""): "starttls", ("smtps", ""): "tls", ("smtp", "tls=none"): "none"}.get(
        (parts.scheme, parts.query), ""
    )
    whole = not parts.path.strip("/") and not parts.fragment and (user == "") == (password == "")
    host = (parts.hostname or "").lower()
    if not tls or not whole or not is_host(host) or port == 0 or (tls == "none" and user):
        raise refusal
    if not (user + password).isprintable():
        raise refusal
    usual = {"starttls": 587, "tls": 465, "none": 25}[tls]
    return MailServer(host=host, port=port or usual, user=user, password=password, tls=tls)


def no_mail_server() -> MailServer | None:
    return None


def mail_address(name: str, text: str) -> str:
    """`Devotional <hello@example.org>` or the address alone."""
    _shown, address = parseaddr(text)
    if not text.isprintable() or not MAIL_ADDRESS.fullmatch(address):
        raise WrongValue(
            f"{name} must be an address such as hello@example.org or "
            f"Devotional <hello@example.org>, not '{text}'."
        )
    return text


def own_mail_address(server: MailServer | None) -> str:
    """From whom mail comes when the host hasn't said: who signs in to the mail server."""
    if server is None or MAIL_ADDRESS.fullmatch(server.user):
        return server.user if server else ""
    raise WrongValue("EMAIL_FROM must be set where EMAIL_URL is: the address that mail comes from.")


def own_address(host: str, port: int) -> str:
    """Where the site is found when the host has said nothing: by the address it listens on."""
    ip = ipaddress.ip_address(host)
    if ip.is_unspecified:
        return f"http://127.0.0.1:{port}"
    return f"http://{f'[{ip}]' if ip.version == 6 else ip}:{port}"


def hosts(name: str, text: str) -> list[str]:
    """Names that requests may ask for, in Django's notation: `.example.org` takes subdomains in."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    for host in names:
        # "*" would let a forged Host header into every address that we print.
        if not is_host(host.strip("[]")):
            raise WrongValue(
                f"{name} must be host names with commas between them, and '{host}' isn't one."
            )
    return names


def own_hosts(site_url: str, host: str) -> list[str]:
    """The names by which this server is reached when the host has listed none."""
    names = [urlsplit(site_url).hostname or "", "localhost", "127.0.0.1", "::1"]
    if not ipaddress.ip_address(host).is_unspecified:
        names.append(host)
    return list(dict.fromkeys(f"[{name}]" if ":" in name else name for name in names))


def is_host(text: str) -> bool:
    return is_ip(text) or (len(text) <= 253 and HOST_NAME.fullmatch(text) is not None)


def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def time_zone(name: str, text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongValue(
            f"{name} must be a name such as Europe/Berlin or UTC, not '{text}'."
        ) from error
    return text


def log_level(name: str, text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise WrongValue(f"{name} must be one of {', '.join(LOG_LEVELS)}, not '{text}'.")
    return text.upper()


def log_format(name: str, text: str) -> str:
    if text.lower() not in LOG_FORMATS:
        raise WrongValue(f"{name} must be one of {', '.join(LOG_FORMATS)}, not '{text}'.")
    return text.lower()


def admin_path(name: str, text: str) -> str:
    """One part of an address that no page of ours begins with; slashes around it are forgiven."""
    path = text.strip("/")
    if not ADMIN_PATH.fullmatch(path):
        raise WrongValue(
            f"{name} must be one part of an address, such as host-desk: small letters, digits "
            f"and dashes, not '{text}'."
        )
    if path in OWN_PATHS:
        raise WrongValue(f"{name} can't be '{path}': pages for readers are there.")
    return path


VARIABLES = tuple(field.name.upper() for field in fields(Environment))
