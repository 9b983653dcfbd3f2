"""Caddy and nginx as we ship them, before a site of a test: the files with other places in them.

Nothing but places is changed, and what a test machine has instead of the internet: an authority of
its own, ports above 1024. Each change must hit, so that a file can't drift from its test.
"""

import contextlib
import datetime
import http.client
import os
import shutil
import signal
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.http_client import Reply
from harness.processes import kill_group, start
from harness.programs import program
from harness.site import ROOT, free_port
from harness.visitor import NAME, Visitor
from harness.waiting import PATIENCE, eventually

DEPLOY = ROOT / "deploy"
CLOSED = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs, and where it keeps what it keeps."""

    http: int
    https: int
    ca: Path
    folder: Path  # everything that it writes

    def get_by_http(self, path: str) -> Reply:
        """What is answered to a request without TLS."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=PATIENCE)
        connection.request("GET", path, headers={"Host": NAME})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        reply = Reply(response.status, headers, response.read())
        connection.close()
        return reply


type Arrive = Callable[..., Visitor]


@contextlib.contextmanager
def arriving(proxy: Proxy) -> Iterator[Arrive]:
    """Makes one browser after another, each from the `address` that is said."""
    with contextlib.ExitStack() as stack:

        def new(address: str = "127.0.0.1") -> Visitor:
            visitor = Visitor(proxy.https, proxy.ca, address=address)
            stack.callback(visitor.close)
            return visitor

        yield new


def changed(text: str, changes: dict[str, str]) -> str:
    """`text` with each key replaced, wherever it stands. It must stand there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def closed(reply: Reply) -> bool:
    """Whether a reply that the proxy made is as closed as one of the site's, and tells nothing."""
    told = reply.headers.get("server", "nginx")
    return told == "nginx" and {name: reply.headers.get(name) for name in CLOSED} == CLOSED


def caddyfile(upstream: int, http: int, https: int, *, patience: str, body_seconds: int) -> str:
    return changed(
        (DEPLOY / "Caddyfile").read_text(),
        {
            "\n{\n": "\n{\n"
            "\tadmin off\n\tskip_install_trust\n"
            f"\thttp_port {http}\n\thttps_port {https}\n",
            f"\n{NAME} {{\n": f"\n{NAME} {{\n\ttls internal\n\tbind 127.0.0.1\n",
            f"\nhttp://{NAME} {{\n": f"\nhttp://{NAME} {{\n\tbind 127.0.0.1\n",
            "read_body 30s": f"read_body {body_seconds}s",
            "127.0.0.1:8000": f"127.0.0.1:{upstream}",
            "lb_try_duration 30s": f"lb_try_duration {patience}",
        },
    )


@contextlib.contextmanager
def caddy(
    upstream: int,
    folder: Path,
    *,
    patience: str = "30s",
    body_seconds: int = 30,
) -> Iterator[Proxy]:
    """`patience` is how long it tries the site; `body_seconds`, how long it waits for a body."""
    proxy = Proxy(free_port(), free_port(), folder / "caddy/pki/authorities/local/root.crt", folder)
    file = folder / "Caddyfile"
    file.write_text(
        caddyfile(
            upstream,
            proxy.http,
            proxy.https,
            patience=patience,
            body_seconds=body_seconds,
        )
    )
    words = [program("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]
    homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
    with started(words, folder / "caddy.log", proxy, os.environ | homes):
        yield proxy


def nginx_conf(
    upstream: int, other: int, http: int, https: int, folder: Path, *, body_seconds: int = 30
) -> str:
    """The file as it is included by Debian's nginx.conf, which logs and compresses by default."""
    shipped = changed(
        (DEPLOY / "nginx.conf").read_text(),
        {
            "10.0.0.11:8000": f"127.0.0.1:{other}",
            "10.0.0.12:8000": f"127.0.0.1:{upstream}",
            "client_body_timeout 30s": f"client_body_timeout {body_seconds}s",
            "listen 80;": f"listen 127.0.0.1:{http};",
            "\tlisten [::]:80;\n": "",
            # Little waits in the kernel, which on one machine would take in whole replies.
            "listen 443 ssl": f"listen 127.0.0.1:{https} sndbuf=16k ssl",
            "\tlisten [::]:443 ssl http2;\n": "",
            f"/etc/letsencrypt/live/{NAME}": str(folder / "certificate"),
            "/var/cache/nginx": str(folder / "cache"),
            "/var/log/nginx": str(folder / "log"),
            "/var/www/html": str(folder / "html"),
        },
    )
    (folder / "devotional.conf").write_text(shipped)
    temporary = "".join(
        f"\t{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"pid {folder}/nginx.pid;\nerror_log {folder}/log/error.log;\nworker_processes 2;\n"
        "events { worker_connections 128; }\n"
        f"http {{\n{temporary}\taccess_log {folder}/log/access.log;\n\tgzip on;\n"
        f"\tinclude {folder}/devotional.conf;\n}}\n"
    )


@contextlib.contextmanager
def nginx(upstream: int, other: int = 0, *, body_seconds: int = 30) -> Iterator[Proxy]:
    """Before two machines; where no `other` is named, the first of the two is down.

    In a folder of its own: nginx's workers are another user's, to whom pytest's are closed.
    """
    folder = Path(tempfile.mkdtemp(prefix="devotional-nginx-"))
    folder.chmod(0o755)
    for name in ("certificate", "cache", "log", "html"):
        (folder / name).mkdir()
    proxy = Proxy(free_port(), free_port(), folder / "certificate/fullchain.pem", folder)
    make_certificate(folder / "certificate")
    file = folder / "nginx.conf"
    file.write_text(
        nginx_conf(
            upstream,
            other or free_port(),
            proxy.http,
            proxy.https,
            folder,
            body_seconds=body_seconds,
        )
    )
    words = [program("nginx"), "-c", str(file), "-g", "daemon off;"]
    try:
        with started(words, folder / "nginx.out", proxy, dict(os.environ)):
            yield proxy
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def started(words: list[str], log: Path, proxy: Proxy, env: dict[str, str]) -> Iterator[None]:
    # By SIGTERM, so that nginx takes its workers along.
    process = start(words, output=log, number=signal.SIGTERM, env=env)
    try:
        assert eventually(lambda: process.poll() is not None or speaks_tls(proxy)), log.read_text()
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        finally:
            kill_group(process)


def speaks_tls(proxy: Proxy) -> bool:
    if not proxy.ca.exists():
        return False
    try:
        with socket.create_connection(("127.0.0.1", proxy.https), timeout=5) as plain:
            trust = ssl.create_default_context(cafile=str(proxy.ca))
            trust.wrap_socket(plain, server_hostname=NAME).close()
    except (OSError, ssl.SSLError):
        return False
    return True


def make_certificate(folder: Path) -> None:
    """A certificate for the site's name, which stands for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
