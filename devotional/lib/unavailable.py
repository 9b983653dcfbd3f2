"""When the database can't be reached, written or waited for: which errors say so, and what to do.

A full disk, a lock held for too long, a file or folder made read-only, a server that restarts: all
pass, and what was asked can be asked again (W8). Other database errors are mistakes, and stay so.
"""

import logging

from django.db import InterfaceError, InternalError, OperationalError, connection

from devotional.lib.turns import NoTurn

# InternalError is how PostgreSQL says that a transaction may only read.
UNAVAILABLE = (OperationalError, InternalError, InterfaceError)
RETRY_AFTER = 5  # seconds

logger = logging.getLogger("devotional.database")


def is_unavailable(error: BaseException) -> bool:
    """Whether `error` says that the database can't be used just now.

    SQLite tells of a missing column by the same class of error; that is a mistake, and passes with
    no retry.
    """
    name = getattr(error.__cause__, "sqlite_errorname", "")
    return isinstance(error, UNAVAILABLE) and name != "SQLITE_ERROR"


def let_go(error: Exception) -> None:
    """Note why, and close this thread's connection, so that the next request opens a sound one.

    SQLite opens a file that it can't write as one to read, and keeps it so for as long as the
    connection lives: it would go on refusing after the disk is mended.
    """
    if isinstance(error, NoTurn):
        return  # the connection is sound
    # SQLite's name for it (SQLITE_FULL, SQLITE_BUSY) is what the host needs; never the message.
    name = getattr(error.__cause__, "sqlite_errorname", type(error).__name__)
    logger.warning("the database can't be used now: %s", name)
    connection.close()
