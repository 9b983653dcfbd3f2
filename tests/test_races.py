"""Two at the same moment, on PostgreSQL, which lets both write: each ends as if one came first.

On SQLite one simply waits for the other to end, from its first statement on. Here the first is
stopped after a statement of its choice, the second runs until it is done or waits for the first,
and only then does the first go on. Nothing depends on how long anything takes.
"""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from devotional.groups import members
from devotional.groups.invitations import invite
from devotional.groups.joining import Ended, join, join_as_guest
from devotional.groups.models import Group, Invitation, Membership
from devotional.journal.deleting import delete_reflection
from devotional.lib.encryption import default_ring
from devotional.lib.postgresql import UNDER_WAY, let_others_end
from devotional.readers import erasures
from devotional.readers.erasing import erase_reader
from devotional.readers.guests import make_guest, make_member
from devotional.readers.merging import merge
from devotional.readers.models import Merge, Reader
from devotional.readers.pruning import prune
from devotional.reflections import keys
from devotional.reflections.answers import Answer, Place, Receipt, State
from devotional.reflections.models import Operation, Reading, Reflection, Revision
from devotional.reflections.readings import begin_again, undo_begin
from devotional.reflections.saving import save_reflections
from harness.actors import Browser
from harness.waiting import PATIENCE, eventually
from tests.groups.factories import found, reader_in
from tests.reflections.helpers import the_reader

pytestmark = [
    pytest.mark.only_on("postgresql", "SQLite lets nobody write at the same moment"),
    pytest.mark.django_db(transaction=True),
]

WAITS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Act(threading.Thread):
    """One of the two, on a connection of its own; stopped once after a statement, if told so."""

    def __init__(self, act: Callable[[], Any], *, after: str = "") -> None:
        super().__init__(daemon=True)
        self.act, self.after = act, after
        self.stopped, self.go_on = threading.Event(), threading.Event()
        self.answer: Any = None
        self.statements: list[str] = []

    def run(self) -> None:
        try:
            with connection.execute_wrapper(self.stop_once):
                self.answer = self.act()
        except Exception as error:  # an error is an answer too, to be looked at
            self.answer = error
        finally:
            self.stopped.set()
            connections.close_all()

    def stop_once(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.statements.append(sql)
        answer = execute(sql, *rest)
        if self.after and not self.stopped.is_set() and sql.startswith(self.after):
            self.stopped.set()
            assert self.go_on.wait(PATIENCE)
        return answer


def meet(first: Callable[[], Any], second: Callable[[], Any], *, after: str) -> tuple[Any, Any]:
    """What both answer, where the second comes while the first stands behind statement `after`."""
    one, two = Act(first, after=after), Act(second)
    one.start()
    assert one.stopped.wait(PATIENCE)
    assert one.is_alive(), f"no statement begins with {after}: {one.answer}"
    two.start()
    assert eventually(lambda: not two.is_alive() or waits())
    one.go_on.set()
    for each in (one, two):
        each.join(PATIENCE)
        assert not each.is_alive()
    return one.answer, two.answer


def waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return bool(cursor.fetchone()[0])


def save(reader: Reader, text: str, *, based_on: int = 1, reading: int = 1) -> Receipt:
    place = Place("on-doors", "opening", "digest", reading)
    answer = Answer(prompt="before", asked="Which door?", text=text, based_on=based_on)
    return save_reflections(reader, place=place, answers=[answer], op_id=uuid.uuid4())


def history() -> list[str]:
    return sorted(each.text for each in [*Reflection.objects.all(), *Revision.objects.all()])


WRITES = 'UPDATE "devotional_reflection"'
CANARY = "The canary of the first reader."


def test_two_saves_over_the_same_version(reader: Browser) -> None:
    me = the_reader()
    Reflection.objects.update(written_at=timezone.now() - timedelta(days=1))  # worth keeping
    answers = meet(lambda: save(me, "One."), lambda: save(me, "Two."), after="INSERT")
    assert [answer.outcomes[0].state for answer in answers] == [State.SAVED, State.CONFLICT]
    assert Reflection.objects.get().text == "One."
    assert history() == ["One.", CANARY, "Two."]


def test_two_first_saves_make_one_reading(content: Any, key_ring: Any, db: None) -> None:
    me = make_guest()
    one, two = meet(
        lambda: save(me, "One.", based_on=0), lambda: save(me, "Two.", based_on=0), after="INSERT"
    )
    assert [each.outcomes[0].state for each in (one, two)] == [State.SAVED, State.CONFLICT]
    assert Reading.objects.count() == 1
    assert history() == ["One.", "Two."]


def test_a_first_save_sent_twice_makes_one_reader(guest: Browser) -> None:
    fields = guest.fields("/reflect/on-doors/opening/panel/") | {"text-before": "Once."}
    again = Browser()
    again.cookies.update(guest.cookies)
    answers = meet(
        lambda: guest.send("/reflect/on-doors/opening/", fields),
        lambda: again.send("/reflect/on-doors/opening/", fields),
        after='INSERT INTO "devotional_reader"',
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (Reader.objects.count(), history()) == (1, ["Once."])


def test_a_form_to_join_sent_twice_makes_one_guest(group: Group) -> None:
    invitation, op_id = invite(Membership.objects.get(is_leader=True)), uuid.uuid4()
    before = Reader.objects.count()

    def join() -> Membership:
        return join_as_guest(invitation, name="Ruth", op_id=op_id, address="")[0]

    one, two = meet(join, join, after='INSERT INTO "devotional_reader"')
    assert one == two
    assert Reader.objects.count() == before + 1


def test_the_very_same_save_twice(reader: Browser) -> None:
    me, op_id = the_reader(), uuid.uuid4()
    place = Place("on-doors", "opening", "digest", 1)
    answer = Answer(prompt="before", asked="Which door?", text="Once.", based_on=1)

    def twice() -> Receipt:
        return save_reflections(me, place=place, answers=[answer], op_id=op_id)

    answers = meet(twice, twice, after=WRITES)
    assert [answer.replayed for answer in answers] == [False, True]
    assert Operation.objects.filter(op_id=op_id).count() == 1
    assert Reflection.objects.get().version == 2


def test_a_save_and_a_deletion(reader: Browser) -> None:
    """The words come after the deletion, as if written then: they stand in a new reflection."""
    me, id_ = the_reader(), Reflection.objects.get().pk
    gone, kept = meet(
        lambda: delete_reflection(me, id_), lambda: save(me, "Written meanwhile."), after="INSERT"
    )
    assert gone is not None
    assert kept.outcomes[0].state == State.SAVED
    assert history() == ["Written meanwhile."]
    assert Reflection.objects.get().pk != id_


def test_a_deletion_and_a_save_before_it(reader: Browser) -> None:
    me, id_ = the_reader(), Reflection.objects.get().pk
    kept, gone = meet(
        lambda: save(me, "Written before."), lambda: delete_reflection(me, id_), after=WRITES
    )
    assert kept.outcomes[0].state == State.SAVED
    assert gone is not None
    assert history() == []


def test_a_reading_is_not_taken_back_from_under_a_save(reader: Browser) -> None:
    me = the_reader()
    assert begin_again(me, "on-doors")
    undone, kept = meet(
        lambda: undo_begin(me, "on-doors", number=2),
        lambda: save(me, "In the second.", based_on=0, reading=2),
        after="DELETE",
    )
    assert undone
    assert [state(kept), history()] == [State.CONFLICT, sorted([CANARY, "In the second."])]
    assert begin_again(me, "on-doors")
    kept, undone = meet(
        lambda: save(me, "In the second.", based_on=0, reading=2),
        lambda: undo_begin(me, "on-doors", number=2),
        after='INSERT INTO "devotional_reflection"',
    )
    assert (state(kept), undone) == (State.SAVED, False)


def state(receipt: Receipt) -> State:
    return receipt.outcomes[0].state


def test_an_erasure_and_a_save(reader: Browser) -> None:
    me = the_reader()
    erased, kept = meet(lambda: erase_reader(me), lambda: save(me, "Too late."), after="DELETE")
    assert erased is None
    assert isinstance(kept, Reader.NotUpdated)
    assert (Reader.objects.count(), Reflection.objects.count()) == (0, 0)


def test_a_save_and_an_erasure(reader: Browser) -> None:
    me = the_reader()
    kept, erased = meet(lambda: save(me, "Just in time."), lambda: erase_reader(me), after="UPDATE")
    assert (state(kept), erased) == (State.SAVED, None)
    assert (Reader.objects.count(), Reflection.objects.count(), Operation.objects.count()) == (
        (0, 0, 0)
    )


def test_the_same_merge_twice(reader: Browser, other_reader: Browser) -> None:
    me, guest = reader_in(reader), reader_in(other_reader)
    one, two = meet(
        lambda: merge(guest, into=me), lambda: merge(guest, into=me), after='DELETE FROM "dev'
    )
    assert one == two == Merge.objects.get()
    assert len(history()) == 2


def test_a_merge_and_a_save_of_either(reader: Browser, other_reader: Browser) -> None:
    me, guest = reader_in(reader), reader_in(other_reader)
    merged, kept = meet(
        lambda: merge(guest, into=me), lambda: save(me, "Meanwhile."), after='UPDATE "devotional'
    )
    assert isinstance(merged, Merge)
    # Newer than what both had, and over a version that is no more: kept beside what stands.
    assert state(kept) == State.CONFLICT
    assert history() == sorted([CANARY, "Meanwhile.", "Words of the other reader."])


def test_a_save_and_a_merge(reader: Browser, other_reader: Browser) -> None:
    me, guest = reader_in(reader), reader_in(other_reader)
    kept, merged = meet(
        lambda: save(me, "Just before."), lambda: merge(guest, into=me), after=WRITES
    )
    assert state(kept) == State.SAVED
    assert isinstance(merged, Merge)
    assert {"Just before.", "Words of the other reader."} <= set(history())


def test_a_guest_who_writes_again_is_not_pruned(reader: Browser) -> None:
    me = the_reader()
    Reflection.objects.all().delete()
    Reader.objects.update(seen_on=timezone.now().date() - timedelta(days=30))
    kept, _pruned = meet(
        lambda: save(me, "Back again.", based_on=0), lambda: prune(timezone.now()), after="INSERT"
    )
    assert state(kept) == State.SAVED
    assert history() == ["Back again."]
    assert erasures.Mark("reader", me.pk) not in erasures.noted()


@pytest.fixture
def group(leader: Browser, groupmate: Browser) -> Group:
    return found(leader, sam=groupmate)


def leaders(group: Group) -> list[str]:
    return list(
        Membership.objects.filter(group=group, is_leader=True).values_list("name", flat=True)
    )


def test_who_leaves_is_not_handed_the_lead(group: Group) -> None:
    lead = Membership.objects.get(is_leader=True)
    sam = Membership.objects.get(is_leader=False)
    left, handed = meet(
        lambda: members.leave(sam), lambda: members.hand_over(lead, sam), after="SELECT"
    )
    assert (left, handed) == (True, False)
    assert leaders(group) == [lead.name]


def test_who_is_handed_the_lead_does_not_leave(group: Group) -> None:
    lead = Membership.objects.get(is_leader=True)
    sam = Membership.objects.get(is_leader=False)
    handed, left = meet(
        lambda: members.hand_over(lead, sam), lambda: members.leave(sam), after="UPDATE"
    )
    assert (handed, left) == (True, False)
    assert leaders(group) == [sam.name]


def test_nobody_joins_by_the_link_of_who_is_just_removed(group: Group) -> None:
    invitation = invite(Membership.objects.get(is_leader=True))
    sam = Membership.objects.get(is_leader=False)
    _removed, joined = meet(
        lambda: members.remove(sam),
        lambda: join(make_member(), invitation, name="Sam again"),
        after="DELETE",
    )
    assert isinstance(joined, Ended)
    assert not Membership.objects.filter(name="Sam again").exists()


def test_two_new_links_are_one(group: Group) -> None:
    lead = Membership.objects.get(is_leader=True)
    one, two = meet(lambda: invite(lead), lambda: invite(lead), after="DELETE")
    assert Invitation.objects.get() == two != one


def test_a_rotation_waits_for_who_sealed_with_the_key_before(reader: Browser) -> None:
    me, before = the_reader(), default_ring().newest_id
    saving = Act(lambda: save(me, "Sealed with the old key."), after=WRITES)
    saving.start()
    assert saving.stopped.wait(PATIENCE)
    rotating = Act(keys.begin_rotation)
    rotating.start()
    with connection.cursor() as cursor:
        assert eventually(lambda: default_ring().newest_id != before)
        cursor.execute("SELECT 1")
    # It has looked more than once for whoever is still at it: so it waits.
    assert eventually(lambda: rotating.statements.count(UNDER_WAY) > 1)
    assert rotating.is_alive()
    saving.go_on.set()
    for each in (saving, rotating):
        each.join(PATIENCE)
    assert (state(saving.answer), rotating.answer) == (State.SAVED, None)
    keys.reseal_rows(lambda _: None)
    ring = default_ring()
    assert (
        {ring.key_id_of(bytes(row.sealed)) for row in Reflection.objects.all()}
        == {ring.newest_id}
        != {before}
    )


def test_nobody_is_waited_for_where_nobody_is() -> None:
    let_others_end(connection)


def test_a_lock_that_is_held_is_waited_for_and_then_said(reader: Browser) -> None:
    """As on SQLite: in time the reader is told to try again, and the thread is free."""
    me = the_reader()
    holder = Act(lambda: save(me, "Held."), after=WRITES)
    holder.start()
    assert holder.stopped.wait(PATIENCE)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        fields = reader.fields("/reflect/on-doors/opening/panel/") | {"text-before": "Refused."}
        refused = reader.send("/reflect/on-doors/opening/", fields)
    finally:
        holder.go_on.set()
        holder.join(PATIENCE)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert reader.send("/reflect/on-doors/opening/", fields).status_code == 409
    assert history() == sorted([CANARY, "Held.", "Refused."])


@pytest.mark.parametrize("table", ["devotional_operation", "devotional_revision"])
def test_a_reader_ends_without_a_look_at_everyone(table: str, db: None) -> None:
    """What PostgreSQL asks, for each row that goes, of the tables that name it."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT 1 FROM {table} WHERE reader_id = %s", [uuid.uuid4()])  # noqa: S608
        plan = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert f"{table}_of_reader" in plan
