"""How we open PostgreSQL: by which options, how long it may keep us waiting, and with what pool.

Commands open connections of their own. Only a process that answers requests keeps a pool, because
it alone opens one connection after the other, and because a pool's threads don't outlive a fork.
"""

import time
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

CONNECT = 5  # seconds to reach the server
WAIT = 10  # seconds a statement waits for another's lock; as long as on SQLite
STATEMENT = 30  # seconds a statement of a request may take in all
IDLE = 60  # seconds that a transaction may stand open with nothing to do

# Seconds a request waits for a connection, where all are in use or the server is gone. Short: it
# holds a thread meanwhile.
POOL = 5
RECONNECT = 2  # seconds to go on trying to connect; then the next request begins anew

PAUSE = 0.02  # seconds between two looks at what is under way
UNDER_WAY = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start <= %s LIMIT 1
"""


def database(
    *, host: str, port: int, name: str, user: str, password: str, ssl_mode: str
) -> dict[str, Any]:
    """An entry of Django's DATABASES."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": host,
        "PORT": port,
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "OPTIONS": options() | ({"sslmode": ssl_mode} if ssl_mode else {}),
        "CONN_MAX_AGE": 0,  # with a pool: given back after each request
        # A restarted server leaves dead connections in the pool. Asking costs one way there and
        # back, and saves a reader from being told to try again.
        "CONN_HEALTH_CHECKS": True,
    }


def options() -> dict[str, Any]:
    """The OPTIONS of Django's PostgreSQL back end, for commands and requests alike."""
    return {
        "application_name": "devotional",
        "connect_timeout": CONNECT,
        # A server that is switched off never says so.
        "keepalives_idle": 30,  # seconds
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,  # milliseconds
        "options": in_session(
            lock_timeout=f"{WAIT}s",
            idle_in_transaction_session_timeout=f"{IDLE}s",
            # A save that was answered is on the disk, whatever the server does for others.
            synchronous_commit="on",
        ),
    }


def in_session(**parameters: str) -> str:
    """Parameters of a session, as a client may ask for them when it connects."""
    return " ".join(f"-c {name}={value}" for name, value in parameters.items())


def serve_requests(threads: int) -> None:
    """From here on, let this process answer requests by `threads` threads.

    They share a pool, opened by the first that needs it, so after any fork. And no statement may
    take longer than somebody would wait, as those of a migration or a rotation may.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return
    asked = connection.settings_dict["OPTIONS"]  # one for all threads of this process
    asked["options"] += " " + in_session(statement_timeout=f"{STATEMENT}s")
    asked["pool"] = {
        "min_size": 0,
        "max_size": threads,
        "timeout": POOL,
        "reconnect_timeout": RECONNECT,
        "name": "devotional",
    }


def place(connection: BaseDatabaseWrapper) -> str:
    """Which database it is, for the host's eye: without the password."""
    at = connection.settings_dict
    host = f"[{at['HOST']}]" if ":" in at["HOST"] else at["HOST"]
    return f"{at['NAME']} at {host}:{at['PORT']}"


def dangers(connection: BaseDatabaseWrapper) -> list[str]:
    """What this server does that may lose what was saved, in words; usually nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = 'fsync' AND setting = 'off'")
        return [f"its {name} is off: a crash may lose what was saved" for (name,) in cursor]


def let_others_end(connection: BaseDatabaseWrapper) -> None:
    """Return once every transaction that is under way now has ended, whatever it has seen.

    Raises OperationalError where one goes on for longer than any request may. Outside of a
    transaction; on SQLite it asks nothing, as a transaction that writes has waited for all others.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        end = time.monotonic() + STATEMENT + IDLE
        while True:
            cursor.execute(UNDER_WAY, [now])
            if not cursor.fetchone():
                return
            if time.monotonic() > end:
                raise OperationalError("a transaction from before goes on for too long")
            time.sleep(PAUSE)
