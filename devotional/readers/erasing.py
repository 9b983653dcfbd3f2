"""Erasing at once, by the reader: everything written, or the reader altogether (K11).

There is no undo. What the database held is overwritten (`secure_delete`), and the erasure is noted
beside it (`erasures.py`), so that a restored backup doesn't bring it back.
"""

import uuid
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from devotional.lib.sqlite import empty_log
from devotional.readers import clock, erasures
from devotional.readers.arrivals import EXPECTED
from devotional.readers.erasures import Mark
from devotional.readers.models import Account, DeviceToken, Merge, Reader, ReturnCode
from devotional.readers.signals import beginning_anew, erasing_again
from devotional.readers.turn import take_turn

BATCH = 200  # ids a statement


def erase_words(reader: Reader) -> Reader:
    """Erase all that `reader` ever wrote or marked; answers the reader who goes on, with nothing.

    Whoever goes on is a new row that the old one's keys and account open. So everything goes that
    belongs to a reader, tables yet to come included, and nothing written later, or merged later,
    can be taken for what was erased here.
    """
    with erasures.erasing() as marks:
        take_turn(reader, to_end=True)
        marks += merged_into(reader)
        marks.append(Mark("words", reader.pk, uuid.uuid4()))
        begun_anew = begin_anew(reader, marks[-1].now or uuid.uuid4())
    empty_log()
    return begun_anew


def erase_reader(reader: Reader) -> None:
    """Erase `reader`: words, keys, return code, account, and that they were ever here."""
    with erasures.erasing() as marks:
        take_turn(reader, to_end=True)
        marks += merged_into(reader)
        marks.append(Mark("reader", reader.pk))
        end_sessions(reader)
        Reader.objects.filter(pk=reader.pk).delete()
    empty_log()


def merged_into(reader: Reader) -> list[Mark]:
    """The guests that became this reader: in a backup from before, they still have their words."""
    guests = Merge.objects.filter(reader=reader).values_list("guest_id", flat=True)
    return [Mark("reader", guest) for guest in guests]


def begin_anew(reader: Reader, id_: uuid.UUID) -> Reader:
    """Give all ways to `reader` to a new one of the same consent, and end the old one."""
    old = Reader.objects.select_for_update().get(pk=reader.pk)
    new, _made = Reader.objects.get_or_create(
        pk=id_,
        defaults={
            "consent_version": old.consent_version,
            "consented_at": old.consented_at,
            "seen_on": old.seen_on,
        },
    )
    for ways in (DeviceToken, ReturnCode, Account):
        ways._default_manager.filter(reader=old).update(reader=new)
    beginning_anew.send(Reader, old=old, new=new)
    old.delete()
    return new


def end_sessions(reader: Reader, *, but: str | None = None) -> None:
    """End what is left of signing in, on every device `but` one. They live an hour, so are few."""
    accounts = {
        str(pk) for pk in Account.objects.filter(reader=reader).values_list("pk", flat=True)
    }
    for session in Session.objects.exclude(pk=but or "").iterator():
        held = session.get_decoded()
        if held.get("_auth_user_id") in accounts or held.get(EXPECTED) == str(reader.pk):
            session.delete()


# At each start


def replay() -> int:
    """Erase what the file of erasures names and the database has, after a restore; a count.

    Where nothing was restored that is a few searches by id.
    """
    marks = erasures.noted()
    erased = sum(replay_reader(mark) for mark in still_there(marks))
    for for_good in (False, True):
        kind = "gone" if for_good else "reflection"
        ids = [mark.id for mark in marks if mark.kind == kind]
        erased += replay_reflections(ids, for_good=for_good)
    if clock.is_right(timezone.now()):
        erasures.forget_old()
    if erased:
        empty_log()
    return erased


def still_there(marks: list[Mark]) -> list[Mark]:
    """Of the marks for readers those whose reader exists, or will once an earlier one is done."""
    of_readers = [mark for mark in marks if mark.kind in ("reader", "words")]
    there = {
        pk
        for ids in batches([mark.id for mark in of_readers])
        for pk in Reader.objects.filter(pk__in=ids).values_list("pk", flat=True)
    }
    found = []
    for mark in of_readers:
        if mark.id in there:
            found.append(mark)
            there |= {mark.now} if mark.now else set()
    return found


def replay_reader(mark: Mark) -> int:
    with transaction.atomic():
        reader = Reader.objects.select_for_update().filter(pk=mark.id).first()
        if reader is None:  # another process was first
            return 0
        if mark.kind == "words" and mark.now:
            begin_anew(reader, mark.now)
        else:
            reader.delete()
    return 1


def replay_reflections(ids: list[uuid.UUID], *, for_good: bool) -> int:
    erased = 0
    for batch in batches(ids):
        with transaction.atomic():
            answers: list[Any] = erasing_again.send(Reader, ids=batch, for_good=for_good)
        erased += sum(count for _receiver, count in answers)
    return erased


def batches(ids: list[uuid.UUID]) -> list[list[uuid.UUID]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
