"""Reads the environment: every variable that a host may set, its type, its default and its limits.

Here a string from outside becomes a typed value, or is refused in one sentence that names the
variable and says what it may be. Nothing here knows Django, makes a folder or opens a file:
reading the same environment twice is free and gives the same answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from devotional.environment.addresses import (
    DatabaseServer,
    MailServer,
    address,
    database_server,
    hosts,
    is_ip,
    mail_address,
    mail_server,
    own_address,
    own_hosts,
    own_mail_address,
    site_address,
)
from devotional.environment.values import (
    WrongValue,
    admin_path,
    between,
    file,
    flag,
    folder,
    line,
    log_format,
    log_level,
    secret,
    time_zone,
)

__all__ = ["VARIABLES", "DatabaseServer", "Environment", "MailServer", "WrongValue", "read"]


@dataclass(frozen=True, slots=True)
class Environment:
    """What the host has chosen. The field's name in capitals is the variable's name."""

    data: Path  # the folder with everything that must be kept
    content: Path  # the folder of devotionals
    database_url: DatabaseServer | None  # none: SQLite, in the data folder
    key_ring: Path  # the file of encryption keys; worth keeping away from the backups
    erasures: Path | None  # the file of what was erased; none: in the data folder
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
    email_url = value("EMAIL_URL", maybe(mail_server), None)
    # SQLite lets one connection write at a time, and a queue within one process is fair and quick.
    database_url = value("DATABASE_URL", maybe(database_server), None)
    return Environment(
        data=data,
        content=value("CONTENT", folder, base / "content"),
        database_url=database_url,
        key_ring=value("KEY_RING", file, data / "keyring"),
        erasures=value("ERASURES", maybe(file), None),
        secret_key=value("SECRET_KEY", secret, ""),
        host=host,
        port=port,
        site_url=site_url,
        allowed_hosts=value("ALLOWED_HOSTS", hosts, own_hosts(site_url, host)),
        site_name=value("SITE_NAME", line, "Devotional"),
        site_operator=value("SITE_OPERATOR", line, "the person who runs this site"),
        site_contact=value("SITE_CONTACT", line, ""),
        time_zone=value("TIME_ZONE", time_zone, "UTC"),
        email_url=email_url,
        email_from=value("EMAIL_FROM", mail_address, "") or own_mail_address(email_url),
        trusted_proxies=value("TRUSTED_PROXIES", between(0, 10), 0),
        hsts_seconds=value("HSTS_SECONDS", between(0, 100_000_000), 0),
        workers=value("WORKERS", between(1, 64), 2 if database_url else 1),
        threads=value("THREADS", between(1, 64), 4 if database_url else 8),
        log_level=value("LOG_LEVEL", log_level, "INFO"),
        log_format=value("LOG_FORMAT", log_format, "plain"),
        admin_path=value("ADMIN_PATH", admin_path, ""),
        debug=value("DEBUG", flag, False),
    )


def maybe[T](reader: Callable[[str, str], T]) -> Callable[[str, str], T | None]:
    """The same reader, for a variable that may be left out."""
    return reader


VARIABLES = tuple(field.name.upper() for field in fields(Environment))
