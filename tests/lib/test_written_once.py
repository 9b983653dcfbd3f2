"""A query that is written once answers as the query itself would, whatever it is asked with."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from devotional.lib.written_once import written_once
from devotional.readers.models import Reader
from devotional.reflections.models import OnPaper, Reading

pytestmark = pytest.mark.django_db


def make_reader(**columns: Any) -> Reader:
    return Reader.objects.create(consent_version="v1", seen_on=timezone.now().date(), **columns)


def begin(reader: Reader, number: int, devotional: str = "on-doors") -> Reading:
    return Reading.objects.create(
        reader=reader, devotional=devotional, number=number, begun_at=timezone.now()
    )


def readings(*, reader: uuid.UUID, devotional: str, up_to: int) -> QuerySet[Reading]:
    return (
        Reading.objects.filter(reader=reader, devotional=devotional, number__lte=up_to)
        .annotate(
            is_on_paper=Exists(OnPaper.objects.filter(reading=OuterRef("pk"), section="opening")),
            agreed_to=F("reader__consent_version"),
        )
        .order_by("-number")
    )


def told(rows: list[Reading]) -> list[dict[str, Any]]:
    """Every column of them, and what was annotated."""
    hidden = {"_state"}
    return [{key: vars(row)[key] for key in vars(row).keys() - hidden} for row in rows]


def test_it_finds_what_the_query_finds_each_time(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    one, other = make_reader(), make_reader()
    for number in (1, 2, 3):
        begin(one, number)
    begin(one, 1, "on-windows")
    OnPaper.objects.create(reader=one, reading=begin(other, 1), section="opening")
    ask = written_once(readings)
    for reader in (one, other):
        for devotional in ("on-doors", "on-windows", "on-'doors' %s", ""):
            for up_to in (0, 1, 2, 9_999):
                asked: dict[str, Any] = {
                    "reader": reader.id,
                    "devotional": devotional,
                    "up_to": up_to,
                }
                with django_assert_num_queries(1):
                    found = ask(**asked)
                assert told(found) == told(list(readings(**asked))), asked
    assert len(ask(reader=one.id, devotional="on-doors", up_to=2)) == 2
    (marked,) = ask(reader=other.id, devotional="on-doors", up_to=1)
    assert vars(marked)["is_on_paper"]
    assert type(marked.begun_at) is type(timezone.now())


def test_the_query_is_written_when_it_is_first_asked_and_never_again() -> None:
    written: list[str] = []

    def counted(*, devotional: str) -> QuerySet[Reading]:
        written.append(devotional)
        return Reading.objects.filter(devotional=devotional)

    ask = written_once(counted)
    assert not written
    begin(make_reader(), 1)
    assert [len(ask(devotional=each)) for each in ("on-doors", "on-windows", "on-doors")] == [
        1,
        0,
        1,
    ]
    assert len(written) == 1


def one_keyword_twice(*, number: int) -> QuerySet[Reading]:
    return Reading.objects.filter(number__gte=number).exclude(number__gt=number)


def test_a_keyword_may_stand_in_several_places() -> None:
    reader = make_reader()
    for number in (1, 2, 3):
        begin(reader, number)
    assert [one.number for one in written_once(one_keyword_twice)(number=2)] == [2]


def strange(*, devotionals: list[str]) -> QuerySet[Reading]:
    return Reading.objects.filter(devotional__in=devotionals)


def unused(*, devotional: str, number: int) -> QuerySet[Reading]:
    return Reading.objects.filter(devotional=devotional)


def changed(*, devotional: str) -> QuerySet[Reading]:
    return Reading.objects.filter(devotional=devotional.upper())


def related(*, devotional: str) -> QuerySet[Reading]:
    return Reading.objects.filter(devotional=devotional).select_related("reader")


@pytest.mark.parametrize(
    ("query", "given"),
    [
        (strange, {"devotionals": ["on-doors"]}),
        (unused, {"devotional": "on-doors", "number": 1}),
        (changed, {"devotional": "on-doors"}),
        (related, {"devotional": "on-doors"}),
    ],
)
def test_what_would_answer_otherwise_is_refused(
    query: Callable[..., QuerySet[Reading]], given: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match=query.__name__):
        written_once(query)(**given)
