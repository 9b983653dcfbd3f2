"""A ZIP that is made while it is sent."""

import io
import os
import zipfile
from collections.abc import Generator, Iterator
from datetime import datetime

import pytest

from devotional.lib.zip_stream import PART, File, zip_stream

AT = datetime(2026, 3, 3, 14, 2, 8)  # noqa: DTZ001  # a ZIP knows no zones


def incompressible() -> Iterator[str]:
    return (os.urandom(2000).hex() for _number in range(200))


def opened(files: list[File]) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zip_stream(files))))
    assert archive.testzip() is None
    return archive


def test_names_times_and_contents() -> None:
    files = [
        File("plain.txt", AT, ["one ", "two"]),
        File("für שלום.md", AT, ["👋\n"]),
        File("empty.md", AT, []),
        File("huge.json", AT, ["{}"], may_be_huge=True),
    ]
    archive = opened(files)
    assert [(info.filename, info.date_time) for info in archive.infolist()] == [
        (file.name, (2026, 3, 3, 14, 2, 8)) for file in files
    ]
    contents = {name: archive.read(name).decode() for name in archive.namelist()}
    assert list(contents.values()) == ["one two", "👋\n", "", "{}"]
    # UTF-8 is said of names that need it, and who unpacks it may read the files.
    assert [bool(info.flag_bits & 0x800) for info in archive.infolist()] == [False, True] + 2 * [
        False
    ]
    assert {info.external_attr >> 16 & 0o777 for info in archive.infolist()} == {0o644}


@pytest.mark.parametrize(("year", "said"), [(1970, 1980), (1980, 1980), (2107, 2107), (3000, 2107)])
def test_years_that_a_zip_cannot_say(year: int, said: int) -> None:
    [info] = opened([File("a", AT.replace(year=year), [])]).infolist()
    assert info.date_time[0] == said


def test_a_file_is_asked_for_when_its_turn_comes() -> None:
    seen = []

    def files() -> Iterator[File]:
        for name in ("first", "second"):
            seen.append(f"asked for {name}")
            yield File(name, AT, parts(name))

    def parts(name: str) -> Iterator[str]:
        seen.append(f"reads {name}")
        yield "words"

    b"".join(zip_stream(files()))
    assert seen == ["asked for first", "reads first", "asked for second", "reads second"]


def test_no_more_than_a_part_is_held() -> None:
    words = incompressible()
    sent = list(zip_stream([File("long", AT, words)]))
    assert len(sent) > 3
    assert max(map(len, sent)) < 2 * PART


def test_one_that_is_given_up_writes_no_end() -> None:
    words = incompressible()
    stream = zip_stream([File("long", AT, words)])
    assert isinstance(stream, Generator)
    start = next(stream)
    stream.close()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(start))
    assert list(stream) == []
