"""A changed template shows without a restart, and so does a list of static files."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.test import RequestFactory
from pytest_django import Settings

from devotional.lib import sources
from devotional.lib.http import public_page
from devotional.lib.sources import forget_sources, sources_version
from devotional.lib.static import StaticFiles


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Templates and static files of this test alone, looked at whenever someone asks."""
    (tmp_path / "templates" / "deep").mkdir(parents=True)
    (tmp_path / "static").mkdir()
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [tmp_path / "templates"],
        }
    ]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {"staticfiles": {"BACKEND": "devotional.lib.static.StaticStorage"}}
    os.utime(tmp_path / "static", (0, 0))
    monkeypatch.setattr(sources, "LOOK_EVERY", 0.0)
    return tmp_path


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    forget_sources()
    yield
    forget_sources()


def write(path: Path, text: str, *, age: float = 60.0) -> None:
    """A file that was changed `age` seconds ago, as all around it was."""
    path.write_text(text)
    then = time.time() - age
    for place in (path, path.parent):
        os.utime(place, (then, then))


def name_static(folder: Path, **names: str) -> None:
    paths = {name.replace("_", "."): path for name, path in names.items()}
    listed = {"paths": paths, "version": "1.1", "hash": "0123456789ab"}
    for path in paths.values():
        (folder / "static" / path).write_text("words")
    write(folder / "static" / "staticfiles.json", json.dumps(listed))


def test_a_changed_template_is_read_anew(folder: Path) -> None:
    page = folder / "templates" / "deep" / "page.html"
    write(page, "one")

    @public_page(version=lambda: "1")
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(render_to_string("deep/page.html"))

    def shown() -> str:
        answer = view(RequestFactory().get("/"))
        assert isinstance(answer, HttpResponse)
        return answer.content.decode()

    assert (shown(), sources_version()) == ("one", 0)
    write(page, "two!", age=50.0)
    assert (shown(), sources_version()) == ("two!", 1)
    assert (shown(), sources_version()) == ("two!", 1)


def test_what_is_still_changing_is_waited_for(folder: Path) -> None:
    page = folder / "templates" / "deep" / "page.html"
    write(page, "one", age=60.0)
    assert sources_version() == 0
    write(page, "two!", age=-60.0)  # a clock ahead of ours: never settled by its time
    assert [sources_version(), sources_version()] == [0, 1]
    write(page, "three", age=-61.0)
    assert sources_version() == 1
    write(page, "fourth", age=-62.0)  # changed again between two looks
    assert [sources_version(), sources_version()] == [1, 2]


def test_static_files_that_have_come_are_named_and_answered(folder: Path) -> None:
    name_static(folder, site_css="site.111111111111.css")
    files = StaticFiles(lambda request: HttpResponse("no file", status=404))
    sources_version()

    def answered(path: str) -> int:
        return int(files(RequestFactory().head(path)).status_code)  # opens no file

    first, second = "/static/site.111111111111.css", "/static/site.222222222222.css"
    assert (static("site.css"), answered(first), answered(second)) == (first, 200, 404)
    name_static(folder, site_css="site.222222222222.css")
    assert sources_version() == 1
    assert (static("site.css"), answered(first), answered(second)) == (second, 200, 200)


def test_nothing_is_looked_at_between_two_looks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LOOK_EVERY", 3600.0)
    sources_version()
    write(folder / "templates" / "page.html", "new")
    assert sources_version() == 0
