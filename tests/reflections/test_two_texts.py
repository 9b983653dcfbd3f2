"""Two texts meet: both in full, a choice of three, and nothing is lost whatever is chosen (W6)."""

from typing import Any

import pytest

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
    assert "Together they are longer" in refused.content.decode()
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
    assert "Put it back" in html
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
    assert "You wrote here before" in html
    assert "another page or device" not in html
