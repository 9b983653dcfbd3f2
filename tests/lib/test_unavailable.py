"""Which errors of PostgreSQL pass by themselves, and which are mistakes."""

import contextlib

import pytest
from django.db import DatabaseError, connection, transaction

from devotional.lib.unavailable import is_unavailable, why

pytestmark = [
    pytest.mark.only_on("postgresql", "by its codes; SQLite's are met by broken files"),
    pytest.mark.django_db(transaction=True),
]


def error_of(*statements: str) -> DatabaseError:
    """What the last one that fails of `statements` fails with, all in one transaction."""
    found: list[DatabaseError] = []
    with contextlib.suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        for each in statements:
            try:
                cursor.execute(each)
            except DatabaseError as error:
                found.append(error)
    return found[-1]


@pytest.mark.parametrize(
    ("statements", "passes"),
    [
        (["SELECT pg_terminate_backend(pg_backend_pid())"], True),
        (["SELECT pg_sleep(5)"], True),
        (["SET TRANSACTION READ ONLY", "DELETE FROM devotional_reader"], True),
        (["SELECT nothing FROM devotional_reader"], False),
        (["SELECT 1 / 0"], False),
        (["INSERT INTO devotional_attempts (key) VALUES (NULL)"], False),
        (["SELECT 1 / 0", "SELECT 1"], False),  # in a transaction that has failed
    ],
)
def test_what_passes_is_told_from_mistakes(statements: list[str], passes: bool) -> None:
    error = error_of(*statements)
    connection.close()
    assert is_unavailable(error) is passes


def test_why_is_one_line_without_the_row_that_is_quoted_below() -> None:
    twice = "INSERT INTO devotional_keycheck (id, sealed) VALUES (1, 'canary')"
    error = error_of(twice, twice)
    assert "(id)=(1)" in str(error)
    assert why(error) == 'duplicate key value violates unique constraint "devotional_keycheck_pkey"'
