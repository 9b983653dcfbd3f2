"""`manage.py prune_guests`: who goes, who stays, and that a restore brings nobody back."""

import uuid
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from devotional.journal.models import Deleted
from devotional.readers import clock, erasures, pruning
from devotional.readers.device_links import make_link
from devotional.readers.erasures import Mark
from devotional.readers.guests import give_token, make_guest
from devotional.readers.models import Account, Attempts, DeviceLink, DeviceToken, Reader
from devotional.readers.pruning import prune
from devotional.reflections.models import OnPaper, Reading, Reflection

pytestmark = pytest.mark.usefixtures("db", "key_ring")

NOTHING = {
    "guests with words": 0,
    "empty guests": 0,
    "unfinished accounts": 0,
    "browsers": 0,
    "links": 0,
    "sessions": 0,
    "attempts": 0,
    "limits": 0,
    "deleted reflections": 0,
}


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> None:
    settings.DATA = tmp_path
    clock.note(timezone.now())  # all of these are about a clock that is right


def guest(days: int, *, wrote: bool = False) -> Reader:
    """A guest who was here `days` ago."""
    one = make_guest()
    one.seen_on = timezone.now().date() - timedelta(days=days)
    one.save()
    if wrote:
        write(one)
    return one


def write(reader: Reader) -> None:
    now = timezone.now()
    reading = Reading.objects.create(reader=reader, devotional="d", number=1, begun_at=now)
    one = Reflection(reader=reader, reading=reading, section="s", prompt="p", asked="?")
    one.begun_at = one.written_at = now
    one.text = "Words."
    one.save(force_insert=True)


def account(reader: Reader | None, *, days: int = 2, **fields: Any) -> Account:
    one = Account.objects.create(reader=reader, **fields)
    Account.objects.filter(pk=one.pk).update(made_at=timezone.now() - timedelta(days=days))
    one.refresh_from_db()
    return one


def run() -> dict[str, int]:
    return prune(timezone.now())


@pytest.mark.parametrize(
    ("days", "wrote", "stays"),
    [
        (0, False, True),
        (7, False, True),
        (8, False, False),
        (8, True, True),
        (365, True, True),
        (366, True, False),
        (366, False, False),
    ],
)
def test_a_guest_is_kept_by_the_last_visit(days: int, wrote: bool, stays: bool) -> None:
    one = guest(days, wrote=wrote)
    counts = run()
    assert Reader.objects.filter(pk=one.pk).exists() is stays
    which = "guests with words" if wrote else "empty guests"
    assert counts == NOTHING | {which: 0 if stays else 1}
    assert erasures.noted() == ([] if stays else [Mark("pruned", one.pk)])


def test_a_mark_for_paper_or_something_just_deleted_is_not_nothing() -> None:
    one, two = guest(100), guest(100)
    reading = Reading.objects.create(reader=one, devotional="d", number=1, begun_at=timezone.now())
    OnPaper.objects.create(reader=one, reading=reading, section="s")
    deleted = Deleted(reader=two, reflection_id=uuid.uuid4(), deleted_at=timezone.now())
    deleted.text = "Deleted."
    deleted.save(force_insert=True)
    assert run() == NOTHING
    assert Reader.objects.count() == 2


def test_an_account_keeps_its_reader_however_long() -> None:
    one = guest(3000, wrote=True)
    EmailAddress.objects.create(user=account(one), email="a@example.org", verified=True)
    assert run() == NOTHING
    assert Reader.objects.filter(pk=one.pk).exists()


def test_accounts_that_nobody_can_sign_in_to() -> None:
    """Their readers stay, as guests; a host's own account and a new one are left alone."""
    ways: list[Account] = [account(guest(0)) for _ in range(3)]
    EmailAddress.objects.create(user=ways[0], email="a@example.org", verified=True)
    Authenticator.objects.create(user=ways[1], type="webauthn", data={})
    ways[2].set_password("a long enough password")
    ways[2].save()
    host = account(None, is_staff=True)
    new = account(guest(0), days=0)
    bare = account(guest(0))
    unverified = account(guest(0))
    unverified.set_unusable_password()
    unverified.save()
    EmailAddress.objects.create(user=unverified, email="b@example.org", verified=False)
    assert run() == NOTHING | {"unfinished accounts": 2}
    left = set(Account.objects.values_list("pk", flat=True))
    assert left == {one.pk for one in [*ways, host, new]}
    assert Reader.objects.filter(pk__in=[bare.reader_id, unverified.reader_id]).count() == 2


def test_what_is_past_its_time() -> None:
    now = timezone.now()
    for number, until in enumerate((now - timedelta(minutes=1), now + timedelta(minutes=1))):
        Attempts.objects.create(key=f"{number}", until=until)
        Session.objects.create(session_key=f"{number}", session_data="", expire_date=until)
    one = guest(0, wrote=True)
    ids = []
    for hours in (25, 23):
        deleted = Deleted(
            reader=one, reflection_id=uuid.uuid4(), deleted_at=now - timedelta(hours=hours)
        )
        deleted.text = "Deleted."
        deleted.save(force_insert=True)
        ids.append(deleted.reflection_id)
    assert run() == NOTHING | {"attempts": 1, "sessions": 1, "deleted reflections": 1}
    assert Deleted.objects.get().reflection_id == ids[1]
    assert erasures.noted() == [Mark("pruned", ids[0])]


def test_keys_of_browsers_that_have_lost_them() -> None:
    """Kept for as long as a browser keeps the cookie; their reader stays, with the others."""
    one = guest(0, wrote=True)
    now = timezone.now().date()
    kept = []
    for days in (401, 400, 0):
        give_token(one)
        key = DeviceToken.objects.latest("pk")
        DeviceToken.objects.filter(pk=key.pk).update(used_on=now - timedelta(days=days))
        kept.append(key.pk)
    assert run() == NOTHING | {"browsers": 1}
    assert set(DeviceToken.objects.values_list("pk", flat=True)) == set(kept[1:])


def test_links_to_other_devices_that_are_over() -> None:
    one, two = guest(0, wrote=True), guest(0, wrote=True)
    make_link(one)
    make_link(two)
    over = timezone.now() - timedelta(seconds=1)
    DeviceLink.objects.filter(reader=one).update(good_until=over)
    assert run() == NOTHING | {"links": 1}
    assert DeviceLink.objects.get().reader == two


def test_a_dry_run_counts_and_erases_nothing() -> None:
    guest(400, wrote=True)
    guest(400)
    Attempts.objects.create(key="1", until=timezone.now())
    expected = NOTHING | {"guests with words": 1, "empty guests": 1, "attempts": 1}
    assert prune(timezone.now(), dry_run=True) == expected
    assert Reader.objects.count() == 2
    assert not erasures.path().exists()


def test_more_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    ids = {guest(400).pk for _ in range(5)}
    assert run() == NOTHING | {"empty guests": 5}
    assert {mark.id for mark in erasures.noted()} == ids


def test_a_guest_who_comes_back_meanwhile_is_not_erased() -> None:
    """Found by the first look, gone from the second: the condition is part of the erasure."""
    one, two = guest(400), guest(400)
    looks = 0

    def found() -> Any:
        nonlocal looks
        looks += 1
        if looks == 2:
            Reader.objects.filter(pk=one.pk).update(seen_on=timezone.now().date())
        return pruning.empty_guests(timezone.now().date())

    assert pruning.erase(found, dry_run=False) == 1
    assert list(Reader.objects.all()) == [one]
    assert erasures.noted() == [Mark("pruned", two.pk)]


def test_the_command_prints_counts_only(capsys: pytest.CaptureFixture[str]) -> None:
    one = guest(400, wrote=True)
    call_command("prune_guests", "--dry-run")
    assert "guests with words: 1 would be erased\n" in capsys.readouterr().out
    call_command("prune_guests")
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "guests with words: 1 erased",
        "empty guests: 0 erased",
        "unfinished accounts: 0 erased",
        "browsers: 0 erased",
        "links: 0 erased",
        "sessions: 0 erased",
        "attempts: 0 erased",
        "limits: 0 erased",
        "deleted reflections: 0 erased",
    ]
    assert str(one.pk) not in said


def test_counts_of_tries_go_when_they_are_over() -> None:
    cache.set("kept", 1, timeout=3600)
    cache.set("over", 1, timeout=60)
    now = timezone.now() + timedelta(minutes=2)
    assert prune(now, dry_run=True) == NOTHING | {"limits": 1}
    assert prune(now) == NOTHING | {"limits": 1}
    assert prune(now) == NOTHING
    assert cache.get("kept") == 1


def test_lines_of_erasures_go_when_no_backup_can_be_older() -> None:
    kept = uuid.uuid4()
    for days, id_ in ((61, uuid.uuid4()), (59, kept)):
        day = timezone.now().astimezone(UTC) - timedelta(days=days)
        with erasures.path().open("a") as file:
            file.write(f"{day:%Y-%m-%dT%H:%M:%SZ} gone {id_}\n")
    prune(timezone.now(), dry_run=True)
    assert len(erasures.noted()) == 2
    assert prune(timezone.now()) == NOTHING
    assert erasures.noted() == [Mark("gone", kept)]
