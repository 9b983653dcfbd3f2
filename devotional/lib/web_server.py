"""The production web server: granian, in the foreground, started in a process of its own.

`manage.py serve` prepares everything with Django and then becomes this module by exec. The process
that watches the workers so stays small, holds no database connection that a fork would copy, and
each worker loads the application for itself. Nothing here imports Django or knows our settings.
"""

import argparse

# Looking up a host imports this. A thread of the main process does so while workers are forked, and
# a worker forked in the midst of an import waits for it for ever: its mail would never go out.
import encodings.idna  # noqa: F401
import errno
import ipaddress
import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from devotional.lib.log_lines import FORMATTERS

# Headers of a request beyond about this size are refused (431).
HEADER_BYTES = 64 * 1024
HEADER_SECONDS = 30  # for a client to send the headers of a request
STALLED_SECONDS = 60  # that the other side may take nothing of a reply; then its connection ends
STOP_SECONDS = 20  # for requests to end after SIGTERM; then the workers are killed
THREAD_IDLE_SECONDS = 600  # granian's most: an idle thread keeps its database connection
START_SECONDS = 60  # for a worker to load the application
OPEN_FILES = Path("/proc/self/fd")


class CannotListen(Exception):
    """The address can't be listened on; the message is the one line to show."""


def require_free(host: str, port: int) -> None:
    """Refuse an address that is taken, before anything is started.

    Granian's workers share their port (SO_REUSEPORT), and so would a second server: both would
    run, and requests would go to either. Binding once without that option finds out.
    """
    version = ipaddress.ip_address(host).version
    family = socket.AF_INET6 if version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections of a server that has just ended don't count; one that listens does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise CannotListen(reason(host, port, error)) from error


def reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is already in use. Stop what is running there, "
            f"or choose another one: PORT={port % 65535 + 1} make run"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} can't be opened by this user. Choose one from 1024 on with PORT=…"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST {host} is not an address of this machine."
    return f"Can't listen on {origin(host, port)}: {(error.strerror or 'unknown error').lower()}."


def origin(host: str, port: int) -> str:
    """The address as a browser on this machine would write it."""
    ip = ipaddress.ip_address(host)
    if ip.is_unspecified:
        ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
    return f"http://{f'[{ip}]' if ip.version == 6 else ip}:{port}"


def become(
    *,
    application: str,
    host: str,
    port: int,
    workers: int,
    threads: int,
    ready: str,
    log_format: str,
    hold: int,
) -> None:
    """Replace this process by the server. Does not return.

    `ready` is printed once the first worker takes connections. `hold` is a descriptor that must
    stay open for as long as the server or one of its workers lives.
    """
    os.set_inheritable(hold, True)
    sys.stdout.flush()
    sys.stderr.flush()
    options = {
        "--host": host,
        "--port": port,
        "--workers": workers,
        "--threads": threads,
        "--ready": ready,
        "--log-format": log_format,
    }
    words = [f"{name}={value}" for name, value in options.items()]
    os.execv(sys.executable, [sys.executable, "-m", __name__, *words, application])  # noqa: S606


def run(
    *,
    application: str,
    host: str,
    port: int,
    workers: int,
    threads: int,
    ready: str = "",
    log_format: str = "plain",
    stalled_seconds: int = STALLED_SECONDS,
) -> None:
    """Serve until SIGINT or SIGTERM; then take no more, finish what runs, and return."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        blocking_threads_idle_timeout=THREAD_IDLE_SECONDS,
        # A proxy in front speaks HTTP/2 with browsers; to us it speaks HTTP/1.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES
        ),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        # Not granian's access log: it would hold addresses and queries. Ours is `access_log`.
        log_access=False,
        log_level=LogLevels.error,
        log_dictconfig=logging_in(log_format),
    )
    server.on_startup(lambda: in_background(announce, host, port, ready))
    server.serve(target_loader=partial(load, os.getpid(), port, stalled_seconds))


def logging_in(log_format: str) -> dict[str, Any]:
    """How granian's own records are written: as ours are."""
    return {
        "formatters": {"chosen": {"()": FORMATTERS[log_format]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
    }


def load(parent: int, port: int, stalled_seconds: int, target: str) -> Any:
    """Load the application, in a worker of the main process `parent`."""
    from granian._internal import load_target

    # A fork inherits the main process's handlers, which would swallow a stop until granian sets the
    # worker's own, and the worker would be waited for and killed.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    application = load_target(target)
    in_background(follow, parent)
    in_background(end_stalled, port, stalled_seconds)
    return application


def end_stalled(port: int, seconds: int) -> None:
    """Have the system end connections to `port` whose other side takes nothing for so long.

    A reply that is sent part by part holds a thread until the other side takes it, and granian
    waits for that without end. What the system does with a connection it is told at the socket
    that listens, which each worker opens for itself once the application is loaded.
    """
    if not (hasattr(socket, "TCP_USER_TIMEOUT") and OPEN_FILES.is_dir()):
        return  # not Linux
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        for listener in listeners(port):
            with listener:
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
        time.sleep(0.05)


def listeners(port: int) -> Iterator[socket.socket]:
    """The sockets of this process that listen on `port`, each to be closed: they are copies."""
    for file in list(OPEN_FILES.iterdir()):
        with suppress(OSError):  # closed meanwhile
            if not stat.S_ISSOCK(os.fstat(int(file.name)).st_mode):
                continue
            one = socket.socket(fileno=os.dup(int(file.name)))
            if is_listening(one) and one.getsockname()[1] == port:
                yield one
            else:
                one.close()


def is_listening(one: socket.socket) -> bool:
    is_internet = one.family in (socket.AF_INET, socket.AF_INET6)
    return is_internet and bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def follow(parent: int) -> None:
    """Stop this worker when the main process is gone, as after a SIGKILL.

    An orphan would go on serving old code, unwatched, and share the port with the next server. It
    can be one from its first moment, so whose child it is, is not for the worker to ask. The pause
    comes first: granian loses a signal that arrives while a worker is about to serve.
    """
    time.sleep(0.5)
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def announce(host: str, port: int, ready: str) -> None:
    """Print `ready` as soon as the server takes connections, and no sooner."""
    ip = ipaddress.ip_address(host)
    if ip.is_unspecified:
        ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection((str(ip), port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            print(ready, flush=True)
            return


def in_background(task: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=task, args=arguments, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the web server; see `manage.py serve`.")
    parser.add_argument("application")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--ready", default="")
    parser.add_argument("--log-format", default="plain", choices=FORMATTERS)
    parser.add_argument("--stalled-seconds", type=int, default=STALLED_SECONDS)
    run(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
