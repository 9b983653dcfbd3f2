"""Readers of addresses: where to listen, where the site is found, and the servers it talks to.

Each takes a variable's name and its text, and returns a typed value or refuses it in one sentence.
What may hold a password is never repeated there. Nothing here looks a name up or connects.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from devotional.environment.values import WrongValue

HOST_NAME = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*", re.IGNORECASE)

# How far a connection to PostgreSQL insists on TLS, from not at all to the server's very name.
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

MAIL_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how: by TLS from the start, by STARTTLS, or in the open."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"  # or "tls", or "none"


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A database on a PostgreSQL server, and who opens it."""

    host: str  # or the folder of its local sockets
    port: int
    name: str
    user: str
    password: str = field(default="", repr=False)
    ssl_mode: str = ""  # one of SSL_MODES; empty: as PostgreSQL's own library has it


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


def database_server(name: str, text: str) -> DatabaseServer:
    """`postgres://user:password@host:5432/name`, the password left out where none is asked for.

    A folder of local sockets is written as a host is, with %2F for each slash. Other characters
    that mean something in an address are written so too.
    """
    # The value is never repeated: there may be a password in it.
    refusal = WrongValue(
        f"{name} must be like postgres://user:password@db.example.org:5432/name, with %40 and the "
        f"like in the password, and ?sslmode= one of {', '.join(SSL_MODES)} if anything follows."
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refusal from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = (parts.hostname or "").lower()
    if host.startswith("%2f"):  # `hostname` is in small letters, and folders aren't always
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    database = unquote(parts.path.removeprefix("/"))
    key, _, ssl_mode = parts.query.partition("=")
    is_place = is_host(host) or (host.startswith("/") and host.isprintable())
    if parts.scheme not in {"postgres", "postgresql"} or parts.fragment or not is_place:
        raise refusal
    if parts.query and (key != "sslmode" or ssl_mode not in SSL_MODES):
        raise refusal
    if not user or not database or "/" in database or port == 0:
        raise refusal
    if not (user + password + database).isprintable():
        raise refusal
    return DatabaseServer(host, port or 5432, database, user, password, ssl_mode)


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
