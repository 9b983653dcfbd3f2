"""Which wordings are kept as earlier ones: just as the privacy page and its document say (W12)."""

from datetime import timedelta

import pytest
from django.db.models import F

from devotional.reflections.models import Reflection, Revision
from harness.actors import Browser
from tests.reflections.helpers import plain, the_reader

FIRST = "A door that I walked past every day of the year."
OTHER = "Nothing of what stood here before."
LAPTOP = "What I had begun to write on the laptop."


def kept() -> list[str]:
    """The earlier wordings, in the order in which they were first written."""
    found = Revision.objects.by(the_reader()).order_by("written_at", "version")
    return [each.text for each in found]


def let_pass(time: timedelta) -> None:
    """Put what was written and kept so far into the past."""
    Reflection.objects.update(written_at=F("written_at") - time, kept_at=F("kept_at") - time)
    Revision.objects.update(written_at=F("written_at") - time)


def write(browser: Browser, *texts: str) -> None:
    for text in texts:
        assert browser.write("opening", before=text).status_code == 200


@pytest.mark.parametrize(
    ("after", "newer", "is_kept"),
    [
        (timedelta(minutes=9), f"{FIRST} And today I stopped.", False),
        (timedelta(minutes=11), f"{FIRST} And today I stopped.", True),
        (timedelta(), FIRST[:-25], True),
        (timedelta(), FIRST[:-24], True),  # the first to be kept at all
        (timedelta(), "", True),
        (timedelta(), OTHER, True),
    ],
)
def test_what_is_kept_when_words_are_saved_over_others(
    after: timedelta, newer: str, is_kept: bool, guest: Browser
) -> None:
    write(guest, FIRST)
    let_pass(after)
    write(guest, newer)
    assert kept() == ([FIRST] if is_kept else [])


@pytest.mark.parametrize(
    ("after", "gone", "is_kept"), [(1, 24, False), (1, 25, True), (21, 1, True)]
)
def test_a_small_correction_is_kept_every_twenty_seconds_at_most(
    after: int, gone: int, is_kept: bool, guest: Browser
) -> None:
    write(guest, OTHER, FIRST)
    assert kept() == [OTHER]
    let_pass(timedelta(seconds=after))
    write(guest, FIRST[:-gone])
    assert kept() == ([OTHER, FIRST] if is_kept else [OTHER])


def test_the_same_words_are_kept_once_under_their_first_day(guest: Browser) -> None:
    write(guest, FIRST)
    let_pass(timedelta(days=200))
    written_at = Reflection.objects.get().written_at
    write(guest, OTHER, FIRST, OTHER, FIRST, OTHER)
    assert kept() == [FIRST, OTHER]
    assert Revision.objects.earliest("written_at").written_at == written_at


def test_clearing_brings_back_what_stood_last_though_it_was_written_first(guest: Browser) -> None:
    write(guest, FIRST)
    let_pass(timedelta(days=200))
    write(guest, OTHER, FIRST, "")
    assert kept() == [FIRST, OTHER]
    shown = guest.get(f"/history/{Reflection.objects.get().id}/").content.decode()
    first = Revision.objects.earliest("written_at")
    assert shown.index(f'value="{first.id}"') < shown.index(">Earlier version<")
    guest.write("opening", before="", change={"keep": "undo:before"})
    assert Reflection.objects.get().text == FIRST


def test_words_from_another_tab_that_stood_here_are_kept_once(guest: Browser) -> None:
    write(guest, FIRST)
    stale = guest.fields("/reflect/on-doors/opening/panel/")
    write(guest, OTHER)
    guest.send("/reflect/on-doors/opening/", stale | {"text-before": LAPTOP})
    write(guest, LAPTOP, "Neither, in the end.")
    assert sorted(kept()) == sorted([FIRST, OTHER, LAPTOP])
    assert set(Revision.objects.values_list("kind", flat=True)) == {Revision.Kind.EARLIER}


def test_the_same_words_to_another_question_are_kept_apart(guest: Browser) -> None:
    write(guest, FIRST, OTHER)
    Revision.objects.update(asked="Which window is before you?")
    write(guest, FIRST, OTHER)
    assert kept().count(FIRST) == 2


def test_the_history_repeats_no_words_that_stand(guest: Browser) -> None:
    write(guest, FIRST, OTHER, FIRST)
    said = plain(guest.get(f"/history/{Reflection.objects.get().id}/").content.decode())
    assert said.count(FIRST) == 1
    assert said.count("Same words as now.") == 1
    assert said.count(OTHER) == 1


def test_the_privacy_page_says_that_not_every_change_is_kept(guest: Browser) -> None:
    said = plain(guest.get("/privacy/").content.decode())
    assert "An earlier version is kept when you rewrite or clear what you wrote" in said
    assert "small corrections while you type aren’t" in said
    assert "every earlier wording" not in said
