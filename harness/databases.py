"""The database behind a data folder under test, whichever kind it is, looked at from outside.

On SQLite it is the file in the folder. With TEST_DATABASE_URL, the address of a PostgreSQL server
and of a role that may create databases, each folder has a database of its own there, made when it
is first asked for and dropped when this process ends. Needs no pytest and no settings.
"""

import atexit
import functools
import hashlib
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("TEST_DATABASE_URL", "")
PATIENCE = 60  # seconds to wait for a lock
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"

# Two runs on one server must not meet, nor the processes of one run.
RUN = f"{os.environ.get('PYTEST_XDIST_TESTRUNUID', '')[:8]}{os.getpid()}"


class Database:
    """The rows of the site whose data folder is `data`."""

    def __init__(self, data: Path) -> None:
        self.file = data / "devotional.sqlite3"
        self.name = f"site_{RUN}_{hashlib.sha256(bytes(data.absolute())).hexdigest()[:12]}"

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs in its environment, beside DATA, to find this database."""
        return {"DATABASE_URL": self.address} if SERVER else {}

    @property
    def address(self) -> str:
        make(self.name)
        return address_of(self.name)

    def begin_empty(self) -> None:
        """Have it without a table, as a host has just made it. On SQLite every one begins so."""
        if SERVER:
            make(self.name, like="template0")

    def begin(self, *, tablespace: str) -> None:
        """Have it somewhere else than where the server keeps its databases."""
        make(self.name, tablespace=tablespace)

    def drop(self) -> None:
        drop(self.name)

    def copy_of(self, data: Path) -> None:
        """Take over the rows of another folder, whose site is stopped."""
        if SERVER:
            make(self.name, like=Database(data).name)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query with `?` for values. Ids are hexadecimal digits, blobs are bytes."""
        if not SERVER:
            with closing(sqlite3.connect(self.file, timeout=PATIENCE)) as connection:
                return connection.execute(query, values).fetchall()
        with session_at(self.address) as session:
            rows = session.execute(query.replace("?", "%s").encode(), values)
            return [tuple(map(plain, row)) for row in rows]

    def change(self, statement: str, rows: Iterable[tuple[Any, ...]] = ((),)) -> None:
        """Carry out a statement with `?` for values, once for each of `rows`, and commit."""
        if not SERVER:
            with closing(sqlite3.connect(self.file, timeout=PATIENCE)) as connection, connection:
                connection.executemany(statement, rows)
            return
        with session_at(self.address) as session:
            session.cursor().executemany(statement.replace("?", "%s").encode(), list(rows))

    @contextmanager
    def away(self, table: str) -> Iterator[None]:
        """Let a table that the code relies on be gone for a while."""
        self.change(f"ALTER TABLE {table} RENAME TO away")
        try:
            yield
        finally:
            self.change(f"ALTER TABLE away RENAME TO {table}")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody at it for a while."""
        if not SERVER:
            with closing(
                sqlite3.connect(self.file, isolation_level=None, timeout=PATIENCE)
            ) as locker:
                locker.execute("BEGIN EXCLUSIVE")
                yield
                locker.execute("ROLLBACK")
            return
        with session_at(self.address) as locker:
            for (table,) in locker.execute(TABLES).fetchall():
                locker.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(table)))
            yield
            locker.rollback()

    def everything(self) -> bytes:
        """All that is kept: the bytes of the files, or every row with its blobs in hexadecimal."""
        if not SERVER:
            files = self.file.parent.glob(f"{self.file.name}*")
            return b"".join(file.read_bytes() for file in sorted(files))
        with session_at(self.address) as session:
            return every_row(session)


def kept_rows(connection: BaseDatabaseWrapper) -> bytes:
    """Every row that a test's own connection sees: as text, and each blob as hexadecimal."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        return every_row(connection.connection)
    return "\n".join(connection.connection.iterdump()).encode()


def plain(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) else value


def every_row(session: psycopg.Connection[Any]) -> bytes:
    """Every row of every table, as text."""
    tables = session.execute(TABLES)
    return b"\n".join(
        row[0].encode()
        for (table,) in tables.fetchall()
        for row in session.execute(
            sql.SQL("SELECT kept::text FROM {} AS kept").format(sql.Identifier(table))
        )
    )


def session_at(address: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """A session in which nothing takes for ever."""
    limit = f"-c statement_timeout={PATIENCE}s"
    return psycopg.connect(address, autocommit=autocommit, connect_timeout=PATIENCE, options=limit)


def address_of(name: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


made: set[str] = set()


def make(name: str, *, like: str | None = None, tablespace: str = "") -> None:
    """Create a database, unless it was: a copy of `like`, else one that is migrated."""
    if name not in made:
        create(name, like or migrated(), tablespace)
        made.add(name)


@functools.cache
def migrated() -> str:
    """The name of a migrated database without a row of anybody's, for others to be copies of."""
    name = f"migrated_{RUN}"
    create(name, "template0")
    env = os.environ | {"DATABASE_URL": address_of(name), "SECRET_KEY": secrets.token_urlsafe(50)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(migrate, cwd=ROOT, env=env, check=True, timeout=PATIENCE)
    return name


def create(name: str, template: str, tablespace: str = "") -> None:
    # Only who may do more than create databases may name a tablespace.
    where = f' TABLESPACE "{tablespace}"' if tablespace else ""
    command(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{where}')
    atexit.register(drop, name)


def drop(name: str) -> None:
    command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def command(statement: str) -> None:
    """Have the server do something outside of any database of ours. All names are made here."""
    with session_at(SERVER, autocommit=True) as session:
        session.execute(statement.encode())
