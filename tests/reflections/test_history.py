"""The history of a reflection: read, compared and put back, by its writer alone (W12)."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.content.loader import forget_library
from devotional.reflections.history import SHOWN, PutBack, put_back
from devotional.reflections.models import Operation, Reflection, Revision
from harness.actors import FORGED, Browser
from tests.reflections.helpers import change, plain, the_reader

CANARY = "The canary of the first reader."
LATER = "Something else altogether, and at length."


def mine() -> Reflection:
    return Reflection.objects.by(the_reader()).get()


def path_of(reflection: Reflection) -> str:
    return f"/history/{reflection.id}/"


def page(browser: Browser, **query: Any) -> str:
    shown = browser.get(path_of(mine()), query)
    assert shown.status_code == 200
    return str(shown.content.decode())


def wordings() -> list[tuple[str, str]]:
    found = Revision.objects.by(the_reader()).order_by("written_at", "version")
    return [(each.kind, each.text) for each in found]


def revision(text: str) -> Revision:
    return next(each for each in Revision.objects.by(the_reader()) if each.text == text)


def restore(browser: Browser, which: Any, version: Any) -> Any:
    fields = {"revision": which, "version": version}
    return browser.post(f"{path_of(mine())}restore/", fields)


@pytest.fixture
def rewritten(reader: Browser) -> Browser:
    """A reader who wrote something else in place of the first words."""
    reader.write("opening", before=LATER)
    assert wordings() == [("earlier", CANARY)]
    return reader


def test_first_words_have_no_history_yet(reader: Browser) -> None:
    said = plain(page(reader))
    assert f"Now {mine().written_at:%-d %B, %H:%M} {CANARY}" in said
    assert "This is the first version." in said


def test_what_stands_then_what_stood(rewritten: Browser) -> None:
    html = page(rewritten)
    assert re.findall(r"<h1.*?>(.*?)</h1>", html) == ["Which door is before you?"]
    assert html.index(LATER) < html.index(">Earlier version<") < html.index(CANARY)
    assert html.count("<time ") == 2


def test_words_from_elsewhere_are_told_apart(reader: Browser) -> None:
    stale = reader.fields("/reflect/on-doors/opening/panel/")
    reader.write("opening", before=LATER)
    reader.send("/reflect/on-doors/opening/", stale | {"text-before": "From the laptop."})
    said = plain(page(reader))
    assert re.search(r"From another tab or device [^E]*From the laptop\.", said)
    assert re.search(rf"Earlier version \d[^F]*{CANARY}", said)


def test_the_question_is_shown_as_each_wording_answered_it(
    rewritten: Browser, content: Path
) -> None:
    Revision.objects.update(asked="Which <i>window</i>?")
    assert "The question then: Which &lt;i&gt;window&lt;/i&gt;?" in plain(page(rewritten))


def test_no_text_becomes_markup(reader: Browser) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ x }} </div>"
    reader.write("opening", before=evil)
    reader.write("opening", before=f"Other words now. {evil} And an end.")
    for html in (page(reader), page(reader, compare=revision(evil).id)):
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_long_histories_come_in_pages(reader: Browser) -> None:
    one = mine()
    for number in range(SHOWN + 2):
        earlier = Revision(
            reader=one.reader,
            reflection=one,
            version=1,
            asked=one.asked,
            written_at=timezone.now() - timedelta(hours=number),
        )
        earlier.text = f"wording number {number}."
        earlier.save(force_insert=True)
    first = plain(page(reader))
    assert "wording number 0." in first
    assert f"wording number {SHOWN}." not in first
    second = plain(page(reader, start=SHOWN))
    assert f"wording number {SHOWN - 1}." not in second
    assert f"wording number {SHOWN + 1}." in second
    assert re.findall(r'href="(\?start=\d+)">', page(reader, start=SHOWN)) == ["?start=0"]
    assert "Newer versions" in page(reader, start=99_999)


def test_a_page_costs_the_same_for_one_and_three_wordings(
    rewritten: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = path_of(mine())
    with django_assert_num_queries(4):
        rewritten.get(path)
    rewritten.write("opening", before="A third wording, unlike the others.")
    rewritten.write("opening", before="And now a fourth; not one word of the third.")
    assert len(wordings()) == 3
    which = revision(CANARY).id
    with django_assert_num_queries(4):
        rewritten.get(path)
    with django_assert_num_queries(4):
        rewritten.get(path, {"compare": str(which)})


def test_looking_changes_nothing(rewritten: Browser) -> None:
    before = [list(model.objects.values()) for model in (Reflection, Revision, Operation)]
    page(rewritten)
    page(rewritten, compare=revision(CANARY).id)
    assert rewritten.head(path_of(mine())).status_code == 200
    assert rewritten.get(f"{path_of(mine())}restore/").status_code == 405
    after = [list(model.objects.values()) for model in (Reflection, Revision, Operation)]
    assert after == before


@pytest.mark.parametrize("gone", ["section", "prompt", "devotional"])
def test_a_history_outlives_its_question(gone: str, rewritten: Browser, content: Path) -> None:
    if gone == "devotional":
        (content / "on-doors.md").rename(content / "on-windows.md")
        forget_library()
    elif gone == "prompt":
        change(content, "{: #before }", "{: #ahead }", retired="opening/before")
    else:
        Reflection.objects.update(section="vanished")
    said = plain(page(rewritten))
    assert LATER in said
    assert CANARY in said
    assert "Edit" not in said


def test_a_changed_section_says_so(rewritten: Browser) -> None:
    assert "has been edited since you wrote this" not in page(rewritten)
    Reflection.objects.update(section_digest="another")
    assert "This part has been edited since you wrote this." in page(rewritten)


# Comparing


def test_compare_marks_what_was_taken_out_and_put_in(reader: Browser) -> None:
    reader.write("opening", before=f"{CANARY} It sings.")
    reader.write("opening", before="The bird of the first reader. It sings.")
    html = page(reader, compare=revision(f"{CANARY} It sings.").id)
    assert re.findall(r"<del data-from=\"(.*?)\" data-to=\"(.*?)\">(.*?)</del>", html) == [
        ("removed:", "end", "canary")
    ]
    assert re.findall(r"<ins data-from=\"(.*?)\" data-to=\"(.*?)\">(.*?)</ins>", html) == [
        ("added:", "end", "bird")
    ]


def test_compare_says_where_only_spaces_differ(reader: Browser) -> None:
    one = mine()
    reader.write("opening", before="")
    reader.write("opening", before=CANARY.replace(" ", "\n"))
    assert "only the spacing differs" in page(reader, compare=revision(one.text).id)


@pytest.mark.parametrize("query", ["compare=x", "start=x", "start=-1", "start=9999999999"])
def test_odd_queries_are_nothing(query: str, rewritten: Browser) -> None:
    assert rewritten.get(f"{path_of(mine())}?{query}").status_code == 404


def test_another_s_wording_is_not_compared(rewritten: Browser, other_reader: Browser) -> None:
    other_reader.write("opening", before="In place of what the other wrote before.")
    theirs = Revision.objects.exclude(reader=the_reader()).get()
    for which in (theirs.id, uuid.uuid4()):
        assert rewritten.get(path_of(mine()), {"compare": str(which)}).status_code == 404
    own = {"compare": str(revision(CANARY).id)}
    assert rewritten.get(path_of(mine()), own).status_code == 200


# Putting back


def test_restore_keeps_what_stood(rewritten: Browser) -> None:
    done = restore(rewritten, revision(CANARY).id, mine().version)
    assert (done.status_code, done["Location"]) == (302, f"{path_of(mine())}#put-back")
    assert mine().text == CANARY
    assert wordings() == [("earlier", CANARY), ("earlier", LATER)]
    assert mine().version == 3


def test_the_page_s_own_form_restores(rewritten: Browser) -> None:
    html = page(rewritten)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', html))
    assert rewritten.post(f"{path_of(mine())}restore/", fields).status_code == 302
    assert mine().text == CANARY


def test_restore_keeps_what_stood_even_within_a_moment_of_typing(rewritten: Browser) -> None:
    """Saving alone would take a letter more for a slip, and not keep it."""
    short = LATER.removesuffix(".")
    rewritten.write("opening", before=short)
    before = Revision.objects.by(the_reader()).count()
    Revision.objects.by(the_reader()).filter(pk=revision(CANARY).pk).update(
        written_at=timezone.now()
    )
    one, kept = mine(), revision(CANARY)
    kept.text = short[:-1]
    kept.save()
    assert put_back(the_reader(), one, kept, seen=one.version) is PutBack.DONE
    assert mine().text == short[:-1]
    assert Revision.objects.by(the_reader()).count() == before + 1
    assert ("earlier", short) in wordings()


def test_restoring_there_and_back_loses_nothing(rewritten: Browser) -> None:
    restore(rewritten, revision(CANARY).id, mine().version)
    restore(rewritten, revision(LATER).id, mine().version)
    restore(rewritten, revision(CANARY).id, mine().version)
    assert mine().text == CANARY
    assert {text for _, text in wordings()} == {CANARY, LATER}


def test_restoring_twice_is_done_once(rewritten: Browser) -> None:
    which, version = revision(CANARY).id, mine().version
    for _ in range(2):
        assert restore(rewritten, which, version).status_code == 302
    assert mine().version == version + 1
    assert len(wordings()) == 2


def test_a_stale_restore_changes_nothing_and_says_so(rewritten: Browser) -> None:
    which, version = revision(CANARY).id, mine().version
    rewritten.write("opening", before="Newer words from another tab, not to be lost.")
    kept = wordings()
    told = restore(rewritten, which, version)
    html = told.content.decode()
    assert told.status_code == 409
    assert told["Cache-Control"] == "no-store, private"
    assert "This answer changed after you opened the page" in html
    assert "Newer words from another tab, not to be lost." in html
    assert mine().text == "Newer words from another tab, not to be lost."
    assert wordings() == kept
    assert restore(rewritten, which, mine().version).status_code == 302
    assert mine().text == CANARY


def test_a_cleared_box_can_be_put_back(reader: Browser) -> None:
    reader.write("opening", before="")
    html = page(reader)
    assert "You cleared this on" in plain(html)
    assert re.findall(r'<button class="button".*?>(.*?)</button>', html) == ["Restore"]
    done = restore(reader, revision(CANARY).id, mine().version)
    assert done["Location"].endswith("#put-back-again")
    assert mine().text == CANARY
    assert wordings() == [("earlier", CANARY)]


def test_a_restored_wording_answers_the_question_it_was_written_to(rewritten: Browser) -> None:
    Revision.objects.update(asked="Which window?")
    restore(rewritten, revision(CANARY).id, mine().version)
    assert mine().asked == "Which window?"


def test_each_reading_is_put_back_by_itself(rewritten: Browser) -> None:
    rewritten.post("/readings/on-doors/begin/")
    rewritten.write("opening", before="The second time.")
    rewritten.write("opening", before="In quite other words, and more of them.")
    one, two = Reflection.objects.by(the_reader()).order_by("reading__number")
    for reflection, text in ((two, "The second time."), (one, CANARY)):
        fields = {"revision": revision(text).id, "version": reflection.version}
        done = rewritten.post(f"{path_of(reflection)}restore/", fields)
        assert done.status_code == 302
    found = Reflection.objects.by(the_reader()).order_by("reading__number")
    assert [each.text for each in found] == [CANARY, "The second time."]


def test_a_history_holds_no_other_reflection_s_wordings(rewritten: Browser) -> None:
    one = mine()
    rewritten.write("hinges", turn="On a small thing, as it happens.")
    rewritten.write("hinges", turn="Not on that.")
    other = revision("On a small thing, as it happens.")
    assert "On a small thing" not in rewritten.get(path_of(one)).content.decode()
    assert rewritten.get(path_of(one), {"compare": str(other.id)}).status_code == 404
    fields = {"revision": other.id, "version": one.version}
    assert rewritten.post(f"{path_of(one)}restore/", fields).status_code == 404


@pytest.mark.parametrize(
    ("which", "version"),
    [("x", 2), ("", 2), (uuid.UUID(int=7), 2), (None, "x"), (None, -1), (None, 2**31)],
)
def test_odd_forms_change_nothing(which: Any, version: Any, rewritten: Browser) -> None:
    which = revision(CANARY).id if which is None else which
    assert restore(rewritten, which, version).status_code == 404
    assert mine().text == LATER


# What can't be opened


def shut(model: Any) -> None:
    model.objects.update(sealed=b"\x01" + b"0" * 60)


def test_a_wording_that_does_not_open_costs_one_line(rewritten: Browser) -> None:
    which = Revision.objects.get()
    shut(Revision)
    html = page(rewritten)
    assert html.count("This can’t be opened right now, because the server’s key doesn’t fit.") == 1
    assert LATER in html
    assert "/restore/" not in html
    assert rewritten.get(path_of(mine()), {"compare": str(which.id)}).status_code == 200
    told = restore(rewritten, which.id, mine().version)
    assert told.status_code == 409
    assert "so nothing was restored" in told.content.decode()
    assert mine().text == LATER


def test_what_does_not_open_is_never_written_over(rewritten: Browser) -> None:
    which = revision(CANARY).id
    shut(Reflection)
    html = page(rewritten)
    assert CANARY in html
    assert "Empty now" not in html
    assert "/restore/" not in html
    assert restore(rewritten, which, mine().version).status_code == 409
    assert bytes(mine().sealed) == b"\x01" + b"0" * 60


# Nobody else's


def test_nobody_else_finds_it(rewritten: Browser, other_reader: Browser, stranger: Browser) -> None:
    one, which = mine(), revision(CANARY)
    fields = {"revision": which.id, "version": one.version}
    before = (one.version, wordings())
    for nosy in (other_reader, stranger):
        for found in (
            nosy.get(path_of(one)),
            nosy.get(path_of(one), {"compare": str(which.id)}),
            nosy.post(f"{path_of(one)}restore/", fields),
        ):
            assert found.status_code == 404
            assert "canary" not in found.content.decode()
            assert LATER not in found.content.decode()
    assert (mine().version, wordings()) == before
    assert LATER in page(rewritten)
    assert CANARY in page(rewritten, compare=which.id)
    assert restore(rewritten, which.id, one.version).status_code == 302
    assert mine().text == CANARY


def test_another_s_wording_is_not_restored(rewritten: Browser, other_reader: Browser) -> None:
    theirs = Reflection.objects.exclude(reader=the_reader()).get()
    fields = {"revision": revision(CANARY).id, "version": theirs.version}
    assert other_reader.post(f"{path_of(theirs)}restore/", fields).status_code == 404
    theirs.refresh_from_db()
    assert theirs.text == "Words of the other reader."
    assert restore(rewritten, revision(CANARY).id, mine().version).status_code == 302


def test_a_forged_form_is_refused(rewritten: Browser) -> None:
    fields = {"revision": revision(CANARY).id, "version": mine().version}
    forged = rewritten.post(f"{path_of(mine())}restore/", fields, headers=FORGED)
    assert forged.status_code == 403
    assert mine().text == LATER
