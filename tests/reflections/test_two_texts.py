"""Two texts meet: both in full, a choice of three, and nothing is lost whatever is chosen (W6)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from devotional.reflections import saving
from devotional.reflections.models import Revision
from harness.actors import Browser
from harness.html_forms import Fields

PAGE = "/reflect/on-doors/opening/"
PANEL = f"{PAGE}panel/"


@pytest.fixture(params=[True, False], ids=["htmx", "plain"])
def htmx(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def met(reader: Browser, htmx: bool) -> dict[str, str]:
    """The fields of a form whose words have met newer ones: laptop after phone."""
    stale = reader.fields(PANEL)
    reader.write("opening", before="phone")
    reply = reader.send(PAGE, stale | {"text-before": "laptop"}, htmx=htmx)
    assert reply.status_code == 409
    html = reply.content.decode()
    assert '<div class="words" dir="auto" tabindex="0" hx-disable>phone</div>' in html
    if not htmx:
        assert Fields(html).values["text-before"] == "laptop"
    assert reader.texts()["before"] == "phone"
    return stale | Fields(html).values | {"text-before": "laptop"}


def wordings() -> set[str]:
    return {revision.text for revision in Revision.objects.all()}


def choose(reader: Browser, fields: dict[str, str], choice: str, *, htmx: bool) -> Any:
    return reader.send(PAGE, fields | {"keep": f"{choice}:before"}, htmx=htmx)


def test_saving_again_without_a_choice_lays_nothing_over(
    reader: Browser, met: dict[str, str], htmx: bool
) -> None:
    assert reader.send(PAGE, met, htmx=htmx).status_code == 409
    assert reader.texts()["before"] == "phone"


def test_keep_mine(reader: Browser, met: dict[str, str], htmx: bool) -> None:
    assert choose(reader, met, "mine", htmx=htmx).status_code == (200 if htmx else 302)
    assert reader.texts()["before"] == "laptop"
    assert "phone" in wordings()


def test_keep_the_other(reader: Browser, met: dict[str, str], htmx: bool) -> None:
    met["text-before"] = "laptop, typed on"
    chosen = choose(reader, met, "other", htmx=htmx)
    assert chosen.status_code == (200 if htmx else 302)
    if htmx:  # the box is drawn anew, as was asked for
        assert Fields(chosen.content.decode()).values["text-before"] == "phone"
    assert reader.texts()["before"] == "phone"
    assert {"laptop", "laptop, typed on"} <= wordings()


def test_keep_both(reader: Browser, met: dict[str, str], htmx: bool) -> None:
    chosen = choose(reader, met, "both", htmx=htmx)
    if htmx:
        assert Fields(chosen.content.decode()).values["text-before"] == "phone\n\nlaptop"
    assert reader.texts()["before"] == "phone\n\nlaptop"
    assert {"phone", "laptop"} <= wordings()


def test_a_choice_sent_twice_is_made_once(reader: Browser, met: dict[str, str]) -> None:
    first = choose(reader, met, "both", htmx=True)
    again = choose(reader, met, "both", htmx=True)
    assert again.status_code == 200
    assert Fields(again.content.decode()).values == Fields(first.content.decode()).values | {
        "op": Fields(again.content.decode()).values["op"]
    }
    assert reader.texts()["before"] == "phone\n\nlaptop"


def test_a_choice_is_stale_where_a_third_text_came(
    reader: Browser, met: dict[str, str], htmx: bool
) -> None:
    reader.write("opening", before="tablet")
    third = choose(reader, met, "mine", htmx=htmx)
    assert third.status_code == 409
    assert ">tablet</div>" in third.content.decode()
    assert reader.texts()["before"] == "tablet"
    assert {"phone", "laptop"} <= wordings()


def test_both_together_may_be_too_long(reader: Browser, htmx: bool) -> None:
    stale = reader.fields(PANEL)
    reader.write("opening", before="p" * 60_000)
    fields = stale | {"text-before": "l" * 60_000}
    html = reader.send(PAGE, fields, htmx=htmx).content.decode()
    fields |= Fields(html).values | {"text-before": "l" * 60_000}
    refused = choose(reader, fields, "both", htmx=htmx)
    assert refused.status_code == 409
    assert "Together they’re too long" in refused.content.decode()
    assert reader.texts()["before"] == "p" * 60_000
    assert "l" * 60_000 in wordings()


@pytest.mark.parametrize(
    ("other", "mine", "both"),
    [
        ("The door is green.", "green", "The door is green."),
        ("green", "The door is green.", "The door is green."),
        ("one\n", "two", "one\n\ntwo"),
        ("", "two", "two"),
    ],
)
def test_both_repeats_no_word_that_one_holds(
    other: str, mine: str, both: str, reader: Browser
) -> None:
    stale = reader.fields(PANEL)
    reader.write("opening", before=other)
    fields = stale | {"text-before": mine}
    fields |= Fields(reader.send(PAGE, fields).content.decode()).values
    choose(reader, fields | {"text-before": mine}, "both", htmx=True)
    assert reader.texts()["before"] == both


def test_a_cleared_box_is_put_back(reader: Browser, htmx: bool) -> None:
    cleared = reader.write("opening", before="", htmx=True)
    html = cleared.content.decode()
    assert "Cleared." in html
    assert ">Undo</button>" in html
    fields = reader.fields(PANEL) | {"keep": "undo:before"}
    back = reader.send(PAGE, fields, htmx=htmx)
    if htmx:
        fields = Fields(back.content.decode()).values
        assert fields["text-before"] == "The canary of the first reader."
    assert reader.texts()["before"] == "The canary of the first reader."


def test_a_few_letters_cleared_at_once_are_put_back_too(reader: Browser) -> None:
    reader.write("opening", closed="Yes.")
    reader.write("opening", closed="")
    reader.send(PAGE, reader.fields(PANEL) | {"keep": "undo:closed"})
    assert reader.texts()["closed"] == "Yes."


@pytest.mark.parametrize("keep", ["mine", "mine:", "all:before", ":before"])
def test_choices_that_are_none(keep: str, reader: Browser) -> None:
    sent = reader.fields(PANEL) | {"text-before": "x", "keep": keep}
    assert reader.send(PAGE, sent).status_code == 422


def test_a_choice_for_another_box_is_an_ordinary_save(reader: Browser) -> None:
    sent = reader.fields(PANEL) | {"text-before": "x", "keep": "mine:nothing"}
    assert reader.send(PAGE, sent).status_code == 200


def test_putting_back_keeps_what_was_typed_since(reader: Browser, htmx: bool) -> None:
    reader.write("opening", before="")
    fields = reader.fields(PANEL) | {"text-before": "typed since", "keep": "undo:before"}
    reader.send(PAGE, fields, htmx=htmx)
    assert reader.texts()["before"] == "The canary of the first reader."
    assert wordings() == {"typed since", "The canary of the first reader."}


def test_a_box_that_was_not_touched_meets_nothing(reader: Browser) -> None:
    """A form without a script sends every box; only what was written in is an answer."""
    reader.write("opening", closed="Both boxes.")
    stale = reader.fields(PANEL)
    reader.write("opening", before="Changed elsewhere.")
    saved = reader.send(PAGE, stale | {"text-closed": "Changed here."}, htmx=False)
    assert saved.status_code == 302
    assert reader.texts() == {"before": "Changed elsewhere.", "closed": "Changed here."}


def test_the_words_say_where_a_text_met_older_ones(reader: Browser) -> None:
    """Written offline, without having seen what was there: not from another device."""
    sent = reader.fields(PANEL) | {"text-before": "offline", "version-before": "0"}
    html = reader.send(PAGE, sent).content.decode()
    assert "You’d already written something here." in html
    assert "on another device" not in html


# So many that it may be a flood


@pytest.fixture
def crowded(reader: Browser, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A stale form, once two other texts have been laid aside, which is all that a day has."""
    monkeypatch.setattr(saving, "COPIES_A_DAY", 2)
    monkeypatch.setattr(saving, "COPIES_BY_CHOICE", 3)
    stale = reader.fields(PANEL)
    reader.write("opening", before="phone")
    for text in ("tablet", "watch"):
        assert reader.send(PAGE, stale | {"text-before": text}).status_code == 409
    return stale


def unkept(reader: Browser, stale: dict[str, str], *, htmx: bool) -> dict[str, str]:
    """Send one text more, and see both of them; the form to go on from."""
    told = reader.send(PAGE, stale | {"text-before": "laptop"}, htmx=htmx)
    assert told.status_code == 429
    assert told["Retry-After"] == "3600"
    html = told.content.decode()
    assert "too often today to keep yours beside it" in html
    assert '<div class="words" dir="auto" tabindex="0" hx-disable>phone</div>' in html
    assert htmx or Fields(html).values["text-before"] == "laptop"
    assert 'data-state="unkept"' in html
    return stale | Fields(html).values | {"text-before": "laptop"}


def test_a_text_too_many_is_shown_beside_the_other_and_kept_by_the_page_alone(
    reader: Browser, crowded: dict[str, str], htmx: bool
) -> None:
    unkept(reader, crowded, htmx=htmx)
    assert {"tablet", "watch"} <= wordings()  # what was said to be kept is
    assert "laptop" not in wordings()
    assert reader.texts()["before"] == "phone"
    # One that is kept already is said to be kept as before.
    assert reader.send(PAGE, crowded | {"text-before": "watch"}, htmx=htmx).status_code == 409


@pytest.mark.parametrize(
    ("choice", "stands", "kept"),
    [("mine", "laptop", "phone"), ("other", "phone", "laptop"), ("both", "phone\n\nlaptop", "")],
)
def test_each_choice_goes_on_from_a_text_too_many(
    choice: str, stands: str, kept: str, reader: Browser, crowded: dict[str, str], htmx: bool
) -> None:
    fields = unkept(reader, crowded, htmx=htmx)
    chosen = choose(reader, fields, choice, htmx=htmx)
    assert chosen.status_code == (200 if htmx else 302)
    assert reader.texts()["before"] == stands
    assert {"tablet", "watch"} | ({kept} if kept else set()) <= wordings()


def test_choices_can_t_fill_the_disk_either(
    reader: Browser, crowded: dict[str, str], htmx: bool
) -> None:
    fields = unkept(reader, crowded, htmx=htmx)
    assert choose(reader, fields, "other", htmx=htmx).status_code == (200 if htmx else 302)
    fields |= {"text-before": "one more", "op": str(uuid.uuid4())}
    told = choose(reader, fields, "other", htmx=htmx)
    assert told.status_code == 429
    assert htmx or Fields(told.content.decode()).values["text-before"] == "one more"
    assert "one more" not in wordings()
    assert choose(reader, fields, "mine", htmx=htmx).status_code == (200 if htmx else 302)
    assert reader.texts()["before"] == "one more"


def test_another_day_takes_them_again(reader: Browser, crowded: dict[str, str], htmx: bool) -> None:
    unkept(reader, crowded, htmx=htmx)
    Revision.objects.update(written_at=timezone.now() - timedelta(days=1, minutes=1))
    told = reader.send(PAGE, crowded | {"text-before": "laptop"}, htmx=htmx)
    assert told.status_code == 409
    assert "laptop" in wordings()
