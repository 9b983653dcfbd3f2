"""One at a time: whoever changes what belongs to a reader does so alone.

SQLite lets one transaction write at a time, whatever it writes. PostgreSQL lets all write at once,
and each sees what was committed before its statement. So there a transaction that first looks and
then writes takes the reader's turn before it looks.
"""

import uuid

from django.db import connection

from devotional.readers.models import Reader


def take_turn(reader: Reader, *, to_end: bool = False) -> None:
    """Inside a transaction: let no other change what is `reader`'s until this one ends.

    With `to_end` the reader is about to go, so nothing that names them may be added either, as
    when they are let into a group.

    Raises Reader.NotUpdated where the reader is gone by the time of their turn. On SQLite it asks
    nothing: the transaction has the whole database for itself.
    """
    if not connection.features.has_select_for_update:
        return
    row = Reader.objects.select_for_update(no_key=not to_end).filter(pk=reader.pk)
    if not row.values_list("pk"):
        raise Reader.NotUpdated


def take_turn_of_form(op_id: uuid.UUID) -> None:
    """The same for a form that may make a reader: sent twice at once, its second waits here."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # A number of 64 bits names the lock; another form of the same would only wait a while.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [op_id.int >> 65])
