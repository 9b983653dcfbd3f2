"""Rows from one database to another: between SQLite and PostgreSQL, table by table.

Each value goes through its field, so that either database stores it in its own way. Rows come in
batches, so that a site of any size passes through a little memory.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import StateApps
from django.db.models import Model
from django.db.utils import load_backend

from devotional.lib import sqlite
from devotional.lib.backups.form import BackupError

BATCH = 500  # rows

type Node = tuple[str, str]


def tables_left_out() -> set[str]:
    """What lives for an hour and helps nobody who restores: sessions, and counts of tries.

    And what says so itself by `LEFT_OUT_OF_BACKUPS`.
    """
    caches = [str(cache["LOCATION"]) for cache in settings.CACHES.values() if "LOCATION" in cache]
    passing = [
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "LEFT_OUT_OF_BACKUPS", False)
    ]
    return {Session._meta.db_table, *caches, *passing}


@contextmanager
def connected(file: Path, alias: str) -> Iterator[BaseDatabaseWrapper]:
    """The file as one more of Django's databases, made where it isn't there yet."""
    usual = {**connections[DEFAULT_DB_ALIAS].settings_dict}
    usual |= {"HOST": "", "PORT": "", "USER": "", "PASSWORD": "", "CONN_HEALTH_CHECKS": False}
    asked = usual | sqlite.database(file)
    connection = load_backend(asked["ENGINE"]).DatabaseWrapper(asked, alias)
    connections.settings[alias] = asked
    connections[alias] = connection
    try:
        yield connection
    finally:
        connection.close()
        del connections[alias]
        del connections.settings[alias]


def is_made(connection: BaseDatabaseWrapper) -> bool:
    """Whether a database has tables of ours."""
    return bool(MigrationRecorder(connection).applied_migrations())


def migrations_of(connection: BaseDatabaseWrapper) -> set[Node]:
    """The migrations that a database has gone through."""
    return set(MigrationRecorder(connection).applied_migrations())


def require_known(done: set[Node], whose: str) -> None:
    """Raise BackupError where a migration of an app that is here isn't: the data is newer."""
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    ours = {app.label for app in apps.get_app_configs()}
    if unknown := sorted(node for node in done - known if node[0] in ours):
        app, name = unknown[0]
        raise BackupError(
            f"{whose} was made by a newer version: its migration {app}.{name} isn't known here. "
            "Update the site's code first."
        )


def state_of(connection: BaseDatabaseWrapper) -> tuple[list[Node], StateApps]:
    """The last migrations that a database has gone through, and the models as they then were.

    A backup is made before migrations too, when the tables aren't those of the code yet.
    """
    loader = MigrationExecutor(connection).loader
    known = [node for node in loader.applied_migrations if node in loader.graph.nodes]
    leaves = [
        node
        for node in known
        if not any(child.key in known for child in loader.graph.node_map[node].children)
    ]
    return leaves, loader.project_state(leaves).apps


def copy_rows(models: list[type[Model]], source: str, target: str) -> None:
    """Copy every row of `models` from one database alias to the other, whose tables are empty."""
    left_out = tables_left_out()
    for model in models:
        if model._meta.db_table not in left_out and model._meta.managed:
            copy_table(model, source, target)


def copy_table(model: type[Model], source: str, target: str) -> None:
    connection = connections[target]
    fields = model._meta.concrete_fields
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    rows = (
        model._base_manager.using(source)
        .order_by("pk")
        .values_list(*(field.attname for field in fields))
        .iterator(chunk_size=BATCH)
    )
    while batch := list(itertools.islice(rows, BATCH)):
        stored = [
            [
                field.get_db_prep_save(value, connection)
                for field, value in zip(fields, row, strict=True)
            ]
            for row in batch
        ]
        with connection.cursor() as cursor:
            cursor.executemany(insert, stored)


def empty(models: list[type[Model]], connection: BaseDatabaseWrapper) -> None:
    """Delete all rows of `models`, without asking anybody who listens to deletions."""
    tables = [model._meta.db_table for model in models if model._meta.managed]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # CASCADE for tables of apps that are switched off, such as the admin's log.
            names = ", ".join(map(connection.ops.quote_name, tables))
            cursor.execute(f"TRUNCATE {names} CASCADE")
            return
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


def set_sequences(models: list[type[Model]], connection: BaseDatabaseWrapper) -> None:
    """Let PostgreSQL count on from the highest number that was copied."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def models_of(registry: Any) -> list[type[Model]]:
    """All models with a table of their own, those between two others as well."""
    found = registry.get_models(include_auto_created=True)
    return [model for model in found if not model._meta.proxy and model._meta.managed]
