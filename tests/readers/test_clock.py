"""Whether the clock is believed before anything is erased by it (S11)."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from devotional.journal.deleting import purge
from devotional.journal.models import Deleted
from devotional.lib import backups
from devotional.readers import clock, erasures
from devotional.readers.erasing import replay
from devotional.readers.erasures import Mark
from devotional.readers.guests import make_guest
from devotional.readers.models import Reader
from devotional.readers.pruning import FEW, TooManyError, prune
from devotional.readers.signals import holding
from devotional.reflections.models import OnPaper, Reading
from harness.actors import Browser

pytestmark = pytest.mark.usefixtures("db", "key_ring")

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA = tmp_path
    return tmp_path


def visited(*days_ago: int, wrote: bool = False) -> None:
    """A reader for each of these numbers of days before NOON, made and last seen on that day."""
    for days in days_ago:
        one, day = make_guest(), NOON - timedelta(days=days)
        Reader.objects.filter(pk=one.pk).update(seen_on=day.date(), made_at=day)
        if wrote:
            reading = Reading.objects.create(reader=one, devotional="d", number=1, begun_at=day)
            OnPaper.objects.create(reader=one, reading=reading, section="s")


def test_a_new_site_believes_its_clock() -> None:
    assert clock.doubt(NOON) == ""
    assert clock.read() == NOON


@pytest.mark.parametrize(("days", "believed"), [(20, True), (22, False)])
def test_without_a_note_the_newest_visit_must_be_near(days: int, believed: bool) -> None:
    visited(days, 300)
    assert clock.is_right(NOON) is believed


def test_without_a_note_the_newest_backup_must_be_near_too() -> None:
    visited(0)
    backups.folder().mkdir()
    (backups.folder() / backups.name_for(NOON - timedelta(days=60))).touch()
    assert "newer than 2026-10-01" in clock.doubt(NOON)
    visited(15, 30, 45)  # but visits lead on from it
    clock.path().unlink()
    assert clock.is_right(NOON)


def test_visits_and_backups_under_a_clock_that_is_ahead_prove_nothing() -> None:
    visited(0)
    assert clock.is_right(NOON)
    visited(-400, -401)
    backups.folder().mkdir()
    (backups.folder() / backups.name_for(NOON + timedelta(days=400))).touch()
    for _again in range(2):
        assert not clock.is_right(NOON + timedelta(days=401))
    assert clock.is_right(NOON + timedelta(days=1))


def test_a_clock_that_is_behind_is_believed_and_not_noted() -> None:
    """As on a machine that has none of its own, until the network tells it the time."""
    clock.note(NOON)
    visited(0)
    assert clock.is_right(datetime(1970, 1, 1, tzinfo=UTC))
    assert clock.read() == NOON
    assert clock.is_right(NOON)


def test_visits_let_it_go_on(reader: Browser) -> None:
    """A site that is never restarted, where one reader comes by each week."""
    now = timezone.now()
    clock.note(now - timedelta(days=20))
    Reader.objects.update(seen_on=now.date() - timedelta(days=1))
    reader.get("/journal/")
    noted = clock.read()
    assert noted is not None
    assert now - noted < timedelta(minutes=5)


def test_a_note_that_is_no_time_is_none() -> None:
    clock.path().write_text("tomorrow")
    assert clock.read() is None
    assert clock.is_right(NOON)


def test_nothing_is_let_go_by_a_clock_that_is_not_believed() -> None:
    one, now = make_guest(), timezone.now()
    deleted = Deleted(reader=one, reflection_id=uuid.uuid4(), deleted_at=now - timedelta(days=2))
    deleted.text = "Deleted."
    deleted.save(force_insert=True)
    erasures.path().write_text(f"{now - timedelta(days=61):%Y-%m-%dT%H:%M:%SZ} gone {one.pk}\n")
    clock.note(now - timedelta(days=40))
    Reader.objects.update(made_at=now - timedelta(days=41), seen_on=now.date() - timedelta(days=41))
    with pytest.raises(clock.ClockError):
        prune(now)
    assert (purge(), replay()) == (0, 0)
    assert (Deleted.objects.count(), len(erasures.noted())) == (1, 1)
    clock.note(now)
    assert (purge(), replay()) == (1, 0)
    assert erasures.noted() == [Mark("pruned", deleted.reflection_id)]


@pytest.mark.parametrize(
    ("leave", "stay", "erased"), [(FEW, 0, True), (6, 24, True), (6, 23, False)]
)
def test_a_fifth_of_all_who_wrote_goes_only_when_asked(leave: int, stay: int, erased: bool) -> None:
    visited(*[400] * leave, *[0] * stay, wrote=True)
    visited(*[0] * 100)  # as many more of whom there is nothing hide nobody
    clock.note(NOON)
    if erased:
        assert prune(NOON)["guests with words"] == leave
    else:
        with pytest.raises(TooManyError, match=f"^{leave} of {leave + stay} readers"):
            prune(NOON)
        assert Reader.objects.count() == leave + stay + 100
        assert prune(NOON, allow_many=True)["guests with words"] == leave


def test_a_flood_of_guests_of_whom_there_is_nothing_goes_by_itself() -> None:
    """They lose nothing; but they too stay while the clock is not believed."""
    visited(0, wrote=True)
    visited(*[8] * 30)
    clock.note(NOON - timedelta(days=40))
    with pytest.raises(clock.ClockError):
        prune(NOON)
    clock.note(NOON)
    assert prune(NOON)["empty guests"] == 30
    assert Reader.objects.count() == 1


def test_nobody_goes_where_it_is_not_said_whose_words_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visited(400, wrote=True)
    clock.note(NOON)
    monkeypatch.setattr(holding, "receivers", [])
    with pytest.raises(RuntimeError):
        prune(NOON)
    assert Reader.objects.count() == 1


def test_what_was_pruned_is_not_erased_again() -> None:
    """And what its reader erased is, also by a line of the version before."""
    pruned, erased = make_guest(), make_guest()
    at = timezone.now().astimezone(UTC)
    erasures.path().write_text(
        f"{at:%Y-%m-%dT%H:%M:%SZ} pruned {pruned.pk}\n{at:%Y-%m-%dT%H:%M:%SZ} reader {erased.pk}\n"
    )
    assert replay() == 1
    assert list(Reader.objects.all()) == [pruned]
