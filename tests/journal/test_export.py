"""Everything can be taken, exactly, and by its owner alone (K10)."""

import io
import re
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.content.loader import current_library, forget_library
from devotional.groups.models import Membership, ReadIt, Share
from devotional.journal import archive
from devotional.journal.export import plan_for
from devotional.journal.models import Deleted, Hinge
from devotional.lib.unavailable import RETRY_AFTER
from devotional.lib.zip_stream import zip_stream
from devotional.readers.models import Account, Reader, ReturnCode
from devotional.reflections.models import OnPaper, Reading, Reflection, Revision
from harness.actors import Browser
from tests.groups.factories import add, found
from tests.journal.export_reader import Taken
from tests.reflections.helpers import change, plain, the_reader
from tests.sharing.actions import bring

PAGE = "/export/"
ZIP = "/export/everything.zip"
PRINT = "/export/print/"
CANARY = "The canary of the first reader."
OPENING = "On Doors/Reading 1/1 On Doors.md"
HINGES = "On Doors/Reading 1/2 Hinge.md"

ODD = [
    "  spaces before and after   ",
    "\n\nnewlines around\n\n\n",
    "two\r\nkinds of\rnewline",
    "👨‍👩‍👧‍👦 ❤️‍🔥 𝔊 é e\u0301 \u200b\ufeff",
    "\u202eright to left\u202c שלום \u2067x\u2069",
    "line\u2028and paragraph\u2029separators \x85 \x0b \x0c \x1b[31m",
    "---\ntitle: not yours\n---\n\n# A heading\n\n```\na fence that is never closed",
    "<!-- words: 3 bytes -->\nabc\n<!-- end of words -->\n",
    "\n<!-- end of words -->",
    "<script>alert(1)</script> &amp; {{ x }} {% y %} [[link]] %%hidden%%",
    "a mark \ufffd and NUL \0",
    "\\u0041 \\n \"quoted\" 'single' `code`",
    "",
    " ",
]


def kept(text: str) -> str:
    """What is to be kept of what was typed, said once more."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def take(browser: Browser) -> Taken:
    response = browser.get(ZIP)
    assert response.status_code == 200
    return Taken(body(response))


def printed(browser: Browser, path: str = PRINT) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return body(response).decode()


def seal[M: (Hinge, Deleted, Reflection, Revision)](row: M, words: str) -> M:
    row.text = words
    row.save()
    return row


# What it holds


@pytest.mark.parametrize("text", ODD)
def test_words_come_back_byte_for_byte(reader: Browser, text: str) -> None:
    """From the JSON and from the Markdown, whatever they say."""
    assert reader.write("opening", before=text, closed="Beside it.").status_code == 200
    taken = take(reader)
    assert [each["text"] for each in taken.reflections()] == [kept(text), "Beside it."]
    assert taken.words(OPENING) == [kept(text), "Beside it."]


def test_a_folder_for_each_reading_and_a_file_for_each_section(reader: Browser) -> None:
    reader.write("hinges", turn="On a small thing.")
    reader.post("/readings/on-doors/begin/", {"after": "1"})
    reader.write("hinges", turn="The second time.")
    taken = take(reader)
    assert list(taken.files) == [
        "README.txt",
        OPENING,
        HINGES,
        "On Doors/Reading 2/2 Hinge.md",
        "everything.json",
    ]
    today = timezone.localtime().date()
    assert taken.front_matter(HINGES) == {
        "devotional": "On Doors",
        "section": "Hinges",
        "reading": 1,
        "reading_begun": today,
        "written": today,
    }
    _head, text = taken.markdown[HINGES].split("\n\n", 1)
    at = Reflection.objects.by(the_reader()).get(section="hinges", reading__number=1).written_at
    assert text == (
        "# Hinges\n\n"
        "## What does this day turn on?\n\n"
        f"*{archive.moment(at, timezone.get_current_timezone())}*\n\n"
        "<!-- words: 17 bytes -->\nOn a small thing.\n<!-- end of words -->\n"
    )


def test_earlier_wordings_have_a_file_of_their_own(reader: Browser) -> None:
    first = reader.fields("/reflect/on-doors/opening/panel/")
    reader.write("opening", before="Something else altogether, said anew.")
    # The form from before is sent again: it meets newer words.
    first |= {"text-before": "Written on another page.", "op": ""}
    assert reader.send("/reflect/on-doors/opening/", first).status_code == 409
    taken = take(reader)
    name = "On Doors/Reading 1/1 On Doors (earlier wordings).md"
    assert taken.words(OPENING) == ["Something else altogether, said anew."]
    assert taken.words(name) == [CANARY, "Written on another page."]
    assert taken.markdown[name].count("*From another tab or device*") == 1
    revisions = taken.reflections()[0]["revisions"]
    assert [(each["kind"], each["text"]) for each in revisions] == [
        ("earlier", CANARY),
        ("conflict", "Written on another page."),
    ]


def test_hinges_and_paper_and_what_was_deleted(reader: Browser) -> None:
    person = the_reader()
    reflection = Reflection.objects.by(person).get()
    now = timezone.now()
    hinge = Hinge(reader=person, reflection=reflection, marked_at=now)
    seal(hinge, '{"quote": "The canary\\n of", "before": "", "after": " the first"}')
    gone = Deleted(reader=person, reflection_id=hinge.id, deleted_at=now)
    seal(gone, '{"text": "Deleted words.", "any": ["thing"]}')
    reading = Reading.objects.by(person).get()
    OnPaper.objects.create(reader=person, reading=reading, section="thresholds")
    taken = take(reader)
    assert taken.words("Hinges.md") == ["The canary\n of"]
    assert taken.json["hinges"] == [
        {
            "id": str(hinge.id),
            "reflection": str(reflection.id),
            "marked_at": now.isoformat(),
            "opened": True,
            "kept": {"quote": "The canary\n of", "before": "", "after": " the first"},
        }
    ]
    assert [each["kept"]["text"] for each in taken.json["deleted"]] == ["Deleted words."]
    paper = "On Doors/Reading 1/3 Thresholds.md"
    assert taken.front_matter(paper)["on_paper"] is True
    assert "*You wrote on paper.*" in taken.markdown[paper]


def test_groups_and_what_was_brought_to_them(
    reader: Browser, leader: Browser, groupmate: Browser
) -> None:
    """One's own place and words, the very same; nothing of the others, nor of who let one go."""
    thursdays, sundays = found(leader, groupmate=groupmate), found(leader, name="Sundays")
    member = add(thursdays, reader, "Ruth")
    gone = add(sundays, reader, "", standing=Membership.Standing.REMOVED)
    ReadIt.objects.create(membership=member, section="opening")
    groupmate.write("opening", before="Words of the groupmate.")
    theirs = Reflection.objects.exclude(reader=the_reader()).get()
    bring(groupmate, theirs)
    odd = "  👩‍👩‍👧‍👦 \u202eשלום\u202c\n\n<!-- end of words -->\n"
    reader.write("opening", before=odd)
    bring(reader, Reflection.objects.by(the_reader()).get())
    share = Share.objects.by(the_reader()).get()
    taken = take(reader)
    assert taken.words("Groups.md") == [odd]
    assert taken.json["groups"] == [
        {
            "id": str(member.pk),
            "group": str(thursdays.pk),
            "group_name": "Thursdays",
            "devotional": "on-doors",
            "name": "Ruth",
            "standing": "member",
            "is_leader": False,
            "joined_at": member.joined_at.isoformat(),
            "read": ["opening"],
        },
        {
            "id": str(gone.pk),
            "group": str(sundays.pk),
            "group_name": None,
            "devotional": None,
            "name": None,
            "standing": "removed",
            "is_leader": False,
            "joined_at": gone.joined_at.isoformat(),
            "read": [],
        },
    ]
    assert taken.json["shares"] == [
        {
            "id": str(share.pk),
            "group": str(thursdays.pk),
            "section": "opening",
            "asked": "Which door is before you?",
            "shared_at": share.shared_at.isoformat(),
            "opened": True,
            "text": odd,
        }
    ]
    everything = b"".join(taken.files.values()).decode()
    for others in ("Lea", "groupmate", "Sundays", str(theirs.pk)):
        assert others not in everything


def test_a_member_who_wrote_nothing_has_something_to_take(
    groupmate: Browser, leader: Browser
) -> None:
    found(leader, groupmate=groupmate)
    assert "Download everything" in groupmate.get(PAGE).content.decode()
    taken = take(groupmate)
    assert "## Thursdays" in taken.markdown["Groups.md"]
    assert (taken.json["readings"], taken.json["shares"]) == ([], [])


def test_the_json_says_what_else_is_stored_and_no_secret(reader: Browser) -> None:
    person = the_reader()
    account = Account.objects.create(reader=person, name="Zoë", email="zoe@example.org")
    account.set_password("a secret of hers")
    account.save()
    ReturnCode.objects.create(reader=person, digest="d" * 64, made_at=timezone.now())
    taken = take(reader)
    assert (taken.json["schema"], taken.json["schema_version"]) == ("devotional-export", 1)
    told = taken.json["reader"]
    assert told["id"] == str(person.id)
    assert told["consent"]["version"] == person.consent_version
    assert told["consent"]["sentence"].startswith("I agree that this site stores")
    assert len(told["browsers"]) == 1
    assert (told["account"]["name"], told["account"]["email"]) == ("Zoë", "zoe@example.org")
    assert told["account"]["has_password"] is True
    everything = taken.files["everything.json"].decode()
    account.refresh_from_db()
    assert account.password not in everything
    assert person.device_tokens.get().digest not in everything
    assert "d" * 64 not in everything
    assert reader.cookies["reader"].value not in everything


def test_what_cannot_be_opened_says_so_and_the_rest_is_there(reader: Browser) -> None:
    reader.write("opening", closed="This one opens.")
    Reflection.objects.filter(prompt="before").update(sealed=b"broken")
    taken = take(reader)
    assert [(each["opened"], each["text"]) for each in taken.reflections()] == [
        (False, None),
        (True, "This one opens."),
    ]
    assert taken.words(OPENING) == ["This one opens."]
    assert "*This can’t be opened right now" in taken.markdown[OPENING]
    assert "This can’t be opened right now" in printed(reader)


def test_what_is_gone_from_the_text_is_taken_too(reader: Browser, content: Path) -> None:
    reader.write("hinges", turn="On a small thing.")
    change(content, "{: #hinges", "{: #hooks", retired="hinges")
    taken = take(reader)
    assert taken.words("On Doors/Reading 1/Hinges.md") == ["On a small thing."]
    (content / "on-doors.md").unlink()
    (content / "other.md").write_text("---\ntitle: Other\n---\n\nText.\n\n### Reflect\n\n- Why?\n")
    forget_library()
    taken = take(reader)
    assert taken.words("On doors/Reading 1/Opening.md") == [CANARY]


def test_the_file_is_named_by_the_day_alone(reader: Browser) -> None:
    response = reader.get(ZIP)
    day = f"{timezone.localtime():%Y-%m-%d}"
    assert response["Content-Disposition"] == f'attachment; filename="my-words-{day}.zip"'
    assert response["Content-Type"] == "application/zip"
    assert response["Cache-Control"] == "no-store, private"
    names = zipfile.ZipFile(io.BytesIO(body(response))).namelist()
    assert {name.split("/")[0] for name in names} == {f"my-words-{day}"}


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("Pacific/Auckland", date(2026, 12, 1), "1 December 2026, 09:44 NZDT"),
        ("America/New_York", date(2026, 11, 30), "30 November 2026, 15:44 EST"),
        ("Nowhere/Such", date(2026, 11, 30), "30 November 2026, 20:44 GMT"),
        ("../../etc/passwd", date(2026, 11, 30), "30 November 2026, 20:44 GMT"),
        ("", date(2026, 11, 30), "30 November 2026, 20:44 GMT"),
    ],
)
def test_days_and_hours_are_the_readers_own(
    reader: Browser, zone: str, day: date, hour: str
) -> None:
    """As their device tells its zone; by the site's clock where it tells none that there is."""
    at = datetime(2026, 11, 30, 20, 44, tzinfo=UTC)
    Reflection.objects.by(the_reader()).update(written_at=at)
    with timezone.override("Europe/London"):
        taken = Taken(body(reader.get(ZIP, {"zone": zone})))
    assert taken.front_matter(OPENING)["written"] == day
    assert f"*{hour}*" in taken.markdown[OPENING]
    assert [each["written_at"] for each in taken.reflections()] == [at.isoformat()]


# Whose it is


@pytest.mark.parametrize("path", [ZIP, PRINT, f"{PRINT}on-doors/1/"])
def test_a_stranger_takes_nothing(reader: Browser, stranger: Browser, path: str) -> None:
    if path == ZIP:
        assert [each["text"] for each in take(reader).reflections()] == [CANARY]
    else:
        assert CANARY in printed(reader, path)
    answer = stranger.get(path)
    assert answer.status_code == 404
    assert CANARY not in answer.content.decode()


def test_another_reader_takes_only_their_own(reader: Browser, other_reader: Browser) -> None:
    person = the_reader()
    reading = Reading.objects.by(person).get()
    OnPaper.objects.create(reader=person, reading=reading, section="thresholds")
    reflection = Reflection.objects.by(person).get()
    seal(Hinge(reader=person, reflection=reflection, marked_at=timezone.now()), '{"quote": "x"}')
    seal(Deleted(reader=person, reflection_id=uuid.uuid4(), deleted_at=timezone.now()), '"gone"')
    taken = take(other_reader)
    assert [each["text"] for each in taken.reflections()] == ["Words of the other reader."]
    assert (taken.json["hinges"], taken.json["deleted"]) == ([], [])
    assert list(taken.files) == ["README.txt", OPENING, "everything.json"]
    assert CANARY not in printed(other_reader)
    own = take(reader)
    assert [each["text"] for each in own.reflections()] == [CANARY]
    assert [len(own.json[each]) for each in ("hinges", "deleted")] == [1, 1]
    assert CANARY in printed(reader)


def test_the_page_offers_nothing_to_someone_unknown(
    stranger: Browser, reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        shown = stranger.get(PAGE)
    html = shown.content.decode()
    assert (shown.status_code, len(shown.cookies)) == (200, 0)
    assert "There’s nothing to download yet." in html
    assert ZIP not in html
    assert ZIP in reader.get(PAGE).content.decode()


def test_a_reader_who_wrote_nothing_yet_is_told_so(reader: Browser) -> None:
    Reading.objects.all().delete()
    assert "There’s nothing to download yet." in reader.get(PAGE).content.decode()
    assert take(reader).reflections() == []


# On paper


def test_the_page_to_print_has_everything_as_it_stands(reader: Browser) -> None:
    reader.write("hinges", turn="On a <b>small</b> thing.\n\n  Kept.")
    html = printed(reader)
    assert re.findall(r"<h[23][^>]*>(.*?)</h[23]>", html) == ["On Doors", "On Doors", "Hinges"]
    assert f"Which door is before you? {CANARY}" in plain(html)
    assert "On a &lt;b&gt;small&lt;/b&gt; thing.\n\n  Kept.</div>" in html
    assert html.index("That’s everything") > html.index("Kept.")


def test_one_reading_is_printed_by_itself(reader: Browser) -> None:
    reader.post("/readings/on-doors/begin/", {"after": "1"})
    reader.write("opening", before="The second time.")
    assert f"{PRINT}on-doors/2/" in reader.get(PAGE).content.decode()
    html = printed(reader, f"{PRINT}on-doors/2/")
    assert ("The second time." in html, CANARY in html) == (True, False)
    assert reader.get(f"{PRINT}on-doors/3/").status_code == 404
    assert reader.get(f"{PRINT}elsewhere/1/").status_code == 404


def test_head_makes_nothing(reader: Browser) -> None:
    answer = reader.head(ZIP)
    assert (answer.status_code, body(answer)) == (200, b"")


# While it is sent


@pytest.mark.django_db(transaction=True)
def test_downloads_leave_threads_for_others(
    reader: Browser, new_browser: Callable[[], Browser]
) -> None:
    """Half of them at most, and one that is given up gives its thread back."""
    others = [new_browser() for _number in range(settings.THREADS // 2)]
    for other in others:
        assert other.write("opening", before="Words of another.").status_code == 200
    begun = [other.get(ZIP) for other in others]
    refused = reader.get(PRINT)
    assert (refused.status_code, refused["Retry-After"]) == (503, str(RETRY_AFTER))
    assert reader.head(ZIP).status_code == 200
    begun.pop().close()
    assert CANARY in printed(reader)
    assert CANARY in printed(reader)
    for response in begun:
        response.close()


@pytest.mark.django_db(transaction=True)
def test_one_download_at_a_time_for_each_reader(reader: Browser, other_reader: Browser) -> None:
    """So nobody holds the places of all, by phones that stall or on purpose."""
    begun = reader.get(ZIP)
    for path in (ZIP, PRINT):
        refused = reader.get(path)
        assert (refused.status_code, refused["Retry-After"]) == (503, str(RETRY_AFTER))
    assert "Words of the other reader." in printed(other_reader)
    begun.close()
    assert CANARY in printed(reader)


def test_a_failure_midway_leaves_no_zip(reader: Browser, tmp_path: Path) -> None:
    plan = plan_for(the_reader(), current_library())
    whole = b"".join(zip_stream(archive.files_of(plan)))
    assert Taken(whole).reflections()

    def breaking() -> Iterator[Any]:
        files = archive.files_of(plan)
        yield next(files)
        yield next(files)
        raise OperationalError("the disk is gone")

    sent: list[bytes] = []
    with pytest.raises(OperationalError):
        sent.extend(zip_stream(breaking()))
    broken = tmp_path / "broken.zip"
    for part in (b"".join(sent), *(whole[:length] for length in range(0, len(whole) - 1, 97))):
        broken.write_bytes(part)
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(broken)


def test_what_is_deleted_meanwhile_is_left_out(reader: Browser) -> None:
    reader.write("hinges", turn="On a small thing.")
    plan = plan_for(the_reader(), current_library())
    Reflection.objects.filter(section="opening").delete()
    taken = Taken(b"".join(zip_stream(archive.files_of(plan))))
    assert [each["text"] for each in taken.reflections()] == ["On a small thing."]
    assert taken.words(OPENING) == []
    assert taken.words(HINGES) == ["On a small thing."]


def fill(person: Reader, number: int, *, size: int) -> None:
    """Reflections in as many sections that are gone from the text."""
    reading = Reading.objects.by(person).get(number=1)
    now = timezone.now()
    rows = []
    for count in range(number):
        row = Reflection(
            reader=person,
            reading=reading,
            section=f"s{count}",
            prompt="p",
            asked="Why?",
            section_digest="",
            begun_at=now + timedelta(seconds=count),
            written_at=now,
        )
        row.text = f"{count} " + f"wörd{count * 7919} " * (size // 10)
        rows.append(row)
    Reflection.objects.bulk_create(rows, batch_size=500)


def test_a_row_that_became_anothers_is_left_out(reader: Browser, other_reader: Browser) -> None:
    """Rows are fetched by their ids, and whose they are is looked at each time."""
    plan = plan_for(the_reader(), current_library())
    taken = Taken(b"".join(zip_stream(archive.files_of(plan))))
    assert [each["text"] for each in taken.reflections()] == [CANARY]
    other = Reader.objects.order_by("made_at")[1]
    Reflection.objects.filter(reader=plan.reader).update(reader=other)
    taken = Taken(b"".join(zip_stream(archive.files_of(plan))))
    assert taken.reflections() == []


def test_queries_grow_by_batches_and_not_by_rows(reader: Browser) -> None:
    counts = []
    for number in (1, 24, 26, 49):
        Reflection.objects.filter(prompt="p").delete()
        fill(the_reader(), number, size=100)
        with CaptureQueriesContext(connection) as queries:
            taken = take(reader)
        assert len(taken.reflections()) == number + 1
        counts.append(len(queries))
    assert [after - before for before, after in pairwise(counts)] == [0, 4, 0]


def test_memory_is_bound(reader: Browser) -> None:
    """Thirty megabytes of words, and never much more than one batch of them in memory."""
    fill(the_reader(), 600, size=50_000)
    taken = 0

    def take_all() -> None:
        nonlocal taken
        response: Any = reader.get(ZIP)
        taken = sum(len(part) for part in response.streaming_content)

    peak = peak_of(take_all)
    assert taken > 100_000
    assert peak < 8 * 2**20


def peak_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
