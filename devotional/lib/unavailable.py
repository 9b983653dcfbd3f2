"""When the database can't be reached, written or waited for: which errors say so, and what to do.

A full disk, a lock held for too long, a file or folder made read-only, a server that restarts: all
pass, and what was asked can be asked again (W8). Other database errors are mistakes, and stay so.
"""

import logging

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection

from devotional.lib.write_limiter import TooBusyError

# InternalError is how PostgreSQL says that a transaction may only read.
UNAVAILABLE = (OperationalError, InternalError, InterfaceError)
RETRY_AFTER = 5  # seconds

# PostgreSQL's codes (SQLSTATE, by its appendix A): whole classes by their first two characters.
# Connections, passwords, transactions that met another, resources, waiting, and its own disk.
PASSING_CLASSES = ("08", "28", "40", "53", "57", "58")
PASSING = frozenset(
    {
        "25006",  # may only read: a standby, or an administrator's wish
        "25P03",  # a transaction stood idle for too long
        "3D000",  # there is no such database, as while it is being restored
        "55P03",  # a lock held for too long
    }
)

logger = logging.getLogger("devotional.database")


def is_unavailable(error: BaseException) -> bool:
    """Whether `error` says that the database can't be used just now.

    SQLite tells of a missing column by the same class of error, and PostgreSQL of a transaction
    that had failed before; those are mistakes, and pass with no retry.
    """
    if not isinstance(error, UNAVAILABLE):
        return False
    code = getattr(error.__cause__, "sqlstate", None)  # none also where the connection is lost
    if code:
        return code in PASSING or code.startswith(PASSING_CLASSES)
    return getattr(error.__cause__, "sqlite_errorname", "") != "SQLITE_ERROR"


def let_go(error: Exception) -> None:
    """Note why, and close this thread's connection, so that the next request opens a sound one.

    SQLite opens a file that it can't write as one to read, and keeps it so for as long as the
    connection lives: it would go on refusing after the disk is mended. A session of PostgreSQL may
    only read for as long as it lives, too, if that was so when it began: it must not go back into
    the pool.
    """
    if isinstance(error, TooBusyError):
        return  # the connection is sound
    # The library's name for it (SQLITE_FULL, LockNotAvailable) is what the host needs; never the
    # message.
    cause = error.__cause__ or error
    name = getattr(cause, "sqlite_errorname", type(cause).__name__)
    logger.warning("the database can't be used now: %s", name)
    if connection.vendor == "postgresql" and connection.connection is not None:
        connection.connection.close()
    connection.close()


def why(error: DatabaseError) -> str:
    """Why, in one line for the host's terminal: without the row that PostgreSQL may quote below."""
    primary = getattr(getattr(error.__cause__, "diag", None), "message_primary", None)
    return " ".join(str(primary or error).split()).rstrip(".")
