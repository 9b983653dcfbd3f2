"""The journal: everything a reader wrote, by time; as quick at the end as at the beginning (K6)."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from devotional.content.loader import current_library
from devotional.journal.models import Hinge
from devotional.journal.timeline import PAGE, Point, page_after, page_before
from devotional.journal.ways import Months, glance, months_of
from devotional.readers.models import Reader
from devotional.reflections.models import Reading, Reflection
from devotional.reflections.passages import Passage
from harness.actors import Browser
from tests.reflections.helpers import change, plain, the_reader

ALL = "/journal/"
CANARY = "The canary of the first reader."
NOON = datetime(2025, 3, 10, 12, tzinfo=UTC)


def add(
    number: int, *, at: datetime = NOON, step: timedelta = timedelta(hours=1), text: str = ""
) -> list[Reflection]:
    """So many reflections of the reader, a `step` apart, each in a reading of its own."""
    reader = the_reader()
    begun = Reading.objects.by(reader).filter(devotional="on-doors").count()
    rows = []
    for each in range(number):
        reading = Reading.objects.create(
            reader=reader, devotional="on-doors", number=begun + each + 1, begun_at=at
        )
        row = Reflection(
            reader=reader,
            reading=reading,
            section="hinges",
            prompt="turn",
            asked="What does this day turn on?",
            section_digest="",
            begun_at=at,
            written_at=at + each * step,
        )
        row.text = text or f"Number {each + 1}."
        rows.append(row)
    return Reflection.objects.bulk_create(rows)


def shown(browser: Browser, path: str = ALL) -> list[str]:
    """The words on a page of the journal, in their order."""
    answer = browser.get(path)
    assert answer.status_code == 200
    return re.findall(r'<div class="own"[^>]*>(.*?)</div>', answer.content.decode(), re.DOTALL)


def link(browser: Browser, path: str, name: str) -> str:
    """Where the link of that name on a page leads; empty where there is none."""
    html = browser.get(path).content.decode()
    found = re.search(rf'<a [^>]*href="(\?[^"]*)"[^>]*>\s*<b>{name}</b>', html)
    return f"{path.partition('?')[0]}{found[1]}" if found else ""


def entry_of(html: str, reflection: Reflection) -> str:
    return html.partition(f'id="entry-{reflection.pk}"')[2].partition("</article>")[0]


# What it shows


def test_everything_is_there_newest_first(reader: Browser) -> None:
    reader.write("hinges", turn="On a <b>small</b> thing.\n\n  Kept.")
    assert shown(reader) == ["On a &lt;b&gt;small&lt;/b&gt; thing.\n\n  Kept.", CANARY]
    html = reader.get(ALL).content.decode()
    assert re.findall(r"<h3[^>]*>(.*?)</h3>", html) == [
        "What does this day turn on?",
        "Which door is before you?",
    ]


def test_an_entry_leads_on(reader: Browser) -> None:
    first = Reflection.objects.by(the_reader()).get()
    html = reader.get(ALL).content.decode()
    assert re.findall(r'(?:href|action)="(/[^"]+)"', entry_of(html, first)) == [
        "/reflect/on-doors/opening/?reading=1#text-before",
        f"/hinges/mark/{first.pk}/",
        f"/history/{first.pk}/",
        f"/journal/delete/{first.pk}/",
    ]


def test_a_day_is_said_once_and_a_time_through_where_it_changes(reader: Browser) -> None:
    add(2, at=NOON, step=timedelta(0))
    add(1, at=NOON - timedelta(days=2))
    html = reader.get(ALL).content.decode()
    heads = re.findall(r'<header class="day">(.*?)</header>', html, re.DOTALL)
    assert len(heads) == 4
    assert ["<h2>" in head for head in heads] == [True, True, False, True]
    assert ["<p>" in head for head in heads] == [True, True, True, True]
    reader.write("opening", closed="The same evening.")
    html = reader.get(ALL).content.decode()
    heads = re.findall(r'<header class="day">(.*?)</header>', html, re.DOTALL)
    assert ["<h2>" in head for head in heads[:2]] == [True, False]


def test_what_was_written_before_the_newest_time_stands_in_the_shade(reader: Browser) -> None:
    add(1)
    html = reader.get(ALL).content.decode()
    assert re.findall(r'<article class="([^"]+)"', html) == ["answer of-before", "answer"]
    reader.post("/readings/on-doors/begin/")
    for path in (ALL, "/readings/on-doors/"):  # an empty one is not the newest yet
        html = reader.get(path).content.decode()
        assert sorted(re.findall(r'<article class="([^"]+)"', html)) == [
            "answer",
            "answer of-before",
        ]


def test_a_line_that_is_marked_is_lit_in_its_place(reader: Browser) -> None:
    reader.write("opening", before="I waited. He & I talked. It turned.")
    row = Reflection.objects.by(the_reader()).get()
    for quote in ("He & I talked.", "I talked. It", "I waited"):
        at = row.text.index(quote)
        passage = Passage.lifted(row.text, at, at + len(quote))
        assert passage is not None
        hinge = Hinge(reader=row.reader, reflection=row, marked_at=NOON)
        hinge.text = passage.written()
        hinge.save()
    lit = "<mark>I waited</mark>. <mark>He &amp; I talked. It</mark> turned."
    assert shown(reader) == [lit]
    assert "Mark another hinge" in entry_of(reader.get(ALL).content.decode(), row)
    reader.write("opening", before="Quite another thing.")
    assert shown(reader) == ["Quite another thing."]


@pytest.mark.parametrize(
    ("old", "new", "retired"),
    [("{: #hinges", "{: #hooks", "hinges"), ("{: #turn }", "{: #spin }", "hinges/turn")],
)
def test_what_is_gone_from_the_text_is_not_gone_from_here(
    old: str, new: str, retired: str, reader: Browser, content: Path
) -> None:
    reader.write("hinges", turn="On a small thing.")
    change(content, old, new, retired=retired)
    html = reader.get(ALL).content.decode()
    assert "On a small thing." in html
    assert "/reflect/on-doors/hinges/" not in html


def test_a_devotional_that_is_gone_keeps_its_entries(reader: Browser) -> None:
    Reading.objects.update(devotional="on-windows")
    assert shown(reader) == [CANARY]


def test_cleared_boxes_are_not_shown(reader: Browser) -> None:
    reader.write("opening", before="", closed="  \n ")
    assert shown(reader) == []
    assert "Nothing here yet." in plain(reader.get(ALL).content.decode())


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_page_is_filled_whatever_was_cleared(
    text: str, reader: Browser, django_assert_max_num_queries: Any
) -> None:
    add(PAGE)
    for row in add(PAGE * 3, at=NOON + timedelta(days=10), text="x"):
        row.text = text
        row.save()
    with django_assert_max_num_queries(12):
        words = shown(reader)
    assert words[0] == CANARY
    assert words[1:] == [f"Number {PAGE - number}." for number in range(PAGE - 1)]


def test_words_that_do_not_open_cost_one_line(reader: Browser) -> None:
    reader.write("hinges", turn="On a small thing.")
    Reflection.objects.filter(section="hinges").update(sealed=b"\x01" + b"0" * 60)
    said = plain(reader.get(ALL).content.decode())
    assert "This can’t be opened right now" in said
    assert CANARY in said


def test_long_words_are_folded_and_very_long_ones_are_cut(reader: Browser) -> None:
    add(1, text="Short.")
    add(1, text="A long evening. " * 60)
    add(1, text="word " * 4000)
    html = reader.get(ALL).content.decode()
    assert html.count('class="unfold"') == 2
    assert html.count("Read the whole answer") == 1
    assert "A long evening. " * 60 in html
    assert "word " * 2000 + "…" in html


def test_odd_words_are_shown_as_typed(reader: Browser) -> None:
    odd = "👨‍👩‍👧 שלום \u202eright\u202c <script>alert(1)</script> {{ x }} &amp; é"
    reader.write("hinges", turn=odd)
    escaped = odd.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert shown(reader)[0] == escaped


# From page to page


def test_pages_lead_to_each_other_and_lose_nothing(reader: Browser) -> None:
    rows = add(PAGE * 2 + 5)
    expected = [CANARY, *(f"Number {number}." for number in range(len(rows), 0, -1))]
    seen, path, pages = shown(reader), ALL, [ALL]
    while path := link(reader, path, "Earlier"):
        seen += shown(reader, path)
        pages.append(path)
    assert seen == expected
    assert len(pages) == 3
    assert link(reader, ALL, "Newer") == ""
    assert shown(reader, link(reader, pages[2], "Newer")) == shown(reader, pages[1])
    assert shown(reader, link(reader, pages[1], "Newer")) == shown(reader, ALL)


def test_entries_of_one_moment_are_each_shown_once(reader: Browser) -> None:
    add(PAGE * 2, step=timedelta(0))
    seen, path = shown(reader), ALL
    while path := link(reader, path, "Earlier"):
        seen += shown(reader, path)
    assert sorted(seen) == sorted([CANARY, *(f"Number {each + 1}." for each in range(PAGE * 2))])


def test_what_is_written_meanwhile_moves_no_page(reader: Browser) -> None:
    add(PAGE + 10)
    path = link(reader, ALL, "Earlier")
    before = shown(reader, path)
    reader.write("opening", closed="Just now.")
    assert shown(reader, path) == before


def test_a_month_is_one_tap_away_where_one_page_is_not_enough(reader: Browser) -> None:
    add(1, at=datetime(2023, 12, 31, 12, tzinfo=UTC), text="Last day of the year.")
    add(1, at=datetime(2024, 1, 1, 12, tzinfo=UTC), text="New year.")
    add(1, at=datetime(2024, 5, 2, 12, tzinfo=UTC), text="In May.")
    assert "?until=" not in reader.get(ALL).content.decode()
    html = reader.get(f"{ALL}?until=2024").content.decode()
    assert re.findall(r'href="\?until=(\d{4})"', html) == [str(timezone.now().year), "2024", "2023"]
    assert re.findall(r'href="\?until=(\d{4}-\d\d)"', html) == ["2024-05", "2024-01"]
    assert shown(reader, f"{ALL}?until=2024") == ["In May.", "New year.", "Last day of the year."]
    assert shown(reader, f"{ALL}?until=2024-01") == ["New year.", "Last day of the year."]
    assert shown(reader, f"{ALL}?until=2023-12") == ["Last day of the year."]
    assert "Nothing before this date." in plain(reader.get(f"{ALL}?until=2020").content.decode())
    add(PAGE)
    assert "?until=" in reader.get(ALL).content.decode()


def test_a_point_is_shown_among_its_neighbours(reader: Browser) -> None:
    rows = add(PAGE * 2)
    for row, expected in (
        (rows[-1], shown(reader)),
        (rows[5], [f"Number {number}." for number in range(5 + 1 + PAGE // 2, 0, -1)]),
    ):
        html = shown(reader, f"{ALL}?around={Point.of(row)}")
        assert html == expected
        assert row.text in html


def test_the_months_are_those_of_the_reader_to_the_last_moment(
    reader: Browser, other_reader: Browser, settings: Settings
) -> None:
    """By the clock of the server, and whatever others wrote in the months between."""
    settings.TIME_ZONE = "America/New_York"
    me = the_reader()
    Reflection.objects.all().update(written_at=datetime(2025, 2, 1, 4, 59, tzinfo=UTC))
    add(1, at=datetime(2024, 12, 1, 5, tzinfo=UTC))
    Reflection.objects.exclude(reader=me).update(written_at=datetime(2024, 11, 20, tzinfo=UTC))
    newest, before = (months_of(me, glance(me), year) for year in (None, 2024))
    assert newest == Months(2025, months=(date(2025, 1, 1),), years=(2025, 2024))
    assert before == Months(2024, months=(date(2024, 12, 1),), years=(2025, 2024))


def test_the_months_of_nobody_yet(reader: Browser) -> None:
    Reflection.objects.all().delete()
    me = the_reader()
    assert months_of(me, glance(me), None) is None


def test_the_journal_of_one_devotional_is_by_part(reader: Browser) -> None:
    answer = reader.get("/journal/of/on-doors/")
    assert (answer.status_code, answer["Location"]) == (302, "/readings/on-doors/")


@pytest.mark.parametrize(
    "query",
    [
        *("before=x", "before=", "before=20250101T000000000000-x", "before=٢٠٢٥", "after=-"),
        "around=x",
        *("until=0000", "until=9999", "until=9999-12", "until=x", "until=2024-13", "until=2024-1"),
    ],
)
def test_odd_addresses_are_no_error(query: str, reader: Browser) -> None:
    assert reader.get(f"{ALL}?{query}").status_code == 404


def test_a_point_is_read_as_it_was_written() -> None:
    point = Point(datetime(2025, 3, 10, 12, 0, 0, 7, tzinfo=UTC), uuid.uuid4())
    assert Point.named(str(point)) == point


# How much it costs


def test_the_pages_cost_the_same_for_1_3_and_100(
    reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def look() -> None:
        with django_assert_num_queries(6):
            reader.get(ALL)

    look()
    add(2)
    look()
    add(97)
    with django_assert_num_queries(7):  # and the way to a month
        reader.get(ALL)
    with django_assert_num_queries(7):
        reader.get(f"{ALL}?until=2025-03")


def plans(look: Any) -> list[str]:
    """How each query of `look` that asks for reflections is carried out."""
    explain = "EXPLAIN QUERY PLAN"
    if connection.vendor == "postgresql":
        explain = "EXPLAIN"
        with connection.cursor() as cursor:
            # A small table is read from end to end, and sorted, unless that is made to cost more.
            cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    with CaptureQueriesContext(connection) as captured:
        look()
    found = []
    for query in captured.captured_queries:
        if '"devotional_reflection"."sealed"' in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"{explain} {query['sql']}")
                found += [str(row[-1]).strip(" ->") for row in cursor.fetchall()]
    return found


def test_a_page_is_found_by_the_index_and_not_sorted(reader: Browser) -> None:
    add(PAGE * 2)
    mine, library = the_reader(), current_library()
    middle = Point(NOON + timedelta(hours=40))
    for look in (
        lambda: page_before(mine, None, library),
        lambda: page_before(mine, middle, library),
        lambda: page_after(mine, middle, library),
    ):
        steps = plans(look)
        assert steps
        assert any("reflections_by_time" in step for step in steps), steps
        sorting = ("USE TEMP B-TREE", "SCAN", "Sort", "Seq Scan on devotional_reflection")
        assert not any(step.startswith(sorting) for step in steps), steps


# Nobody else's


def test_someone_unknown_is_told_what_will_be_here(
    stranger: Browser, reader: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = stranger.get(ALL)
    assert (answer.status_code, len(answer.cookies)) == (200, 0)
    assert "Nothing here yet." in answer.content.decode()
    assert "canary" not in answer.content.decode()
    assert shown(reader) == [CANARY]


def test_another_reader_sees_their_own(reader: Browser, other_reader: Browser) -> None:
    mine = Reflection.objects.by(the_reader()).get()
    for path in (
        ALL,
        f"{ALL}?around={Point(mine.written_at)}",
        f"{ALL}?after={Point(mine.written_at)}",
        f"{ALL}?until=2099",
    ):
        assert shown(other_reader, path) == ["Words of the other reader."]
        assert "canary" not in other_reader.get(path).content.decode()
    assert shown(reader) == [CANARY]


@pytest.mark.parametrize("path", [ALL, f"{ALL}?until=2024"])
def test_the_pages_are_stored_nowhere_and_change_nothing(path: str, reader: Browser) -> None:
    before = list(Reflection.objects.values()), list(Reader.objects.values())
    assert reader.get(path)["Cache-Control"] == "no-store, private"
    assert reader.head(path).status_code == 200
    assert reader.post(path).status_code == 405
    assert (list(Reflection.objects.values()), list(Reader.objects.values())) == before


def test_the_title_is_said_where_there_is_more_than_one(reader: Browser) -> None:
    def times() -> list[str]:
        html = reader.get(ALL).content.decode()
        return [plain(each) for each in re.findall(r"<p>(.*?time through)</p>", html)]

    assert times() == ["First time through"]
    row = add(1, text="Of another.")[0]
    Reading.objects.filter(pk=row.reading_id).update(devotional="on-windows", number=1)
    assert times() == ["On Doors · First time through", "On windows · First time through"]
