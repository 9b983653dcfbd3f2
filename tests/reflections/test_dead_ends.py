"""Where a save can't be: every dead end keeps the words and has a door (W7, W8, W10, W13)."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from devotional.content.loader import forget_library
from devotional.readers.erasing import erase_reader
from devotional.readers.models import DeviceToken, Reader
from devotional.readers.return_codes import make_code
from devotional.reflections import views
from devotional.reflections.models import OnPaper, Operation, Reading, Reflection, Revision
from harness.actors import Browser
from harness.html_forms import Fields
from tests.groups.factories import reader_in

FETCHED = {"hx-request": "true", "sec-fetch-dest": "empty"}
PAGE = "/reflect/on-doors/opening/"
PANEL = f"{PAGE}panel/"
CANARY = "The canary of the first reader."


@pytest.fixture(params=[True, False], ids=["htmx", "plain"])
def htmx(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_session_expired(reader: Browser, htmx: bool) -> None:
    """The cookie is gone while someone writes: 401, the words stay, agreeing keeps them."""
    sent = reader.fields(PANEL) | {"text-before": "written meanwhile"}
    reader.cookies.clear()
    asked = reader.send(PAGE, sent, htmx=htmx)
    assert asked.status_code == 401
    assert not asked.cookies.get("reader")
    html = asked.content.decode()
    assert "This browser no longer has the cookie we knew you by" in html
    assert "has been signed out" not in html
    fields = Fields(html).values
    assert fields["writer"] == ""
    assert (fields["was"], fields["version-before"]) == (sent["writer"], "1")
    assert 'action="/account/return/"' in html
    assert 'href="/account/sign-in/?next=' in html
    if htmx:
        assert "<textarea" not in html
    else:
        assert fields["text-before"] == "written meanwhile"
    assert reader.send(PAGE, sent | fields, htmx=htmx).status_code == (200 if htmx else 302)
    assert reader.texts()["before"] == "written meanwhile"
    assert Reader.objects.count() == 2


def test_who_comes_back_meets_no_conflict_with_themselves(reader: Browser, htmx: bool) -> None:
    """The save that waited goes through as if nothing had been (W7)."""
    sent = reader.fields(PANEL) | {"text-before": "written meanwhile"}
    cookies = {name: morsel.value for name, morsel in reader.cookies.items()}
    reader.cookies.clear()
    fields = Fields(reader.send(PAGE, sent, htmx=htmx).content.decode()).values
    reader.cookies.load(cookies)
    assert reader.send(PAGE, sent | fields, htmx=htmx).status_code == (200 if htmx else 302)
    assert reader.texts()["before"] == "written meanwhile"
    assert Reader.objects.count() == 1
    assert not Revision.objects.filter(kind=Revision.Kind.CONFLICT).exists()


def test_nobody_else_goes_on_from_their_words(
    reader: Browser, other_reader: Browser, htmx: bool
) -> None:
    """Another who is here by then saves nothing of it, and is told."""
    sent = reader.fields(PANEL) | {"text-before": "written meanwhile"}
    theirs = {name: morsel.value for name, morsel in other_reader.cookies.items()}
    reader.cookies.clear()
    fields = Fields(reader.send(PAGE, sent, htmx=htmx).content.decode()).values
    reader.cookies.load(theirs)
    refused = reader.send(PAGE, sent | fields, htmx=htmx)
    assert refused.status_code == 401
    html = refused.content.decode()
    assert "Someone else is signed in here now" in html
    assert Fields(html).values["version-before"] == "0"
    assert other_reader.texts()["before"] == "Words of the other reader."


def test_the_code_is_asked_for_in_the_panel(reader: Browser, htmx: bool) -> None:
    """What is wrong with it stands beside it; a right one leads to the panel, as its reader."""
    code = make_code(Reader.objects.get())
    assert code
    sent = reader.fields(PANEL) | {"text-before": "written meanwhile"}
    reader.cookies.clear()
    lost = Fields(reader.send(PAGE, sent, htmx=htmx).content.decode()).values
    form = {"next": lost["next"]}
    wrong = reader.send("/account/return/", form | {"code": "ABC"}, htmx=htmx)
    assert wrong.status_code == 422
    assert ("<html" in wrong.content.decode()) is not htmx
    assert wrong.get("HX-Retarget") == ("#come-back" if htmx else None)
    assert Fields(wrong.content.decode()).values["next"] == lost["next"]
    reader.post("/account/return/", form | {"code": code}, headers=FETCHED)
    back = reader.get("/account/arrive/", headers=FETCHED, follow=True)
    assert back.redirect_chain[-1] == (f"{PANEL}?reading=1", 303)
    assert reader.texts()["before"] == "The canary of the first reader."


@pytest.mark.django_db(transaction=True)
def test_erased_while_a_save_waits_for_its_turn(
    reader: Browser, htmx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tab erased everything at this very moment: nothing is kept, the words stay."""

    @contextmanager
    def enter() -> Iterator[None]:
        Reader.objects.all().delete()
        yield

    monkeypatch.setattr(views.write_limiter, "enter", enter)
    sent = reader.fields(PANEL) | {"text-before": "written meanwhile"}
    asked = reader.send(PAGE, sent, htmx=htmx)
    assert asked.status_code == 401
    assert "This browser has been signed out" in asked.content.decode()
    assert htmx or Fields(asked.content.decode()).values["text-before"] == "written meanwhile"
    assert Reflection.objects.count() == 0


@pytest.mark.parametrize("how", ["signed out elsewhere", "erased elsewhere"])
def test_a_key_that_was_ended_elsewhere_is_not_called_a_lost_cookie(
    how: str, reader: Browser, htmx: bool
) -> None:
    """The browser still has its cookie, so that is not the reason that is given (W7)."""
    sent = reader.fields(PANEL) | {"text-before": "written meanwhile"}
    if how == "signed out elsewhere":
        DeviceToken.objects.all().delete()
    else:
        erase_reader(Reader.objects.get())
    asked = reader.send(PAGE, sent, htmx=htmx)
    assert asked.status_code == 401
    html = asked.content.decode()
    assert "This browser has been signed out, perhaps from another device" in html
    assert "the cookie we knew you by" not in html
    assert htmx or Fields(html).values["text-before"] == "written meanwhile"


def test_another_reader_between_typing_and_sending(
    reader: Browser, other_reader: Browser, htmx: bool
) -> None:
    """Words typed by one are never saved as another's; the first one's page says so."""
    sent = reader.fields(PANEL) | {"text-before": "of the first"}
    asked = other_reader.send(PAGE, sent, htmx=htmx)
    assert asked.status_code == 401
    assert "Someone else is signed in here now, or you’ve signed in" in asked.content.decode()
    again = sent | Fields(asked.content.decode()).values
    pressed = other_reader.send(PAGE, again, htmx=htmx)
    assert pressed.status_code == 401
    assert "Words of the other reader." not in pressed.content.decode()
    assert other_reader.texts()["before"] == "Words of the other reader."
    assert reader.texts()["before"] == CANARY
    assert {r.text for r in Reflection.objects.all()} == {CANARY, "Words of the other reader."}


def test_a_first_save_whose_answer_was_lost_makes_one_reader(guest: Browser, htmx: bool) -> None:
    sent = guest.fields(PANEL) | {"text-before": "once"}
    assert guest.send(PAGE, sent, htmx=htmx).status_code < 400
    guest.cookies.clear()  # as if the answer, and its cookie, never came
    assert guest.send(PAGE, sent, htmx=htmx).status_code < 400
    assert Reader.objects.count() == 1
    assert guest.texts()["before"] == "once"
    assert DeviceToken.objects.count() == 2


@pytest.mark.parametrize("change", [{"op": ""}, {"op": str(uuid.uuid4())}, {"text-before": "x"}])
def test_nobody_else_is_found_by_a_first_save(change: dict[str, str], guest: Browser) -> None:
    """Without the very operation id and the very words a save makes a reader of its own."""
    sent = guest.fields(PANEL) | {"text-before": "once"}
    guest.send(PAGE, sent)
    stranger = Browser()
    assert stranger.send(PAGE, sent | change).status_code == 200
    assert Reader.objects.count() == 2
    own, other = (Reflection.objects.get(reader=reader_in(each)) for each in (guest, stranger))
    assert (own.text, own.version) == ("once", 1)
    assert other.text == change.get("text-before", "once")
    same = Browser()
    assert same.send(PAGE, sent).status_code == 200  # the very same is the same reader's
    assert reader_in(same) == reader_in(guest)


def test_a_later_operation_gives_no_way_in(reader: Browser) -> None:
    """Only the save that made a reader finds them again, and not for long."""
    sent = reader.fields(PANEL) | {"text-before": "second"}
    reader.send(PAGE, sent)
    Reader.objects.update(made_at="2026-01-01T00:00:00Z")
    stranger = Browser()
    fresh = stranger.fields(PANEL)
    stranger.send(PAGE, sent | {name: fresh[name] for name in ("consent", "writer")})
    assert Reader.objects.count() == 2
    assert reader.texts()["before"] == "second"


def test_double_submit_from_a_form_made_for_nobody(guest: Browser, htmx: bool) -> None:
    """The second arrives when the first has been answered: told again, not done again."""
    sent = guest.fields(PANEL) | {"text-before": "twice"}
    guest.send(PAGE, sent, htmx=htmx)
    assert guest.send(PAGE, sent, htmx=htmx).status_code == (200 if htmx else 302)
    assert (Reader.objects.count(), Operation.objects.count()) == (1, 1)
    assert Reflection.objects.get().version == 1


def test_too_large_a_body_is_told_so(reader: Browser, settings: Settings, htmx: bool) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 200_000
    refused = reader.write("opening", before="x" * 250_000, htmx=htmx)
    assert refused.status_code == 413
    assert refused.get("HX-Retarget", "") == ("#notice" if htmx else "")
    assert ("<html" in refused.content.decode()) is not htmx
    assert "more than we can take in one go" in refused.content.decode()


class Broken:
    """Makes every statement that writes fail, as a full disk does."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            raise self.error("database or disk is full")
        return execute(sql, *rest)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_write_is_503_and_the_words_stay(
    reader: Browser, htmx: bool
) -> None:
    from django.db import OperationalError

    sent = reader.fields(PANEL) | {"text-before": "to be kept later"}
    with connection.execute_wrapper(Broken(OperationalError)):
        told = reader.send(PAGE, sent, htmx=htmx)
    assert told.status_code == 503
    assert told["Retry-After"] == "5"
    assert told["Cache-Control"] == "no-store, private"
    html = told.content.decode()
    if htmx:
        assert told["HX-Retarget"] == "#notice"
        assert "<form" not in html
        again = sent
    else:
        again = Fields(html).values
        assert again["text-before"] == "to be kept later"
        assert "keep this page open and try again" in html
    assert again["op"] == sent["op"]
    assert reader.send(PAGE, again, htmx=htmx).status_code == (200 if htmx else 302)
    assert reader.texts()["before"] == "to be kept later"


def test_other_database_errors_stay_mistakes(reader: Browser) -> None:
    from django.db import ProgrammingError

    reader.raise_request_exception = False
    sent = reader.fields(PANEL) | {"text-before": "x"}
    with connection.execute_wrapper(Broken(ProgrammingError)):
        assert reader.send(PAGE, sent).status_code == 500


def test_words_for_a_section_that_was_taken_out_are_kept(
    reader: Browser, content: Path, htmx: bool
) -> None:
    """The author removes the section while someone writes after it."""
    sent = reader.fields("/reflect/on-doors/hinges/panel/") | {"text-turn": "still kept"}
    file = content / "on-doors.md"
    file.write_text(file.read_text().replace("## Hinges {: #hinges", "## Gates {: #gates"))
    file.write_text(
        "---\nretired: [hinges, hinges/turn]\n" + file.read_text().removeprefix("---\n")
    )
    forget_library()
    assert reader.get("/reflect/on-doors/hinges/panel/").status_code == 404
    saved = reader.send("/reflect/on-doors/hinges/", sent, htmx=htmx)
    assert saved.status_code == (200 if htmx else 302)
    kept = Reflection.objects.get(section="hinges")
    assert (kept.text, kept.asked) == ("still kept", "What does this day turn on?")


def test_words_for_a_devotional_that_was_taken_off_the_shelf_are_kept(
    reader: Browser, content: Path
) -> None:
    sent = reader.fields(PANEL) | {"text-before": "still kept"}
    (content / "on-doors.md").rename(content / "other-doors.md")
    forget_library()
    assert reader.send(PAGE, sent).status_code == 200
    assert Reflection.objects.get().text == "still kept"


@pytest.mark.parametrize("first", [True, False])
def test_i_wrote_on_paper(first: bool, guest: Browser, reader: Browser, htmx: bool) -> None:
    """A mark and nothing else; it can be taken back (W15)."""
    writer = guest if first else reader
    sent = writer.fields(PANEL)
    said = writer.send(PAGE, sent | {"paper": "yes"}, htmx=htmx)
    assert said.status_code == (200 if htmx else 302)
    mark = OnPaper.objects.get()
    assert mark.section == "opening"
    assert "You wrote on paper." in writer.get(PANEL).content.decode()
    if htmx:
        assert "You wrote on paper." in said.content.decode()
    writer.send(PAGE, writer.fields(PANEL) | {"paper": "no"}, htmx=htmx)
    assert OnPaper.objects.count() == 0
    assert Reading.objects.filter(reader=mark.reader).count() == 1


def test_on_paper_needs_consent_like_everything(guest: Browser) -> None:
    sent = guest.fields(PANEL) | {"paper": "yes", "consent": ""}
    assert guest.send(PAGE, sent).status_code == 422
    assert OnPaper.objects.count() == 0


def test_a_routine_save_leaves_the_foot_alone(reader: Browser) -> None:
    """A finger may be on its button while autosave answers."""
    saved = reader.write("opening", before="typed on")
    assert saved["HX-Retarget"] == "#notice"
    html = saved.content.decode()
    assert 'id="leaf-foot"' not in html
    assert 'name="op" id="op"' in html


def test_old_operations_are_forgotten(reader: Browser) -> None:
    Operation.objects.update(done_at="2026-01-01T00:00:00Z")
    reader.write("opening", before="x", change={"op": str(uuid.UUID(int=64))})
    assert [op.op_id.int for op in Operation.objects.all()] == [64]


def test_a_page_of_another_program_is_never_a_crash() -> None:
    assert Client().post(PAGE, {"op": "x"}).status_code == 403


def test_words_that_do_not_open_cost_their_box_and_not_the_page(reader: Browser) -> None:
    Reflection.objects.update(sealed=b"\x01" + b"\x00" * 60)
    html = reader.get(PANEL).content.decode()
    assert "can’t be opened right now, because the server’s key doesn’t fit" in html
    assert re.search(r'<textarea[^>]*id="text-before"[^>]* disabled>', html)
    assert reader.write("opening", closed="still possible").status_code == 200


def test_the_first_save_finds_nobody_once_they_saved_again(guest: Browser) -> None:
    """A second save shows that the cookie arrived: from then on the first is no way in."""
    sent = guest.fields(PANEL) | {"text-before": "once"}
    guest.send(PAGE, sent)
    guest.write("opening", before="once, and much more")
    stranger = Browser()
    stranger.send(PAGE, sent)
    assert Reader.objects.count() == 2
    assert stranger.texts()["before"] == "once"


def test_the_first_save_finds_nobody_after_a_day(guest: Browser) -> None:
    sent = guest.fields(PANEL) | {"text-before": "once"}
    guest.send(PAGE, sent)
    Operation.objects.update(done_at=timezone.now() - timedelta(hours=25))
    Reader.objects.update(made_at=timezone.now() - timedelta(hours=25))
    Browser().send(PAGE, sent)
    assert Reader.objects.count() == 2


def test_the_first_save_finds_nobody_after_signing_out(guest: Browser) -> None:
    sent = guest.fields(PANEL) | {"text-before": "once"}
    guest.send(PAGE, sent)
    guest.post("/account/sign-out/", guest.fields(PANEL) | {"sure": "yes"})
    Browser().send(PAGE, sent)
    assert Reader.objects.count() == 2


def test_words_for_a_question_nobody_asked_are_never_called_saved(
    reader: Browser, htmx: bool
) -> None:
    """The signature of the questions is gone, and one of them as well: the words come back."""
    sent = reader.fields(PANEL) | {"questions": "cut off", "text-gone": "words without a place"}
    refused = reader.send(PAGE, sent, htmx=htmx)
    assert refused.status_code == 422
    assert "words without a place" in refused.content.decode()


def test_saving_over_words_that_do_not_open_keeps_both(reader: Browser) -> None:
    sent = reader.fields(PANEL) | {"text-before": "written over", "text-closed": "and this"}
    shut = b"\x01" + b"\x00" * 60
    Reflection.objects.update(sealed=shut)
    told = reader.send(PAGE, sent)
    assert told.status_code == 409
    assert "kept beside it" in told.content.decode()
    assert reader.texts() == {"closed": "and this"}
    assert bytes(Reflection.objects.get(prompt="before").sealed) == shut
    assert {r.text for r in Revision.objects.all()} == {"written over"}


def test_an_unreadable_revision_stops_nothing(reader: Browser) -> None:
    reader.write("opening", before="Something else altogether, at length.")
    Revision.objects.update(sealed=b"\x01" + b"\x00" * 60)
    assert reader.write("opening", before="").status_code == 200
    stale = reader.fields(PANEL) | {"version-before": "1", "text-before": "late"}
    assert reader.send(PAGE, stale).status_code == 409


def test_a_form_that_makes_no_sense_says_so(reader: Browser) -> None:
    told = reader.write("opening", before="x", change={"paper": "perhaps"})
    assert told.status_code == 422
    assert "Please reload it" in told.content.decode()


def test_a_late_repetition_of_a_mark_is_not_made(reader: Browser) -> None:
    once = reader.fields(PANEL) | {"paper": "yes"}
    reader.send(PAGE, once)
    reader.send(PAGE, reader.fields(PANEL) | {"paper": "no"})
    assert reader.send(PAGE, once).status_code == 200
    assert OnPaper.objects.count() == 0


def test_a_mark_of_a_reader_outlives_a_change_of_keys(reader: Browser, settings: Settings) -> None:
    before = reader.fields(PANEL)["writer"]
    settings.SECRET_KEY = "another key, which is long enough to be one, and then some more of it"
    assert reader.fields(PANEL)["writer"] == before


def test_a_missing_column_is_a_mistake_and_not_a_busy_server(reader: Browser, htmx: bool) -> None:
    """SQLite's class of error is the same; no retry would help, so none is asked for."""
    reader.raise_request_exception = False
    sent = reader.fields(PANEL) | {"text-before": "x"}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE devotional_reflection RENAME COLUMN asked TO gone")
    assert reader.send(PAGE, sent, htmx=htmx).status_code == 500
